// Recognises something on the way that ends every connection after the same time, as a proxy with a time limit does.

/** Three in a row; twice is chance. */
const cutsNeeded = 3
const alikeShare = 0.1
const alikeMs = 1000
/** A gateway that answers this soon was not the one that was gone. */
const atOnceMs = 3000
export const leastLifetimeMs = 5000

export class CutPattern {
  readonly #leastMs: number
  #lifetimes: number[] = []
  #pending: number | undefined
  #hasTold = false

  constructor(leastMs = leastLifetimeMs) {
    this.#leastMs = leastMs
  }

  /** A connection that had been welcomed ended uncleanly after this long. */
  cut(livedMs: number): void {
    this.#pending = livedMs
  }

  /** The gateway welcomed us again, so long after the cut. Returns the seconds after which connections are cut, once, when it is plain. */
  answered(afterMs: number): number | undefined {
    const lived = this.#pending
    this.#pending = undefined
    if (lived === undefined) return undefined
    if (lived < this.#leastMs || afterMs > atOnceMs) {
      this.#lifetimes = []
      return undefined
    }
    this.#lifetimes = [...this.#lifetimes, lived].slice(-cutsNeeded)
    const longest = Math.max(...this.#lifetimes)
    const isAlike = longest - Math.min(...this.#lifetimes) <= Math.max(alikeMs, longest * alikeShare)
    if (this.#hasTold || this.#lifetimes.length < cutsNeeded || !isAlike) return undefined
    this.#hasTold = true
    return Math.round(this.#lifetimes.reduce((sum, one) => sum + one, 0) / this.#lifetimes.length / 1000)
  }
}
