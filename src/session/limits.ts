import type { EndReason } from '#domain/end-reason.ts'
import type { Clock } from './clock.ts'
import type { NoticeAbout } from './near.ts'

/** How long before a limit the person is told. */
const warnBeforeMs = 60_000
/** The end of a permission is told of earlier, too: work can be saved, and more time asked for. */
const warnEarlyMs = 5 * 60_000
/** A wall clock may be set, and timers do not wait for more than 24.8 days: an end by the wall clock is looked at this often. */
const lookEveryMs = 30_000

/**
 * `idleOn` `input`: output does not count as use. `graceMs`: how long it lives without a connection of its owner, default 15 minutes. `endsAt`: when its permission ends,
 * ms since the epoch.
 */
export type SessionLimits = {
  idleMs: number
  maxMs?: number | undefined
  idleOn?: 'both' | 'input' | undefined
  graceMs?: number | undefined
  endsAt?: number | undefined
}

export type LimitListener = {
  warn: (text: string, about: NoticeAbout) => void
  reached: (reason: Extract<EndReason, 'idle' | 'max_duration' | 'grant_expired'>, text: string) => void
}

/** Ends a session that nobody uses, that has lasted as long as it may, or whose permission is over. One timer; `touched` costs nothing but a note of the time. */
export class Limits {
  readonly #clock: Clock
  readonly #idleMs: number
  readonly #outputCounts: boolean
  readonly #lastsUntil: number
  readonly #listener: LimitListener
  #touchedAt: number
  #warnedFor: number | undefined
  #endsAt: number | undefined
  /** Of the end by the wall clock: which warning was given last, ms before it. */
  #warnedBefore = Infinity
  #timer: { cancel(): void } | undefined
  #isStopped = false

  constructor(limits: SessionLimits, clock: Clock, listener: LimitListener) {
    this.#clock = clock
    this.#idleMs = limits.idleMs
    this.#outputCounts = limits.idleOn !== 'input'
    this.#listener = listener
    this.#touchedAt = clock.nowMs()
    this.#lastsUntil = limits.maxMs === undefined ? Infinity : this.#touchedAt + limits.maxMs
    this.#endsAt = limits.endsAt
    this.#arm()
  }

  get idleForMs(): number {
    return this.#clock.nowMs() - this.#touchedAt
  }

  get endsAt(): number | undefined {
    return this.#endsAt
  }
  /** Whoever was warned of an end is told that it moved away. */
  set endsAt(endsAt: number | undefined) {
    if (endsAt === this.#endsAt || this.#isStopped) return
    const wasWarned = this.#warnedBefore !== Infinity
    const later = (endsAt ?? Infinity) > (this.#endsAt ?? Infinity)
    this.#endsAt = endsAt
    this.#warnedBefore = Infinity
    if (wasWarned && later && this.#leftMs() > warnEarlyMs) this.#listener.warn('You were given more time: this session goes on.', { code: 'grant_prolonged' })
    this.#timer?.cancel()
    this.#look()
  }

  touched(by: 'input' | 'output'): void {
    if (by === 'input' || this.#outputCounts) this.#touchedAt = this.#clock.nowMs()
  }

  /** Somebody sits down, perhaps after the warning was given to nobody. */
  attached(): void {
    if (!this.#isStopped && this.#leftMs() <= warnEarlyMs) this.#warnOfEnd()
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #leftMs(): number {
    return this.#endsAt === undefined ? Infinity : this.#endsAt - this.#clock.wallMs()
  }

  #arm(): void {
    const now = this.#clock.nowMs()
    const ends = Math.min(this.#touchedAt + this.#idleMs, this.#lastsUntil)
    const warns = ends - warnBeforeMs
    const next = this.#warnedFor === ends || warns <= now ? ends : warns
    this.#timer = this.#clock.after(Math.max(1, Math.min(next - now, this.#toEndMs())), () => this.#look())
  }

  /** Until something is due of the end by the wall clock. */
  #toEndMs(): number {
    const left = this.#leftMs()
    if (left === Infinity) return Infinity
    const due = [warnEarlyMs, warnBeforeMs].find((before) => before < this.#warnedBefore && left > before) ?? 0
    return Math.min(Math.max(1, left - due), lookEveryMs)
  }

  #look(): void {
    const now = this.#clock.nowMs()
    const left = this.#leftMs()
    const idleEnds = this.#touchedAt + this.#idleMs
    if (left <= 0) return this.#listener.reached('grant_expired', 'The time for which you were given access to this host is over.')
    if (now >= this.#lastsUntil) return this.#listener.reached('max_duration', 'This session has lasted as long as it may.')
    if (now >= idleEnds) return this.#listener.reached('idle', `Nothing happened for ${minutes(this.#idleMs)}.`)
    const ends = Math.min(idleEnds, this.#lastsUntil)
    if (ends - now <= warnBeforeMs && this.#warnedFor !== ends) {
      this.#warnedFor = ends
      const seconds = Math.round((ends - now) / 1000)
      this.#listener.warn(
        ends === this.#lastsUntil
          ? `This session ends in ${seconds} seconds: it has lasted as long as it may.`
          : `This session ends in ${seconds} seconds unless you type something.`,
        { code: ends === this.#lastsUntil ? 'duration_soon' : 'idle_soon', seconds },
      )
    }
    if ([warnEarlyMs, warnBeforeMs].some((before) => left <= before && before < this.#warnedBefore)) this.#warnOfEnd()
    this.#arm()
  }

  #warnOfEnd(): void {
    const left = this.#leftMs()
    this.#warnedBefore = left <= warnBeforeMs ? warnBeforeMs : warnEarlyMs
    const seconds = Math.max(1, Math.round(left / 1000))
    const span = seconds < 100 ? `${seconds} seconds` : minutes(left)
    this.#listener.warn(`Your access to this host ends in ${span}. Save your work.`, { code: 'grant_ends_soon', seconds, at: this.#clock.wallMs() + left })
  }
}

function minutes(ms: number): string {
  const count = Math.round(ms / 60_000)
  return ms < 60_000 ? `${Math.round(ms / 1000)} seconds` : count === 1 ? 'a minute' : `${count} minutes`
}
