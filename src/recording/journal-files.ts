// The segment files of one run: made, written, synced, cut back, deleted. It knows bytes and places, no sessions.
import { closeSync, constants, fdatasync, fsync, ftruncateSync, mkdirSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { segmentHeader, segmentName, type Place } from './journal-record.ts'

const sync = promisify(fdatasync)
const syncFolder = promisify(fsync)

type Segment = { number: number; fd: number; bytes: number; isDirty: boolean; isRetired: boolean; isClosed: boolean }

export class JournalFiles {
  readonly folder: string
  readonly #segments = new Map<number, Segment>()
  #current: Segment | undefined
  #last = 0
  #totalBytes = 0
  #folderIsDirty = true
  #unsyncedBytes = 0

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
    const segment: Segment = { number, fd, bytes: 0, isDirty: false, isRetired: false, isClosed: false }
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
    if (segment === undefined) throw new Error('the journal has no open segment')
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
    if (this.#current === undefined) return
    this.#current.isRetired = true
    this.#close(this.#current)
    this.#current = undefined
  }

  /** Makes everything written before the call durable. The caller does not call it again before it has settled. */
  async sync(): Promise<void> {
    const bytes = this.#unsyncedBytes
    for (const segment of [...this.#segments.values()]) {
      if (!segment.isDirty || segment.isClosed) continue
      segment.isDirty = false
      this.#syncing = segment
      try {
        await sync(segment.fd)
      } catch (cause) {
        segment.isDirty = true
        throw cause
      } finally {
        this.#syncing = undefined
        this.#close(segment)
      }
    }
    if (this.#folderIsDirty) {
      this.#folderIsDirty = false
      const fd = openSync(this.folder, constants.O_RDONLY | constants.O_DIRECTORY)
      try {
        await syncFolder(fd)
      } finally {
        closeSync(fd)
      }
    }
    this.#unsyncedBytes -= bytes
  }
  #syncing: Segment | undefined

  /** Deletes a segment that is not the current one. */
  remove(number: number): void {
    const segment = this.#segments.get(number)
    if (segment === undefined) return
    if (segment === this.#current) this.#current = undefined
    segment.isRetired = true
    segment.isDirty = false
    this.#segments.delete(number)
    this.#totalBytes -= segment.bytes
    this.#close(segment)
    unlinkSync(join(this.folder, segmentName(number)))
  }

  #cutBack(segment: Segment): void {
    try {
      ftruncateSync(segment.fd, segment.bytes)
    } catch {
      // The torn record stays the last thing in the segment: readers stop at it, and nothing is written after it.
    }
    segment.isRetired = true
    this.#current = undefined
    this.#close(segment)
  }

  /** A retired segment is closed when it is durable and no sync holds its descriptor. */
  #close(segment: Segment): void {
    if (!segment.isRetired || segment.isDirty || segment.isClosed || segment === this.#syncing) return
    segment.isClosed = true
    closeSync(segment.fd)
  }
}
