// What a session did without a screen: for whoever may replay it.
import { forwardsOf, transfersOf } from '../../sessions/list-acts.ts'
import type { ApiParts } from '../parts.ts'
import type { Routes } from '../router.ts'
import { replayableSession } from './sessions.ts'

export function sessionActRoutes(routes: Routes['sessionActs'], parts: ApiParts) {
  return {
    transfers: routes.transfers.handler(async ({ input, context: call }) => transfersOf(parts.store, (await replayableSession(parts, call, input.id)).id)),
    forwards: routes.forwards.handler(async ({ input, context: call }) => forwardsOf(parts.store, (await replayableSession(parts, call, input.id)).id)),
  }
}
