// People: administrators alone. To anybody else nobody is there.
import { getOperator, noOperator } from '../../operators/operator-rows.ts'
import { listOperators } from '../../operators/list-operators.ts'
import { endSessions, removeSecondFactor, setPassword } from '../../operators/operator-access.ts'
import { createOperator, removeOperator, updateOperator } from '../../operators/write-operator.ts'
import type { Call } from '../call.ts'
import type { ApiParts } from '../parts.ts'
import { mustBePermitted } from '../permission.ts'
import type { Routes } from '../router.ts'

function administerOne(call: Call): void {
  mustBePermitted(call, { action: 'administer' }, noOperator())
}

export function operatorRoutes(routes: Routes['operators'], parts: ApiParts) {
  return {
    list: routes.list.handler(async ({ input, context: call }) => {
      mustBePermitted(call, { action: 'administer' })
      return await listOperators(parts.store, input)
    }),
    get: routes.get.handler(async ({ input, context: call }) => {
      administerOne(call)
      return await getOperator(parts.store.db, input.id)
    }),
    create: routes.create.handler(async ({ input, context: call }) => {
      mustBePermitted(call, { action: 'administer' })
      return await createOperator(parts, input, call.actor)
    }),
    update: routes.update.handler(async ({ input: { id, ...change }, context: call }) => {
      administerOne(call)
      return await updateOperator(parts, id, change, call.actor)
    }),
    remove: routes.remove.handler(async ({ input, context: call }) => {
      administerOne(call)
      await removeOperator(parts, input.id, call.actor)
      return {}
    }),
    setPassword: routes.setPassword.handler(async ({ input, context: call }) => {
      administerOne(call)
      return await setPassword(parts, input.id, input.password, call.actor)
    }),
    endSessions: routes.endSessions.handler(async ({ input, context: call }) => {
      administerOne(call)
      return await endSessions(parts, input.id, input.reason, call.actor)
    }),
    removeSecondFactor: routes.removeSecondFactor.handler(async ({ input, context: call }) => {
      administerOne(call)
      return await removeSecondFactor(parts, input.id, call.actor)
    }),
  }
}
