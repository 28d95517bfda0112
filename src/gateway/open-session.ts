// From an Admission to a live session: tap, dial, host key, sign-in, shell. Nothing is dialled without an Admission.
import type { HostKey } from '#domain/host-key.ts'
import type { Clock } from '#session/clock.ts'
import type { Size } from '#session/event.ts'
import type { LiveSessions } from '#session/live-sessions.ts'
import type { Near } from '#session/near.ts'
import type { Session, SessionReport } from '#session/session.ts'
import type { TapSource } from '#session/tap.ts'
import type { Admission, AskLink, Log, Prompter } from './admission.ts'

export type SessionRequest = {
  admission: Admission
  near: Near
  link: AskLink
  prompter: Prompter
  tapSource: TapSource
  liveSessions: LiveSessions
  size: Size
  term: string
  clock: Clock
  /** The person went away, or the process shuts down: the dial stops. After the session is open, use `NearControls.gone` and `LiveSessions`. */
  signal: AbortSignal
  log: Log
  /** Sallyport's own addresses, which are never dialled. */
  listeners: readonly { host: string; port: number }[]
  /** Called once per Admission, whether the terminal opened or not: the report `ended` for control. */
  onEnded: (report: SessionReport) => void
}

/** `hostKey`: the fingerprint that was judged. The session hands over no output until `session.begin()` has been called, so that WELCOME goes first. */
export type OpenedSession = { session: Session; hostKey: HostKey }

/**
 * Opens the tap, dials, judges the host key, authenticates and asks for the shell. Throws `Failure` (`host_unreachable`, `host_refused`, `host_timeout`,
 * `host_not_ssh`, `host_banner_too_large`, `host_protocol_error`, `host_key_unknown`, `host_key_changed`, `auth_failed`, `channel_refused`, `address_not_allowed`,
 * `too_many_sessions`, `recording_failed`, `disk_full`, `control_unreachable`) after the end stands in the tap and `onEnded` has been called.
 */
export declare function openSession(request: SessionRequest): Promise<OpenedSession>
