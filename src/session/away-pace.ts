import type { Clock } from './clock.ts'

/** What a program may write while nobody reads it. */
export const awayBytesPerSecond = 1_000_000
const burstBytes = 256 * 1024

/** Slows the host of a session whose owner is away: an abandoned `yes` must not fill the spool in a minute. A leaky bucket with one timer. */
export class AwayPace {
  readonly #clock: Clock
  readonly #changed: () => void
  #level = 0
  #at: number
  #timer: { cancel(): void } | undefined

  /** `changed` is called when `holds` does, except inside `produced` and `stop`. */
  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock
    this.#changed = changed
    this.#at = clock.nowMs()
  }

  /** The host must stand still. */
  get holds(): boolean {
    return this.#timer !== undefined
  }

  produced(bytes: number): void {
    const now = this.#clock.nowMs()
    this.#level = Math.max(0, this.#level - ((now - this.#at) * awayBytesPerSecond) / 1000) + bytes
    this.#at = now
    if (this.#level <= burstBytes || this.#timer) return
    const untilHalfMs = ((this.#level - burstBytes / 2) / awayBytesPerSecond) * 1000
    this.#timer = this.#clock.after(untilHalfMs, () => {
      this.#timer = undefined
      this.#changed()
    })
  }

  /** The owner is back, or the session over. */
  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#level = 0
  }
}
