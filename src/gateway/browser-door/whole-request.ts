// How long a body may take. Node's own bound knows one time for all requests, and a piece of a file takes as long as an honest line needs.
import type { IncomingMessage, ServerResponse } from 'node:http'

const wholeWithinMs = 60_000
/** An answer was given without the body: what is still on its way is read for so long, so that the answer arrives. */
const restWithinMs = 10_000

/**
 * Cuts who does not come to the end: after 60 s; a piece of a file (`isPiece`), of which its reader sees that it gets on, 10 s after it was answered. Call it when the head has come.
 */
export function boundWholeRequest(request: IncomingMessage, response: ServerResponse, isPiece: boolean, ms = { wholeWithinMs, restWithinMs }): void {
  const { headers } = request
  if (headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0) return
  let timer: NodeJS.Timeout | undefined
  const cutIn = (afterMs: number) => {
    if (request.complete) return
    timer = setTimeout(() => {
      if (!request.complete) request.socket.destroy()
    }, afterMs)
  }
  const stop = () => clearTimeout(timer)
  request.once('end', stop)
  request.socket.once('close', stop)
  request.once('close', () => request.socket.off('close', stop))
  if (isPiece) response.once('finish', () => cutIn(ms.restWithinMs))
  else cutIn(ms.wholeWithinMs)
}
