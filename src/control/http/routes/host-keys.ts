// Keys that hosts showed instead of the trusted ones: for administrators.
import { decideKeyChange, listKeyChanges, noKeyChange } from '../../assets/key-changes.ts'
import type { ApiParts } from '../parts.ts'
import { mustBePermitted } from '../permission.ts'
import type { Routes } from '../router.ts'

export function keyChangeRoutes(routes: Routes['keyChanges'], parts: ApiParts) {
  return {
    list: routes.list.handler(async ({ input, context: call }) => {
      mustBePermitted(call, { action: 'administer' })
      return await listKeyChanges(parts.store, input)
    }),
    decide: routes.decide.handler(async ({ input: { id, ...decision }, context: call }) => {
      mustBePermitted(call, { action: 'administer' }, noKeyChange())
      await decideKeyChange(parts, id, decision, call.actor)
      return {}
    }),
  }
}
