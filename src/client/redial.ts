// When a lost connection is tried again: at once, then less and less often, until the session's grace is over.
import type { TerminalTimers } from './terminal-timers.ts'

const waitsMs = [0, 500, 1000, 2000, 4000, 5000]
/** A share by which waits differ, so that a gateway that comes back is not met by everybody in one moment. */
const jitter = 0.2
/** A connection that did not last this long has not shown that things are well: the waits go on where they were. */
const steadyAfterMs = 5000

export type RedialParts = {
  timers: TerminalTimers
  /** 0 to 1. */
  random: () => number
  dial: () => void
  /** Attempt 1 is the first; it comes in `nextInMs`, 0 when it is being made now. */
  waiting: (attempt: number, nextInMs: number) => void
  /** The grace is over. */
  gaveUp: () => void
}

export class Redial {
  readonly #parts: RedialParts
  #attempt = 0
  #step = 0
  #until = 0
  #timer: { cancel(): void } | undefined

  constructor(parts: RedialParts) {
    this.#parts = parts
  }

  /** The connection is gone, which lived `livedMs`. */
  begin(graceMs: number, livedMs = 0): void {
    this.#attempt = 0
    if (livedMs >= steadyAfterMs) this.#step = 0
    this.#until = this.#parts.timers.nowMs() + graceMs
    this.failed()
  }

  /** That attempt came to nothing. */
  failed(): void {
    const { timers, random } = this.#parts
    if (this.#attempt > 0 && timers.nowMs() >= this.#until) return this.#parts.gaveUp()
    this.#attempt++
    const wait = waitsMs[Math.min(this.#step++, waitsMs.length - 1)] ?? 0
    const nextInMs = Math.round(wait * (1 - jitter + 2 * jitter * random()))
    if (nextInMs === 0) return this.#dial()
    this.#parts.waiting(this.#attempt, nextInMs)
    this.#timer = timers.after(nextInMs, () => this.#dial())
  }

  /** Ends a wait; nothing when an attempt is being made. */
  now(): void {
    if (!this.#timer) return
    this.#timer.cancel()
    this.#step = Math.min(this.#step, 2)
    this.#dial()
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #dial(): void {
    this.#timer = undefined
    this.#parts.waiting(this.#attempt, 0)
    this.#parts.dial()
  }
}
