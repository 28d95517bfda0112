// Questions that await an answer from the other side: bounded in number and in time, each settled once.
import { Failure } from '#domain/failure.ts'

type Open<Value> = { resolve(value: Value): void; reject(error: unknown): void }

export class Waiting<Value> {
  readonly #open = new Map<number, Open<Value>>()
  readonly #limit: number
  #lastId = 0
  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#open.size
  }

  /** Calls `ask` with a new id and waits for its answer. Throws `rate_limited` at the limit, `gateway_unavailable` after `timeoutMs`, and the signal's reason. */
  async open(timeoutMs: number, signal: AbortSignal | undefined, ask: (id: number) => void): Promise<Value> {
    signal?.throwIfAborted()
    if (this.#open.size >= this.#limit) throw new Failure('rate_limited', 'Too many questions are waiting for this gateway. Try again in a moment.')
    // Ids wrap at u32; one in use is skipped, and there are never more than `limit` of them.
    do this.#lastId = this.#lastId >= 0xffffffff ? 1 : this.#lastId + 1
    while (this.#open.has(this.#lastId))
    const id = this.#lastId
    const { promise, resolve, reject } = Promise.withResolvers<Value>()
    this.#open.set(id, { resolve, reject })
    const timer = setTimeout(() => reject(new Failure('gateway_unavailable', 'The gateway did not answer in time. Try again.')), timeoutMs)
    const onAbort = () => reject(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      ask(id)
      return await promise
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      this.#open.delete(id)
    }
  }

  /** An answer to what is not (or no longer) asked changes nothing: it may have crossed our timeout. */
  settle(id: number, value: Value): void {
    this.#open.get(id)?.resolve(value)
  }
  fail(id: number, error: Failure): void {
    this.#open.get(id)?.reject(error)
  }
  failAll(error: Failure): void {
    for (const each of this.#open.values()) each.reject(error)
  }
}
