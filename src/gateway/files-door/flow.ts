// Writing an answer no faster than it is read.
import type { ServerResponse } from 'node:http'
import { Failure } from '#domain/failure.ts'

/** Whoever takes nothing for so long, though there is something to take, is cut. */
export const stalledMs = 60_000

/** For answers and requests that last: the door's own rules of idleness do not know who is waited for. Who takes nothing is still cut. */
export function onlyReadersStall(response: ServerResponse, ms = stalledMs): void {
  response.setTimeout(ms, () => {
    // Node tells the time without any movement on the socket; what waits to be taken tells for whom it was waited.
    if (response.writableLength > 0 || (response.socket?.writableLength ?? 0) > 0) response.destroy()
  })
}

/** Resolves when there is room for more. Rejects when the reader has gone. `sent`: the bytes have left, and their memory is free. */
export async function written(response: ServerResponse, bytes: Uint8Array | string, sent?: () => void): Promise<void> {
  if (response.destroyed) throw gone()
  if (response.write(bytes, sent)) return
  await new Promise<void>((resolve, reject) => {
    const over = () => {
      response.off('drain', drained)
      reject(gone())
    }
    const drained = () => {
      response.off('close', over)
      resolve()
    }
    response.once('drain', drained)
    response.once('close', over)
  })
}

/** Aborted when the session ends or the reader goes; `stop` when the answer needs it no more. */
export function whileReadBy(response: ServerResponse, session: AbortSignal): AbortSignal {
  const left = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) left.abort(gone())
  })
  return AbortSignal.any([session, left.signal])
}

export const gone = () => new Failure('client_left', 'The download was stopped before all of it was taken.')
