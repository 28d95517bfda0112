// The segment files of one run: made, written, synced, cut back, deleted. It knows bytes and places, no sessions.
import { closeSync, constants, ftruncateSync, mkdirSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { segmentHeader, segmentName, type Place } from './journal-record.ts'

/**
 * Written through `fd`, at once; synced through `handle`: behind the wall of `--permission` Node refuses `fs.fdatasync` of any descriptor,
 * but not `datasync` of a FileHandle, which was opened by asking for the permission. It is kept, so that no error of the disk between two syncs is missed.
 */
type Segment = { number: number; fd: number | undefined; handle: FileHandle | undefined; bytes: number; isDirty: boolean; isSyncing: boolean }

export class JournalFiles {
  readonly folder: string
  readonly #segments = new Map<number, Segment>()
  #current: Segment | undefined
  #last = 0
  #totalBytes = 0
  #folderIsDirty = true
  #unsyncedBytes = 0
  /** Handles of deleted segments, closed with the next sync. */
  #idle: FileHandle[] = []

  /** Makes the folder, for this process alone. Throws what `mkdir` throws. */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    this.folder = folder
  }

  get totalBytes(): number {
    return this.#totalBytes
  }
  get unsyncedBytes(): number {
    return this.#unsyncedBytes
  }
  get isOpen(): boolean {
    return this.#current !== undefined
  }
  /** Where the next byte goes; the last good one when no segment is open. */
  get place(): Place {
    return { segment: this.#last, at: this.#segments.get(this.#last)?.bytes ?? 0 }
  }
  get numbers(): number[] {
    return [...this.#segments.keys()]
  }

  /** Begins a segment with these records. Throws when it cannot be written whole; then it does not exist. */
  begin(records: Uint8Array): void {
    const number = this.#last + 1
    const path = join(this.folder, segmentName(number))
    const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
    const segment: Segment = { number, fd, handle: undefined, bytes: 0, isDirty: false, isSyncing: false }
    this.#last = number
    this.#segments.set(number, segment)
    this.#current = segment
    this.#folderIsDirty = true
    try {
      this.append(Buffer.concat([segmentHeader(number), records]))
    } catch (cause) {
      this.remove(number)
      throw cause
    }
  }

  /** Writes all of it or throws; after a throw the segment ends at its last good byte and is not written again. */
  append(bytes: Uint8Array): void {
    const segment = this.#current
    if (segment?.fd === undefined) throw new Error('the journal has no open segment')
    let written: number
    try {
      written = writeSync(segment.fd, bytes, 0, bytes.length, segment.bytes)
    } catch (cause) {
      this.#cutBack(segment)
      throw cause
    }
    if (written < bytes.length) {
      this.#cutBack(segment)
      throw Object.assign(new Error(`only ${written} of ${bytes.length} bytes were written to the journal`), { code: 'ENOSPC' })
    }
    segment.bytes += bytes.length
    segment.isDirty = true
    this.#totalBytes += bytes.length
    this.#unsyncedBytes += bytes.length
  }

  /** The next `begin` makes a new segment. */
  retire(): void {
    if (this.#current !== undefined) closeSegment(this.#current)
    this.#current = undefined
  }

  /** Makes everything written before the call durable. The caller does not call it again before it has settled. */
  async sync(): Promise<void> {
    const bytes = this.#unsyncedBytes
    const idle = this.#idle
    this.#idle = []
    for (const handle of idle) await handle.close()
    for (const segment of [...this.#segments.values()])
      if (segment.isDirty || (segment.fd === undefined && segment.handle !== undefined)) await this.#syncSegment(segment)
    if (this.#folderIsDirty) {
      this.#folderIsDirty = false
      const handle = await open(this.folder, constants.O_RDONLY | constants.O_DIRECTORY)
      try {
        await handle.sync()
      } finally {
        await handle.close()
      }
    }
    this.#unsyncedBytes -= bytes
  }

  async #syncSegment(segment: Segment): Promise<void> {
    segment.isDirty = false
    segment.isSyncing = true
    try {
      segment.handle ??= await open(join(this.folder, segmentName(segment.number)), constants.O_RDWR)
      await segment.handle.datasync()
    } catch (cause) {
      // Deleted while it was being opened: the shelf has it, it need not be durable here.
      if (this.#segments.get(segment.number) === segment) {
        segment.isDirty = true
        throw cause
      }
    } finally {
      segment.isSyncing = false
    }
    if (segment.fd !== undefined || segment.isDirty || segment.handle === undefined) return
    const { handle } = segment
    segment.handle = undefined
    await handle.close()
  }

  /** Deletes a segment. */
  remove(number: number): void {
    const segment = this.#segments.get(number)
    if (segment === undefined) return
    if (segment === this.#current) this.#current = undefined
    closeSegment(segment)
    // When a sync is at it, `#syncSegment` closes the handle.
    if (segment.handle !== undefined && !segment.isSyncing) {
      this.#idle.push(segment.handle)
      segment.handle = undefined
    }
    segment.isDirty = false
    this.#segments.delete(number)
    this.#totalBytes -= segment.bytes
    unlinkSync(join(this.folder, segmentName(number)))
  }

  #cutBack(segment: Segment): void {
    try {
      if (segment.fd !== undefined) ftruncateSync(segment.fd, segment.bytes)
    } catch {
      // The torn record stays the last thing in the segment: readers stop at it, and nothing is written after it.
    }
    closeSegment(segment)
    this.#current = undefined
  }
}

function closeSegment(segment: Segment): void {
  if (segment.fd !== undefined) closeSync(segment.fd)
  segment.fd = undefined
}
