// From an Admission to a live session: tap, dial, host key, sign-in, shell. Nothing is dialled without an Admission.
import { Failure, isFailure, type FailureCode } from '#domain/failure.ts'
import type { HostKey } from '#domain/host-key.ts'
import type { SessionEnd } from '#domain/session.ts'
import type { Clock } from '#session/clock.ts'
import type { Size } from '#session/event.ts'
import type { Far } from '#session/far.ts'
import type { OutputHistory } from '#session/history.ts'
import { type EndWish, type LiveSession, type LiveSessions, wordsOf } from '#session/live-sessions.ts'
import type { Near } from '#session/near.ts'
import type { ScreenSource } from '#session/screens.ts'
import { Session, type SessionReport } from '#session/session.ts'
import type { Tap, TapSource } from '#session/tap.ts'
import type { Admission, AskLink, Log, Prompter } from './admission.ts'
import { dialFar } from './far/dial.ts'
import type { ConnectionRequest } from './far/host-connection.ts'
import { failedOpening } from './failed-opening.ts'
import type { Listeners } from './far/reach.ts'

export type SessionRequest = {
  admission: Admission
  near: Near
  link: AskLink
  prompter: Prompter
  tapSource: TapSource
  history: OutputHistory
  screens: ScreenSource
  liveSessions: LiveSessions
  size: Size
  term: string
  clock: Clock
  /** The person went away, or the process shuts down: the dial stops. After the session is open, use `NearControls.gone` and `LiveSessions`. */
  signal: AbortSignal
  log: Log
  /** Sallyport's own addresses, which are never dialled. */
  listeners: Listeners
  /** How the host's terminal is reached; by default over a connection of its own. Throws as `dialFar`. */
  openFar?: (request: ConnectionRequest) => Promise<{ far: Far; hostKey: HostKey }>
  /** Called once per Admission, whether the terminal opened or not: the report `ended` for control. */
  onEnded: (report: SessionReport) => void
}

/** `hostKey`: the key that was judged. The session hands over no output until `session.begin()` has been called, so that WELCOME goes first. */
export type OpenedSession = { session: Session; hostKey: HostKey }

// The end event of a session that never opened is awaited no longer than this.
const endAcceptedWithinMs = 1000

/**
 * Opens the tap, dials, judges the host key, authenticates and asks for the shell. Throws `Failure` (`host_unreachable`, `host_refused`, `host_timeout`,
 * `host_not_ssh`, `host_banner_too_large`, `host_protocol_error`, `host_key_unknown`, `host_key_changed`, `auth_failed`, `channel_refused`, `address_not_allowed`,
 * `too_many_sessions`, `recording_failed`, `disk_full`, `control_unreachable`) after the end stands in the tap and `onEnded` has been called.
 * The Near is told the end (`ended`), also of a session that never opened; the failure that is thrown says more, both fingerprints among it.
 */
