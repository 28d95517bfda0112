// Groups of people: administrators alone.
import { getGroup, listGroups } from '../../access/group-rows.ts'
import { createGroup, noGroup, removeGroup, updateGroup } from '../../access/write-group.ts'
import type { Call } from '../call.ts'
import type { ApiParts } from '../parts.ts'
import { mustBePermitted } from '../permission.ts'
import type { Routes } from '../router.ts'

function administerOne(call: Call): void {
  mustBePermitted(call, { action: 'administer' }, noGroup())
}

export function groupRoutes(routes: Routes['groups'], parts: ApiParts) {
  return {
    list: routes.list.handler(async ({ input, context: call }) => {
      mustBePermitted(call, { action: 'administer' })
      return await listGroups(parts.store.db, input)
    }),
    get: routes.get.handler(async ({ input, context: call }) => {
      administerOne(call)
      const group = await getGroup(parts.store.db, input.id)
      if (!group) throw noGroup()
      return group
    }),
    create: routes.create.handler(async ({ input, context: call }) => {
      mustBePermitted(call, { action: 'administer' })
      return await createGroup(parts, input, call.actor)
    }),
    update: routes.update.handler(async ({ input: { id, ...change }, context: call }) => {
      administerOne(call)
      return await updateGroup(parts, id, change, call.actor)
    }),
    remove: routes.remove.handler(async ({ input, context: call }) => {
      administerOne(call)
      await removeGroup(parts, input.id, call.actor)
      return {}
    }),
  }
}
