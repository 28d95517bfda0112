// What the API asks about sessions.
import { Failure } from '#domain/failure.ts'
import type { SessionsDesk } from '../http/desks.ts'
import type { Wish } from '../link/link-work.ts'
import type { Store } from '../store/open-store.ts'
import { allSessions, getSession, listSessions } from './session-list.ts'
import type { PendingEnd } from './end-with-sign-in.ts'
import type { Presence } from './presence.ts'
import { askToEnd } from './terminate.ts'
import { listWatches } from './watches.ts'

export type SessionsParts = {
  store: Store
  now(): number
  presence: Presence
  push(gateway: string, wish: Wish): Promise<boolean>
  log(level: 'info' | 'warn', event: string, facts: Record<string, unknown>): void
}

/** Not waited for: the wishes are committed, and a gateway that does not hear one now hears it with its next beat. */
export function pushEnds({ push, log }: Pick<SessionsParts, 'push' | 'log'>, ends: readonly PendingEnd[]): void {
  for (const { gateway, wish } of ends) {
    const about = 'session' in wish ? { session: wish.session } : { watch: wish.watch }
    void push(gateway, wish).then((received) =>
      log(received ? 'info' : 'warn', received ? 'session.push_received' : 'session.push_unanswered', { ...about, gateway }),
    )
  }
}

export function openSessionsDesk({ store, now, presence, push, log }: SessionsParts): SessionsDesk {
  return {
    list: (query) => listSessions(store, query, presence, now()),
    all: (query, most) => allSessions(store, query, most, now()),
    get: (session) => getSession(store, session, presence),
    watches: (session) => listWatches(store, session),
    async terminate(session, reason, by) {
      pushEnds({ push, log }, [await askToEnd(store, session, reason, by, now())])
      const facts = await getSession(store, session, presence)
      if (!facts) throw new Failure('session_not_found', 'There is no such session.')
      return facts
    },
  }
}
