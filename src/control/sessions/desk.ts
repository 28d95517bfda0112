// What the API asks about sessions.
import type { MustEnd } from '#wire/link.ts'
import { Failure } from '#domain/failure.ts'
import type { SessionsDesk } from '../http/desks.ts'
import type { Store } from '../store/open-store.ts'
import { getSession, listSessions } from './session-list.ts'
import type { PendingEnd } from './end-with-sign-in.ts'
import { askToEnd } from './terminate.ts'

export type SessionsParts = {
  store: Store
  now(): number
  push(gateway: string, mustEnd: MustEnd): Promise<boolean>
  log(level: 'info' | 'warn', event: string, facts: Record<string, unknown>): void
}

/** Not waited for: the wishes are committed, and a gateway that does not hear one now hears it with its next beat. */
export function pushEnds({ push, log }: Pick<SessionsParts, 'push' | 'log'>, ends: readonly PendingEnd[]): void {
  for (const { gateway, mustEnd } of ends)
    void push(gateway, mustEnd).then((received) =>
      log(received ? 'info' : 'warn', received ? 'session.push_received' : 'session.push_unanswered', { session: mustEnd.session, gateway }),
    )
}

export function openSessionsDesk({ store, now, push, log }: SessionsParts): SessionsDesk {
  return {
    list: (query) => listSessions(store, query),
    get: (session) => getSession(store, session),
    async terminate(session, reason, by) {
      pushEnds({ push, log }, [await askToEnd(store, session, reason, by, now())])
      const facts = await getSession(store, session)
      if (!facts) throw new Failure('session_not_found', 'There is no such session.')
      return facts
    },
  }
}
