// Reads the segments of a run in order, with its own descriptors: while they are written (up to a place that the writer names) or after a crash.
import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import {
  isSegmentHeader,
  maxPayloadBytes,
  readRecord,
  recordHeaderBytes,
  segmentHeaderBytes,
  segmentName,
  type JournalRecord,
  type Place,
} from './journal-record.ts'

const chunkBytes = 1024 * 1024

/** The numbers of the segments in a folder, rising; empty when the folder is gone. */
export function segmentNumbers(folder: string): number[] {
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw cause
  }
  return names
    .flatMap((name) => /^(\d{8})\.journal$/.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((a, b) => a - b)
}

export class JournalReader {
  readonly #folder: string
  readonly #buffer = Buffer.allocUnsafeSlow(chunkBytes + maxPayloadBytes + recordHeaderBytes)
  #fd: number | undefined
  #segment: number
  /** Bytes of the segment that were read from the file, and how many of the last of them wait in the buffer. */
  #at = 0
  #held = 0
  #isTorn = false
  /** Where the segment is begun. */
  #from = segmentHeaderBytes

  constructor(folder: string, firstSegment: number) {
    this.#folder = folder
    this.#segment = firstSegment
  }

  /** The end of the last record that was given out. */
  get place(): Place {
    return { segment: this.#segment, at: this.#at - this.#held }
  }

  /** Goes on at this place, which must be the beginning of a record. */
  seek(place: Place): void {
    this.close()
    this.#segment = place.segment
    this.#from = place.at
  }

  /**
   * Gives the records before `until` to `take`, at most about a MiB of them and none after `take` has returned false; payloads are views that live
   * until `take` returns. Returns true when it came to `until`. A segment that is missing, or torn, is left for the next one. The segment of `until` is being written by this process,
   * which names no place before its bytes stand there: its checksums, for crashes and disks, are not made again. Of a run that is over, `until` is behind the last segment.
   */
  read(until: Place, take: (record: JournalRecord, segment: number) => boolean | void): boolean {
    for (;;) {
      const isLast = this.#segment >= until.segment
      const end = this.#end(isLast ? until.at : Infinity)
      if (end !== undefined && !this.#isTorn && this.#at - this.#held < end && this.#readChunk(end, isLast, take)) return false
      if (isLast) return true
      this.close()
      this.#segment += 1
      this.#from = segmentHeaderBytes
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
    this.#at = this.#held = 0
    this.#isTorn = false
  }

  /** Where to stop in this segment; undefined when the file is not there or is no segment. */
  #end(limit: number): number | undefined {
    if (this.#fd === undefined) {
      try {
        this.#fd = openSync(join(this.#folder, segmentName(this.#segment)), 'r')
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw cause
      }
      const header = Buffer.alloc(segmentHeaderBytes)
      this.#isTorn = readSync(this.#fd, header, 0, segmentHeaderBytes, 0) < segmentHeaderBytes || !isSegmentHeader(header, this.#segment)
      this.#at = this.#from
    }
    return limit === Infinity ? fstatSync(this.#fd).size : limit
  }

  /** Reads up to a MiB and gives out what is whole. Returns false when nothing more will come of this segment. */
  #readChunk(end: number, isOwn: boolean, take: (record: JournalRecord, segment: number) => boolean | void): boolean {
    if (this.#fd === undefined) return false
    const want = Math.min(this.#buffer.length - this.#held, end - this.#at)
    const got = want === 0 ? 0 : readSync(this.#fd, this.#buffer, this.#held, want, this.#at)
    this.#at += got
    const filled = this.#held + got
    let from = 0
    for (;;) {
      const read = readRecord(this.#buffer, from, filled, isOwn)
      if (read === 'torn') this.#isTorn = true
      if (typeof read === 'string') break
      // Set before `take`, so that `place` is after the record while it is taken.
      from = read.next
      this.#held = filled - from
      if (take(read.record, this.#segment) === false) break
    }
    this.#buffer.copyWithin(0, from, filled)
    this.#held = filled - from
    // Bytes that do not become a whole record by the end are the torn tail of a crash.
    return !this.#isTorn && !(got === 0 && from === 0)
  }
}
