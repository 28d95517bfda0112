// The side-car index of a recording: one JSON line per block.
import { constants } from 'node:fs'
import { Failure } from '#domain/failure.ts'
import { BlockHeader } from '#wire/link.ts'
import { z } from 'zod'
import { openFile } from './shelf-files.ts'

const IndexLine = z.strictObject({
  ...BlockHeader.shape,
  at: z.number().int().min(0),
  frameBytes: z
    .number()
    .int()
    .min(1)
    .max(2 * 1024 * 1024),
})
export type IndexEntry = z.infer<typeof IndexLine>

/** A line is about 500 bytes; a longer one is none of ours. */
const maxLineBytes = 8 * 1024
const chunkBytes = 64 * 1024

/** All whole lines. Stops at a torn last line. Throws `Failure('recording_incomplete')` at a line that is none, or out of order. */
export async function* readIndex(path: string): AsyncGenerator<IndexEntry> {
  const file = await openFile(path, constants.O_RDONLY)
  if (file === undefined) return
  try {
    let held = Buffer.alloc(0)
    let next = 0
    let place = 0
    for (;;) {
      const chunk = Buffer.allocUnsafeSlow(chunkBytes)
      const { bytesRead } = await file.read(chunk, 0, chunkBytes)
      if (bytesRead === 0) return
      held = Buffer.concat([held, chunk.subarray(0, bytesRead)])
      let from = 0
      for (let feed = held.indexOf(0x0a); feed !== -1; feed = held.indexOf(0x0a, from)) {
        const entry = readLine(held.subarray(from, feed))
        if (entry === undefined || entry.index !== next || entry.at !== place)
          throw new Failure('recording_incomplete', `Line ${next + 1} of the index cannot be read.`)
        yield entry
        next += 1
        place += entry.frameBytes
        from = feed + 1
      }
      held = held.subarray(from)
      if (held.length > maxLineBytes) throw new Failure('recording_incomplete', `Line ${next + 1} of the index is too long.`)
    }
  } finally {
    await file.close()
  }
}

/** The last whole line, and the length of the index up to its end. Undefined when there is none. Throws `Failure('recording_incomplete')` when it is none. */
export async function lastIndexLine(path: string): Promise<{ entry: IndexEntry; bytes: number } | undefined> {
  const file = await openFile(path, constants.O_RDONLY)
  if (file === undefined) return undefined
  try {
    const { size } = await file.stat()
    const from = Math.max(0, size - 2 * maxLineBytes)
    const tail = Buffer.alloc(size - from)
    await file.read(tail, 0, tail.length, from)
    const end = tail.lastIndexOf(0x0a)
    if (end === -1) return undefined
    const begin = end === 0 ? 0 : tail.lastIndexOf(0x0a, end - 1) + 1
    const entry = readLine(tail.subarray(begin, end))
    if (entry === undefined) throw new Failure('recording_incomplete', 'The last line of the index cannot be read.')
    return { entry, bytes: from + end + 1 }
  } finally {
    await file.close()
  }
}

/** The first line whose output goes beyond `offset`, found by halving. Undefined when there is none, or a line on the way cannot be read. */
export async function findIndexLine(path: string, offset: number): Promise<IndexEntry | undefined> {
  const file = await openFile(path, constants.O_RDONLY)
  if (file === undefined) return undefined
  try {
    const chunk = Buffer.allocUnsafeSlow(2 * maxLineBytes)
    /** The first whole line that begins at or after `from`, and where it ends. */
    const lineAfter = async (from: number): Promise<{ entry: IndexEntry; begin: number; end: number } | undefined> => {
      const { bytesRead } = await file.read(chunk, 0, chunk.length, Math.max(from - 1, 0))
      const bytes = chunk.subarray(0, bytesRead)
      // The byte before tells whether a line begins here.
      const skipped = from === 0 ? 0 : bytes.indexOf(0x0a) + 1
      const feed = bytes.indexOf(0x0a, skipped)
      if ((from > 0 && skipped === 0) || feed === -1) return undefined
      const entry = readLine(bytes.subarray(skipped, feed))
      const begin = Math.max(from - 1, 0) + skipped
      return entry === undefined ? undefined : { entry, begin, end: begin + feed - skipped + 1 }
    }
    let low = 0
    let high = (await file.stat()).size
    let found: IndexEntry | undefined
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      const line = await lineAfter(middle)
      if (line === undefined || line.begin >= high) high = middle
      else if (line.entry.toOffset > offset) {
        found = line.entry
        high = middle
      } else low = line.end
    }
    return found
  } finally {
    await file.close()
  }
}

function readLine(line: Buffer): IndexEntry | undefined {
  try {
    const parsed = IndexLine.safeParse(JSON.parse(line.toString('utf8')))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined // not JSON
  }
}
