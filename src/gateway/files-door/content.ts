// One file as a download: an attachment that is never a page, whole or one range of it.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Failure } from '#domain/failure.ts'
import { securityHeaders } from '../browser-door/security-headers.ts'
import type { Download } from '../files/download.ts'
import { attachmentHeaders } from '../files/file-names.ts'
import type { FilesSession } from '../files/files-session.ts'
import type { Transfer } from '../files/transfer.ts'
import { failureOf } from './answers.ts'
import { type ByteRange, ifRangeHolds, readRange } from './byte-range.ts'
import { whileReadBy, written } from './flow.ts'

/** GET or HEAD. Throws `Failure`, also when the answer has begun: then the caller cuts it. */
export async function answerContent(session: FilesSession, path: string, request: IncomingMessage, response: ServerResponse, secure: boolean): Promise<void> {
  await session.roomForActs()
  session.assertRoomForTransfer()
  const { files } = session
  const real = await files.real(path)
  // Before it is opened, and again with what was opened.
  session.judge('download', real)
  const signal = whileReadBy(response, session.signal)
  let asked = request.method === 'HEAD' ? undefined : await askedRange(session, real, request)
  if (asked === 'unsatisfiable') return unsatisfiable(response, (await files.stat(real)).entry.bytes, secure)
  const stop = new AbortController()
  let download = await files.download(real, asked ?? {}, AbortSignal.any([signal, stop.signal]))
  if (asked && !ifRangeHolds(request.headersDistinct['if-range']?.[0], download.etag)) {
    stop.abort(new Failure('file_changed', 'Another file stands there than the one that was begun.'))
    asked = undefined
    download = await files.download(real, {}, signal)
  }
  const { bytes } = download
  session.judge('download', download.path, bytes)
  const length = asked ? asked.to - asked.from + 1 : bytes
  const headers = {
    ...securityHeaders('data', secure),
    ...attachmentHeaders(real.slice(real.lastIndexOf('/') + 1)),
    'content-length': length,
    'accept-ranges': 'bytes',
    etag: download.etag,
    ...(download.mtime === undefined ? {} : { 'last-modified': new Date(download.mtime * 1000).toUTCString() }),
    ...(asked ? { 'content-range': `bytes ${asked.from}-${asked.to}/${bytes}` } : {}),
  }
  const begin = () => {
    if (!response.headersSent) response.writeHead(asked ? 206 : 200, headers)
  }
  if (request.method === 'HEAD') {
    stop.abort(new Failure('client_left', 'Only the head was asked for.'))
    begin()
    return void response.end()
  }
  const transfer = session.startTransfer({ direction: 'download', path: download.path, bytes: length })
  try {
    await pour(session, download, transfer, { response, begin }, length)
  } catch (cause) {
    transfer.failed(failureOf(cause))
    throw cause
  }
}

type Answer = { response: ServerResponse; begin: () => void }

/** The last piece waits until the host's copy was compared: whoever reads a broken one sees the download fail, of a small one why. */
async function pour(session: FilesSession, download: Download, transfer: Transfer, { response, begin }: Answer, length: number): Promise<void> {
  let sent = 0
  let held: Uint8Array | undefined
  const send = async (bytes: Uint8Array | undefined) => {
    if (!bytes) return
    begin()
    await written(response, bytes, () => download.giveBack(bytes))
  }
  for await (const piece of download.read()) {
    await send(held)
    held = piece
    sent += piece.length
    if (sent > length) throw new Failure('file_changed', 'The file grew while it was read.')
    session.carried('download', piece.length)
    transfer.moveTo(sent)
  }
  transfer.is('checking')
  const { sha256, verified } = await download.whenDone
  if (sent !== length) throw new Failure('file_changed', 'The file became shorter while it was read.')
  if (verified === 'differs') throw new Failure('file_digest_differs', 'What came is not what the host says the file is. Download it again.')
  // An empty one has no piece.
  begin()
  await send(held)
  transfer.done({ bytes: length, sha256, verified })
  response.end()
}

async function askedRange(session: FilesSession, real: string, request: IncomingMessage): Promise<ByteRange | 'unsatisfiable' | undefined> {
  const { range } = request.headers
  if (range === undefined) return undefined
  const asked = readRange(range, (await session.files.stat(real)).entry.bytes)
  // With a condition that fails it is no range at all, and who asks gets the whole file.
  return asked === 'unsatisfiable' && request.headers['if-range'] !== undefined ? undefined : asked
}

function unsatisfiable(response: ServerResponse, bytes: number, secure: boolean): void {
  const body = JSON.stringify({ error: { code: 'range_not_satisfiable', message: `The file has ${bytes} bytes.` } })
  response
    .writeHead(416, {
      ...securityHeaders('data', secure),
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'content-range': `bytes */${bytes}`,
      'cache-control': 'no-store',
    })
    .end(body)
}
