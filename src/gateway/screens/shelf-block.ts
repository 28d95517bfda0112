// A block that came back from the shelf, as the events that went into it.
import { readCastEvent, readCastHeader } from '#recording/cast-line.ts'
import { linesOf } from '#recording/reader.ts'
import { decompressFrame } from '#recording/zstd-frames.ts'
import { maxCols, maxRows, type Size } from '#session/event.ts'

/** What control answers to `recording-block`. */
export type ShelfBlock = { index: number; fromOffset: number; toOffset: number; fromMs: number; toMs: number; frame: Uint8Array }

/** `atMs` in whole milliseconds. */
export type ShelfEvent = { atMs: number; offset: number; bytes: Uint8Array } | { atMs: number; offset: number; size: Size }

/** Throws `Failure('bad_request' | 'recording_incomplete')` when the block is not what it says. */
export function* shelfEvents(block: ShelfBlock): Generator<ShelfEvent> {
  let { fromOffset: offset } = block
  let atMs: number | undefined
  let followsBytes = false
  for (const line of linesOf(decompressFrame(block.frame))) {
    if (block.index === 0 && atMs === undefined && line.startsWith('{')) {
      readCastHeader(line)
      atMs = 0
      continue
    }
    const event = readCastEvent(line)
    if (event === undefined) continue
    atMs = atMs === undefined ? Math.round(block.fromMs) : atMs + event.intervalMs
    const bytes = event.code === 'b' ? Buffer.from(event.data, 'base64') : event.code === 'o' && !followsBytes ? Buffer.from(event.data, 'utf8') : undefined
    followsBytes = event.code === 'b'
    if (bytes !== undefined) {
      yield { atMs, offset, bytes }
      offset += bytes.length
    }
    const size = event.code === 'r' ? /^(\d{1,4})x(\d{1,4})$/.exec(event.data) : null
    if (size === null) continue
    const [cols, rows] = [Number(size[1]), Number(size[2])]
    if (cols > 0 && cols <= maxCols && rows > 0 && rows <= maxRows) yield { atMs, offset, size: { cols, rows } }
  }
}
