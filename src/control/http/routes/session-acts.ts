// What a session did without a screen: its files for whoever sees it, as in the list of all, the rest for whoever may replay it.
import { forwardsOf, transfersOf } from '../../sessions/list-acts.ts'
import type { ApiParts } from '../parts.ts'
import type { Routes } from '../router.ts'
import { replayableSession, visibleSession } from './sessions.ts'

export function sessionActRoutes(routes: Routes['sessionActs'], parts: ApiParts) {
  return {
    transfers: routes.transfers.handler(async ({ input, context: call }) => transfersOf(parts.store, (await visibleSession(parts, call, input.id)).id)),
    forwards: routes.forwards.handler(async ({ input, context: call }) => forwardsOf(parts.store, (await replayableSession(parts, call, input.id)).id)),
  }
}
