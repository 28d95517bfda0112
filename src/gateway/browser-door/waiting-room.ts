// Those who come while a gateway starts. The kernel hands a new connection to any gateway that listens, ready or not: one that is not lets people wait a moment, since the refusal would be over before it was read.

/** Bounds what strangers can make a starting gateway hold; one more is answered at once. */
const maxWaiting = 1000
/** Starting takes less than a second. Who has waited so long is told why. */
const patienceMs = 5000

export class WaitingRoom {
  #waiting: (() => void)[] = []
  #isOpen = false
  #timer: NodeJS.Timeout | undefined

  /** Calls `enter` when the gateway is ready, at the latest after 5 s, and at once when it is or too many wait. */
  pass(enter: () => void): void {
    if (this.#isOpen || this.#waiting.length >= maxWaiting) return enter()
    this.#waiting.push(enter)
    this.#timer ??= setTimeout(() => this.#empty(), patienceMs)
  }

  /** From now on nobody waits. Idempotent. */
  open(): void {
    this.#isOpen = true
    this.#empty()
  }

  #empty(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const waiting = this.#waiting
    this.#waiting = []
    for (const enter of waiting) enter()
  }
}
