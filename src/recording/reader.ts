// Reading a recording from a shelf: frame by frame, within bounds, never whole.
import { Failure } from '#domain/failure.ts'
import { exportRaw, exportText, exportV2, type ExportFormat } from './export.ts'
import type { Shelf } from './shelf.ts'
import { decompressFrame } from './zstd-frames.ts'

/** A chunk of an export that is made of lines: what a socket likes. */
const chunkChars = 64 * 1024

/** The text of each block in order. Throws `Failure('recording_not_found')` when nothing was put, `bad_request` when a frame is damaged. */
export async function* castText(shelf: Shelf, session: string, fromIndex = 0): AsyncGenerator<Buffer> {
  if ((await shelf.state(session)) === undefined) throw new Failure('recording_not_found', 'There is no such recording.')
  for await (const frame of shelf.frames(session, fromIndex)) yield decompressFrame(frame)
}

/** Lines without their line feeds: the header, then events. A block holds whole lines. */
export async function* castLines(shelf: Shelf, session: string): AsyncGenerator<string> {
  for await (const text of castText(shelf, session)) yield* linesOf(text)
}

export function* linesOf(text: Buffer): Generator<string> {
  for (let at = 0; at < text.length;) {
    const feed = text.indexOf(0x0a, at)
    const end = feed === -1 ? text.length : feed
    yield text.toString('utf8', at, end)
    at = end + 1
  }
}

/** A recording in a format, as bytes to send; live ones as far as they are on the shelf. Throws like `castText` and the format's function. */
export function exportRecording(shelf: Shelf, session: string, format: ExportFormat): AsyncIterable<Uint8Array> {
  switch (format) {
    case 'v3':
      return castText(shelf, session)
    case 'v2':
      return inChunks(exportV2(castLines(shelf, session)))
    case 'txt':
      return inChunks(exportText(castLines(shelf, session)))
    case 'raw':
      return exportRaw(castLines(shelf, session))
    default:
      return format satisfies never
  }
}

/** Bytes `from` (inclusive) to `to` (exclusive) of the v3 text, decoding only the blocks that hold them. The caller has checked them against the size. */
export async function* castRange(shelf: Shelf, session: string, from: number, to: number): AsyncGenerator<Uint8Array> {
  let at = 0
  let first = 0
  const index = await shelf.index(session)
  for (const block of index) {
    if (at + block.castBytes > from) break
    at += block.castBytes
    first += 1
  }
  if (first === index.length) return
  for await (const text of castText(shelf, session, first)) {
    if (at >= to) return
    yield text.subarray(Math.max(0, from - at), to - at)
    at += text.length
  }
}

async function* inChunks(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  let held = ''
  for await (const text of texts) {
    held += text
    if (held.length < chunkChars) continue
    yield Buffer.from(held, 'utf8')
    held = ''
  }
  if (held !== '') yield Buffer.from(held, 'utf8')
}
