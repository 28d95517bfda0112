// A stored recording in the formats that people take away. Works on lines, so it serves the shelf and a file alike.
import { Failure } from '#domain/failure.ts'
import { castSeconds } from './cast.ts'
import { readCastEvent, readCastHeader, type CastEvent, type CastHeader } from './cast-line.ts'
import { PlainText } from './plain-text.ts'

export const exportFormats = ['v3', 'v2', 'txt', 'raw'] as const
export type ExportFormat = (typeof exportFormats)[number]

/** asciicast v2: absolute times, `o r m` only; Debian's asciinema 2 reads it. Throws `Failure('recording_incomplete')` at a line that cannot be read. */
export async function* exportV2(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let atMs = 0
  for await (const { header, event } of castEvents(lines)) {
    if (header !== undefined) yield `${JSON.stringify(headerV2(header))}\n`
    if (event === undefined) continue
    atMs += event.intervalMs
    if (event.code === 'o' || event.code === 'r' || event.code === 'm') yield `[${castSeconds(atMs)}, "${event.code}", ${JSON.stringify(event.data)}]\n`
  }
}

/** Text without escape sequences. */
export async function* exportText(lines: AsyncIterable<string>): AsyncGenerator<string> {
  const plain = new PlainText()
  for await (const { event } of castEvents(lines)) {
    const text = event?.code === 'o' ? plain.write(event.data) : ''
    if (text !== '') yield text
  }
  yield plain.end()
}

/** The exact output bytes: `b` where there is one, else `o`. */
export async function* exportRaw(lines: AsyncIterable<string>): AsyncGenerator<Buffer> {
  let followsBytes = false
  for await (const { event } of castEvents(lines)) {
    if (event === undefined) continue
    if (event.code === 'b') yield Buffer.from(event.data, 'base64')
    if (event.code === 'o' && !followsBytes) yield Buffer.from(event.data, 'utf8')
    followsBytes = event.code === 'b'
  }
}

async function* castEvents(lines: AsyncIterable<string>): AsyncGenerator<{ header?: CastHeader; event?: CastEvent }> {
  let isFirst = true
  for await (const line of lines) {
    if (isFirst) {
      yield { header: readCastHeader(line) }
      isFirst = false
      continue
    }
    const event = readCastEvent(line)
    if (event !== undefined) yield { event }
  }
  if (isFirst) throw new Failure('recording_incomplete', 'The recording is empty.')
}

function headerV2(header: CastHeader): Record<string, unknown> {
  return {
    version: 2,
    width: header.term.cols,
    height: header.term.rows,
    ...(header.timestamp === undefined ? {} : { timestamp: header.timestamp }),
    ...(header.title === undefined ? {} : { title: header.title }),
    ...(header.env === undefined ? {} : { env: header.env }),
  }
}
