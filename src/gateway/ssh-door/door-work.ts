// What a connection at the SSH door needs of its gateway.
import type { Logger } from 'pino'
import type { Clock } from '#session/clock.ts'
import type { LiveSessions } from '#session/live-sessions.ts'
import type { Report } from '#wire/link.ts'
import type { Link } from '../link/link.ts'
import type { SessionRequest } from '../open-session.ts'

export type DoorWork = {
  link: Pick<Link, 'ask' | 'settings'>
  liveSessions: LiveSessions
  clock: Clock
  /** Resolves when control has it, over as many links as it takes, or has refused it. Never rejects. */
  report(body: Report): Promise<void>
  opening: Pick<SessionRequest, 'link' | 'tapSource' | 'history' | 'screens' | 'log' | 'listeners'>
  /** Aborted when the door takes nothing new any more. */
  closing: AbortSignal
  log: Logger
}

/** `source`: the client's address. `client`: what its program calls itself, without `SSH-2.0-`. */
export type Caller = { source: string; client: string }
