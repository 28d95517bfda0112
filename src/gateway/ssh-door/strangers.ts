// Who has connected and not signed in: bounded in all and for each address, so that silent connections keep nobody else out.

export const mostStrangers = 100
export const mostStrangersPerSource = 10
/** A client that means it has agreed on keys by then; one that has not makes room for the next. */
const staleAfterMs = 1000

/** One connection that has not signed in. */
export interface Stranger {
  readonly source: string
  /** By `performance.now()`. */
  readonly acceptedAtMs: number
  /** Keys are agreed. */
  readonly isOpened: boolean
  /** Cut for the sake of others. */
  shed(): void
}

export class Strangers {
  readonly #nowMs: () => number
  /** Oldest first. */
  readonly #all = new Set<Stranger>()

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs
  }

  get size(): number {
    return this.#all.size
  }

  /** Whether there is room for it, if need be that of one which has said nothing for a second: of its own address first. The caller `leave`s it once. */
  enter(stranger: Stranger): boolean {
    const same = [...this.#all].filter(({ source }) => source === stranger.source)
    if (same.length >= mostStrangersPerSource && !this.#shedOneOf(same)) return false
    if (this.#all.size >= mostStrangers && !this.#shedOneOf(same) && !this.#shedOneOf([...this.#all])) return false
    this.#all.add(stranger)
    return true
  }

  /** It has signed in, or is gone. Idempotent. */
  leave(stranger: Stranger): void {
    this.#all.delete(stranger)
  }

  #shedOneOf(all: readonly Stranger[]): boolean {
    const stale = all.find((each) => this.#all.has(each) && !each.isOpened && this.#nowMs() - each.acceptedAtMs > staleAfterMs)
    if (!stale) return false
    this.#all.delete(stale)
    stale.shed()
    return true
  }
}
