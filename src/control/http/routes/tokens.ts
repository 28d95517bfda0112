// One's own API tokens.
import type { Call } from '../call.ts'
import type { ApiParts } from '../parts.ts'
import type { Routes } from '../router.ts'

const byOwner = ({ me, source, requestId }: Call) => ({ operatorId: me.asker.id, source, requestId })

export function tokenRoutes(routes: Routes['tokens'], { tokens }: ApiParts) {
  return {
    list: routes.list.handler(async ({ context: call }) => ({ items: await tokens.list(call.me.asker.id) })),
    create: routes.create.handler(({ input, context: call }) => tokens.create(byOwner(call), input)),
    remove: routes.remove.handler(async ({ input, context: call }) => {
      await tokens.remove(byOwner(call), input.id)
      return {}
    }),
  }
}
