// The search over everything. What one may not see is not found.
import { viewerOf } from '../../access/sight.ts'
import { findIds, viewHosts, viewSessions } from '../../search/search.ts'
import type { ApiParts } from '../parts.ts'
import type { Routes } from '../router.ts'
import { seesAll, viewFor } from './sessions.ts'

export function searchRoute(routes: Routes, { store, sessions, now }: ApiParts) {
  return {
    search: routes.search.handler(async ({ input, context: call }) => {
      const viewer = await viewerOf(store.db, call.me.asker, now())
      const found = await findIds(store, {
        q: input.q,
        viewer,
        people: seesAll(call),
        ownedBy: seesAll(call) ? undefined : call.me.asker.id,
      })
      const [hosts, shown] = await Promise.all([viewHosts(store, found.hosts, viewer), viewSessions(sessions, found.sessions)])
      return { hosts, people: found.people, sessions: shown.map((session) => viewFor(call, session)) }
    }),
  }
}
