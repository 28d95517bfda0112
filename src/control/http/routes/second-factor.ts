// One's own second factor.
import { Secret } from '#domain/secret.ts'
import type { Call } from '../call.ts'
import type { ApiParts } from '../parts.ts'
import type { Routes } from '../router.ts'

const ownOf = ({ me, source, requestId }: Call) => ({ operatorId: me.asker.id, signInId: me.signInId, source, requestId })

export function secondFactorRoutes(routes: Routes['secondFactor'], { secondFactor }: ApiParts) {
  return {
    get: routes.get.handler(({ context: call }) => secondFactor.view(call.me.asker.id)),
    begin: routes.begin.handler(({ input, context: call }) => secondFactor.begin(ownOf(call), new Secret(input.password))),
    confirm: routes.confirm.handler(async ({ input, context: call }) => ({ recoveryCodes: await secondFactor.confirm(ownOf(call), input.code) })),
    remove: routes.remove.handler(async ({ input, context: call }) => {
      await secondFactor.remove(ownOf(call), new Secret(input.password), input.code)
      return {}
    }),
    renewCodes: routes.renewCodes.handler(async ({ input, context: call }) => ({
      recoveryCodes: await secondFactor.renewCodes(ownOf(call), new Secret(input.password), input.code),
    })),
  }
}
