// The body of a request as it comes, no faster than it is taken. Whoever sends it must get on with it: requests that drip are cut.
import type { IncomingMessage } from 'node:http'
import { Failure } from '#domain/failure.ts'

/** A line of 10 kbit/s manages this. A time in which the host took no more does not count. */
export const usualPace = { leastBytes: 32 * 1024, withinMs: 30_000 }

/** Left early, the request is not destroyed: its refusal is still to be read. Throws `Failure('bad_request')` when the sender is too slow or breaks off; cut when the signal is aborted. */
export async function* readPieces(request: IncomingMessage, signal: AbortSignal, pace = usualPace): AsyncGenerator<Buffer> {
  signal.throwIfAborted()
  let arrived = 0
  let heldMs = 0
  let heldSinceMs: number | undefined
  let isTooSlow = false
  const cut = () => request.destroy()
  const look = setInterval(() => {
    const nowMs = performance.now()
    if (heldSinceMs !== undefined) heldMs += nowMs - heldSinceMs
    isTooSlow = arrived < pace.leastBytes && heldMs < pace.withinMs / 10
    if (isTooSlow) cut()
    arrived = 0
    heldMs = 0
    if (heldSinceMs !== undefined) heldSinceMs = nowMs
  }, pace.withinMs)
  signal.addEventListener('abort', cut, { once: true })
  try {
    for await (const piece of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      arrived += piece.length
      heldSinceMs = performance.now()
      yield piece
      heldMs += performance.now() - heldSinceMs
      heldSinceMs = undefined
    }
  } catch (cause) {
    signal.throwIfAborted()
    throw new Failure('bad_request', isTooSlow ? 'The body came too slowly.' : 'The request broke off.', { cause })
  } finally {
    clearInterval(look)
    signal.removeEventListener('abort', cut)
  }
  if (!request.complete) throw new Failure('bad_request', 'The request broke off.')
}

const restWithinMs = 10_000
const restBytes = 32 * 1024 * 1024

/**
 * Reads what is left of a body that is refused: many clients hear an answer only once they have sent all, and a connection that closes with bytes unread takes the answer with it. Resolves
 * at its end, or when that takes too long or too much; never rejects.
 */
export async function passOver(request: IncomingMessage, within = { restWithinMs, restBytes }): Promise<void> {
  if (request.complete || request.destroyed) return
  let left = within.restBytes
  await new Promise<void>((resolve) => {
    const over = () => {
      clearTimeout(timer)
      request.off('data', count).off('end', over).off('close', over).off('error', over)
      resolve()
    }
    const count = (piece: Buffer) => {
      left -= piece.length
      if (left < 0) over()
    }
    const timer = setTimeout(over, within.restWithinMs)
    request.on('data', count).on('end', over).on('close', over).on('error', over).resume()
  })
}
