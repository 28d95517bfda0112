// Keys for the SSH door: one's own, and to administrators those of others.
import { getOperator, noOperator } from '../../operators/operator-rows.ts'
import type { KeyBy } from '../../sign-in/operator-keys.ts'
import type { Call } from '../call.ts'
import type { ApiParts } from '../parts.ts'
import { mustBePermitted } from '../permission.ts'
import type { Routes } from '../router.ts'

export const keyBy = ({ me, source, requestId }: Call): KeyBy => ({ operator: me.asker.id, name: me.asker.name, source, requestId })

export function operatorKeyRoutes(routes: Routes['operatorKeys'], { operatorKeys, store }: ApiParts) {
  return {
    list: routes.list.handler(async ({ context: call }) => ({ items: await operatorKeys.list(call.me.asker.id) })),
    add: routes.add.handler(({ input, context: call }) => operatorKeys.add(keyBy(call), input)),
    remove: routes.remove.handler(async ({ input, context: call }) => {
      await operatorKeys.remove(keyBy(call), { key: input.id, owner: call.me.asker.id })
      return {}
    }),
    listOf: routes.listOf.handler(async ({ input, context: call }) => {
      mustBePermitted(call, { action: 'administer' }, noOperator())
      const { id } = await getOperator(store.db, input.id)
      return { items: await operatorKeys.list(id) }
    }),
    removeOf: routes.removeOf.handler(async ({ input, context: call }) => {
      mustBePermitted(call, { action: 'administer' }, noOperator())
      const { id } = await getOperator(store.db, input.id)
      await operatorKeys.remove(keyBy(call), { key: input.key, owner: id })
      return {}
    }),
  }
}
