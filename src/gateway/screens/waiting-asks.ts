/** What was asked of a worker, by number, until it answers or nobody waits any more. */
export class WaitingAsks<Answer> {
  readonly #waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (cause: unknown) => void }>()
  readonly #most: number
  #lastId = 0

  constructor(most: number) {
    this.#most = most
  }

  get isFull(): boolean {
    return this.#waiting.size >= this.#most
  }
  get size(): number {
    return this.#waiting.size
  }

  /** Rejects with the signal's reason when that comes first; then `leave` says that nobody waits. */
  async ask(signal: AbortSignal, send: (id: number) => void, leave?: (id: number) => void): Promise<Answer> {
    const id = (this.#lastId += 1)
    const answer = Promise.withResolvers<Answer>()
    this.#waiting.set(id, answer)
    const aborted = () => {
      this.#waiting.delete(id)
      leave?.(id)
      answer.reject(signal.reason)
    }
    signal.addEventListener('abort', aborted, { once: true })
    try {
      send(id)
      return await answer.promise
    } finally {
      this.#waiting.delete(id)
      signal.removeEventListener('abort', aborted)
    }
  }

  /** An answer for which nobody waits is dropped. */
  settle(id: number, answer: Answer): void {
    this.#waiting.get(id)?.resolve(answer)
  }
  fail(id: number, cause: unknown): void {
    this.#waiting.get(id)?.reject(cause)
  }
  settleAll(answer: Answer): void {
    for (const { resolve } of this.#waiting.values()) resolve(answer)
  }
  failAll(cause: unknown): void {
    for (const { reject } of this.#waiting.values()) reject(cause)
  }
}
