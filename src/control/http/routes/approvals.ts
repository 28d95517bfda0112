// What a terminal waits for, decided by whoever is signed in with a browser.
import type { Call } from '../call.ts'
import type { ApiParts } from '../parts.ts'
import type { Routes } from '../router.ts'
import { keyBy } from './operator-keys.ts'

const decidedBy = (call: Call) => ({ ...keyBy(call), signInId: call.me.signInId })

export function approvalRoutes(routes: Routes['approvals'], { approvals }: ApiParts) {
  return {
    get: routes.get.handler(({ input, context: call }) => approvals.get(input.id, call.me.asker.id)),
    approve: routes.approve.handler(({ input: { id, ...given }, context: call }) => approvals.approve(id, given, decidedBy(call))),
    decline: routes.decline.handler(({ input, context: call }) => approvals.decline(input.id, decidedBy(call))),
  }
}
