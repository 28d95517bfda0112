// What the API asks about sessions.
import type { MustEnd } from '#wire/link.ts'
import { Failure } from '#domain/failure.ts'
import type { SessionsDesk } from '../http/desks.ts'
import type { Store } from '../store/open-store.ts'
import { getSession, listSessions } from './session-list.ts'
import { askToEnd } from './terminate.ts'

export type SessionsParts = {
  store: Store
  now(): number
  push(gateway: string, mustEnd: MustEnd): Promise<boolean>
  log(level: 'info' | 'warn', event: string, facts: Record<string, unknown>): void
}

export function openSessionsDesk({ store, now, push, log }: SessionsParts): SessionsDesk {
  return {
    list: (query) => listSessions(store, query),
    get: (session) => getSession(store, session),
    async terminate(session, reason, by) {
      const { gateway, mustEnd } = await askToEnd(store, session, reason, by, now())
      // Not waited for: the wish is committed, and a gateway that does not hear it now hears it with its next beat.
      void push(gateway, mustEnd).then((received) =>
        log(received ? 'info' : 'warn', received ? 'session.push_received' : 'session.push_unanswered', { session, gateway }),
      )
      const facts = await getSession(store, session)
      if (!facts) throw new Failure('session_not_found', 'There is no such session.')
      return facts
    },
  }
}
