// The files of recordings that grow, held open: a put costs two writes and two waits for the disk, and no walk through folders.
import { close, closeSync, constants, fdatasync, fstatSync, ftruncate, open, writev } from 'node:fs'
import { promisify } from 'node:util'
import { Failure, isFailure } from '#domain/failure.ts'
import type { RecordingPaths } from './shelf-files.ts'

const fs = { open: promisify(open), close: promisify(close), datasync: promisify(fdatasync), truncate: promisify(ftruncate), writev: promisify(writev) }
const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW

/** Of these each holds two descriptors; the least recently used is closed first, and opened again when it grows. */
const maxOpen = 128

export type Growing = { cast: GrowingFile; index: GrowingFile }

export class GrowingFile {
  readonly #fd: number
  constructor(fd: number) {
    this.#fd = fd
  }

  /** Writes durably at this place and leaves nothing behind it; returns by how much the file has grown. Throws `Failure('disk_full' | 'conflict')` or what writing throws. */
  async writeAt(at: number, parts: readonly Uint8Array[]): Promise<number> {
    // Of an open file, so it waits for no disk.
    const { size } = fstatSync(this.#fd)
    if (size < at) throw new Failure('conflict', 'The recording on the shelf is shorter than its index says: it was altered.')
    return await named(async () => {
      if (size > at) await fs.truncate(this.#fd, at)
      let end = at
      let left = parts.filter((part) => part.length > 0)
      while (left.length > 0) {
        const { bytesWritten } = await fs.writev(this.#fd, left, end)
        end += bytesWritten
        left = behind(left, bytesWritten)
      }
      if (end > at || size > at) await fs.datasync(this.#fd)
      return end - size
    })
  }

  close(): void {
    closeSync(this.#fd)
  }
}

export class GrowingFiles {
  /** Least recently used first. */
  readonly #open = new Map<string, Growing>()
  readonly #isBusy: (session: string) => boolean

  /** Who is busy is not closed: a descriptor that is closed under a write becomes another file's. */
  constructor(isBusy: (session: string) => boolean) {
    this.#isBusy = isBusy
  }

  /** `pathsOf` makes the folders when they are not there. Throws `Failure('recording_incomplete')` when a link stands in the place of a file, `disk_full`, or what opening throws. */
  async of(session: string, pathsOf: () => Promise<RecordingPaths>): Promise<Growing> {
    const known = this.#open.get(session)
    if (known !== undefined) {
      this.#open.delete(session)
      this.#open.set(session, known)
      return known
    }
    const paths = await pathsOf()
    const growing = await named(async () => {
      const cast = await openFile(paths.cast)
      try {
        return { cast: new GrowingFile(cast), index: new GrowingFile(await openFile(paths.index)) }
      } catch (cause) {
        await fs.close(cast)
        throw cause
      }
    })
    this.#open.set(session, growing)
    if (this.#open.size > maxOpen) this.#closeIdle()
    return growing
  }

  /** What is not open is nothing to close. */
  close(session: string): void {
    const growing = this.#open.get(session)
    this.#open.delete(session)
    growing?.cast.close()
    growing?.index.close()
  }

  closeAll(): void {
    for (const session of this.#open.keys()) this.close(session)
  }

  #closeIdle(): void {
    for (const session of this.#open.keys()) {
      if (this.#open.size <= maxOpen) return
      if (!this.#isBusy(session)) this.close(session)
    }
  }
}

async function openFile(path: string): Promise<number> {
  try {
    return await fs.open(path, flags, 0o600)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ELOOP')
      throw new Failure('recording_incomplete', 'A link stands in the place of a file of the recording.', { cause })
    throw cause
  }
}

function behind(parts: readonly Uint8Array[], written: number): Uint8Array[] {
  let left = written
  return parts.flatMap((part) => {
    const skip = Math.min(left, part.length)
    left -= skip
    return skip === part.length ? [] : [part.subarray(skip)]
  })
}

async function named<Result>(act: () => Promise<Result>): Promise<Result> {
  try {
    return await act()
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (!isFailure(cause) && (code === 'ENOSPC' || code === 'EDQUOT')) throw new Failure('disk_full', 'The disk for recordings is full.', { cause })
    throw cause
  }
}
