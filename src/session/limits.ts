import type { Clock } from './clock.ts'
import type { NoticeAbout } from './near.ts'

/** How long before a limit the person is told. */
const warnBeforeMs = 60_000

/** `idleOn` `input`: output does not count as use. `graceMs`: how long it lives without a connection of its owner, default 15 minutes. */
export type SessionLimits = { idleMs: number; maxMs?: number | undefined; idleOn?: 'both' | 'input' | undefined; graceMs?: number | undefined }

export type LimitListener = {
  warn: (text: string, about: NoticeAbout) => void
  reached: (reason: 'idle' | 'max_duration', text: string) => void
}

/** Ends a session that nobody uses, or that has lasted as long as it may. One timer; `touched` costs nothing but a note of the time. */
export class Limits {
  readonly #clock: Clock
  readonly #idleMs: number
  readonly #outputCounts: boolean
  readonly #endsAt: number
  readonly #listener: LimitListener
  #touchedAt: number
  #warnedFor: number | undefined
  #timer: { cancel(): void } | undefined

  constructor(limits: SessionLimits, clock: Clock, listener: LimitListener) {
    this.#clock = clock
    this.#idleMs = limits.idleMs
    this.#outputCounts = limits.idleOn !== 'input'
    this.#listener = listener
    this.#touchedAt = clock.nowMs()
    this.#endsAt = limits.maxMs === undefined ? Infinity : this.#touchedAt + limits.maxMs
    this.#arm()
  }

  get idleForMs(): number {
    return this.#clock.nowMs() - this.#touchedAt
  }

  touched(by: 'input' | 'output'): void {
    if (by === 'input' || this.#outputCounts) this.#touchedAt = this.#clock.nowMs()
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #arm(): void {
    const now = this.#clock.nowMs()
    const ends = Math.min(this.#touchedAt + this.#idleMs, this.#endsAt)
    const warns = ends - warnBeforeMs
    const next = this.#warnedFor === ends || warns <= now ? ends : warns
    this.#timer = this.#clock.after(Math.max(1, next - now), () => this.#look())
  }

  #look(): void {
    const now = this.#clock.nowMs()
    const idleEnds = this.#touchedAt + this.#idleMs
    if (now >= this.#endsAt) return this.#listener.reached('max_duration', 'This session has lasted as long as it may.')
    if (now >= idleEnds) return this.#listener.reached('idle', `Nothing happened for ${minutes(this.#idleMs)}.`)
    const ends = Math.min(idleEnds, this.#endsAt)
    if (ends - now <= warnBeforeMs && this.#warnedFor !== ends) {
      this.#warnedFor = ends
      const seconds = Math.round((ends - now) / 1000)
      this.#listener.warn(
        ends === this.#endsAt
          ? `This session ends in ${seconds} seconds: it has lasted as long as it may.`
          : `This session ends in ${seconds} seconds unless you type something.`,
        { code: ends === this.#endsAt ? 'duration_soon' : 'idle_soon', seconds },
      )
    }
    this.#arm()
  }
}

function minutes(ms: number): string {
  const count = Math.round(ms / 60_000)
  return ms < 60_000 ? `${Math.round(ms / 1000)} seconds` : count === 1 ? 'a minute' : `${count} minutes`
}
