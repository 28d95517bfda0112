// Grants: administrators alone. Who is granted what they may do themselves is not asked: an administrator may grant all, also to themselves, and the ledger says so (ADR 20).
import { getGrant, listGrants } from '../../access/grant-views.ts'
import { createGrant, noGrant, removeGrant, replaceGrant } from '../../access/write-grant.ts'
import type { Call } from '../call.ts'
import type { ApiParts } from '../parts.ts'
import { mustBePermitted } from '../permission.ts'
import type { Routes } from '../router.ts'

function administerOne(call: Call): void {
  mustBePermitted(call, { action: 'administer' }, noGrant())
}

export function grantRoutes(routes: Routes['grants'], parts: ApiParts) {
  return {
    list: routes.list.handler(async ({ input, context: call }) => {
      mustBePermitted(call, { action: 'administer' })
      return await listGrants(parts.store.db, input, parts.now())
    }),
    get: routes.get.handler(async ({ input, context: call }) => {
      administerOne(call)
      const grant = await getGrant(parts.store.db, input.id, parts.now())
      if (!grant) throw noGrant()
      return grant
    }),
    create: routes.create.handler(async ({ input, context: call }) => {
      mustBePermitted(call, { action: 'administer' })
      return await createGrant(parts, input, call.actor)
    }),
    replace: routes.replace.handler(async ({ input: { id, ...input }, context: call }) => {
      administerOne(call)
      return await replaceGrant(parts, id, input, call.actor)
    }),
    remove: routes.remove.handler(async ({ input, context: call }) => {
      administerOne(call)
      await removeGrant(parts, input.id, call.actor)
      return {}
    }),
  }
}