export async function openSession(request: SessionRequest): Promise<OpenedSession> {
  const { admission, clock, liveSessions, tapSource, size, term } = request
  const opening = new Opening(admission, clock, request.signal)
  if (!liveSessions.add(opening)) {
    const cause = new Failure('too_many_sessions', 'This gateway holds as many sessions as it can. Try again later.')
    report(request, endFor(cause, request.signal, clock))
    throw cause
  }
  let tap: Tap | undefined
  try {
    const startedAt = clock.wallMs()
    const startedMs = clock.nowMs()
    const title = `${admission.target.username}@${admission.asset.name}`
    // Before the dial: a session whose recording cannot be written does not touch the host.
    tap = tapSource.open({ session: admission.session, startedAt, size, term, title })
    // The session listens for this itself, once there is one.
    tap.onFailed = (failure) => opening.fail(failure)
    const dial = { ...request, signal: opening.signal, accepted: (host: string, key: HostKey) => tellAccepted(request, host, key) }
    const { far, hostKey } = await (request.openFar ? request.openFar(dial) : dialFar(dial))
    if (opening.failure) {
      far.close()
      throw opening.failure
    }
    const { near, history, screens, onEnded } = request
    // Its permission may have been changed while the host was dialled.
    const limits = { ...admission.limits, endsAt: opening.endsAt }
    const session = new Session({
      id: admission.session,
      far,
      near,
      tap,
      history,
      screens,
      clock,
      size,
      startedMs,
      limits,
      onEnded,
    })
    liveSessions.replace(opening, session)
    if (opening.wish) {
      // It came in the very turn in which the shell opened, when there was no dial left to break off.
      session.terminate(opening.wish)
      void session.whenEnded.then(opening.ended)
    } else opening.ended()
    request.log.info({ session: admission.session, hostKey: hostKey.fingerprint }, 'session opened')
    return { session, hostKey }
  } catch (cause) {
    const wish = opening.wish
    const end = wish ? wishedEnd(wish, clock) : endFor(cause, request.signal, clock)
    request.log.warn({ session: admission.session, reason: end.reason, failure: end.failure }, 'session did not open')
    if (tap) await recordEnd(tap, end, clock.nowMs() - opening.startedMs, clock)
    report(request, end)
    opening.ended()
    throw isFailure(cause) ? cause : new Failure((end.failure as FailureCode | undefined) ?? 'internal', end.message, { cause })
  }
}

function tellAccepted(request: SessionRequest, host: string, { type, fingerprint }: HostKey): void {
  const text = `The key of ${host} was not checked, as its policy says. It shows ${type} ${fingerprint}.`
  request.near.notice('warning', text, { code: 'host_key_accepted', host, fingerprint })
}

/** Holds the session's place, so that it can be ended while its host is being dialled. */
class Opening implements LiveSession {
  readonly id: string
  readonly bytesIn = 0
  readonly bytesOut = 0
  readonly watchers = 0
  readonly isAway = false
  endsAt: number | undefined
  readonly startedMs: number
  readonly whenEnded: Promise<void>
  readonly signal: AbortSignal
  wish: EndWish | undefined
  failure: Failure | undefined
  ended = () => {}
  readonly #clock: Clock
  readonly #abort = new AbortController()

  constructor(admission: Admission, clock: Clock, signal: AbortSignal) {
    this.id = admission.session
    this.endsAt = admission.limits.endsAt
    this.#clock = clock
    this.startedMs = clock.nowMs()
    this.signal = AbortSignal.any([signal, this.#abort.signal])
    this.whenEnded = new Promise((resolve) => (this.ended = resolve))
  }
  get idleMs(): number {
    return this.#clock.nowMs() - this.startedMs
  }
  /** What cannot be recorded is not opened. */
  fail(cause: unknown): void {
    this.failure ??= isFailure(cause) ? cause : new Failure('recording_failed', 'This session must be recorded and its recording cannot be written.', { cause })
    this.#abort.abort(this.failure)
  }
  /** Nothing runs yet. */
  deny(): void {}
  terminate(wish: EndWish): void {
    if (this.wish) return
    this.wish = wish
    this.#abort.abort(new Failure('gateway_unavailable', wordsOf(wish)))
  }
}

function endFor(cause: unknown, signal: AbortSignal, clock: Clock): SessionEnd {
  if (signal.aborted) return { reason: 'owner_gone', message: 'The person left before the terminal opened.', at: clock.wallMs() }
  return { ...failedOpening(cause), at: clock.wallMs() }
}

const wishedEnd = (wish: EndWish, clock: Clock): SessionEnd => ({
  reason: wish.reason,
  message: wordsOf(wish).slice(0, 2000),
  at: clock.wallMs(),
})

function report(request: SessionRequest, end: SessionEnd): void {
  request.near.ended(end)
  request.onEnded({ id: request.admission.session, end, bytesIn: 0, bytesOut: 0 })
}

function recordEnd(tap: Tap, end: SessionEnd, atMs: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      timer.cancel()
      tap.close()
      resolve()
    }
    const timer = clock.after(endAcceptedWithinMs, finish)
    tap.onFailed = finish
    tap.accept({ kind: 'end', atMs, offset: 0, end }, finish)
  })
}
