// The house itself: its gateways and the room for recordings. For administrators.
import type { ApiParts } from '../parts.ts'
import { mustBePermitted } from '../permission.ts'
import type { Routes } from '../router.ts'

export function gatewayRoutes(routes: Routes['gateways'], { gateways }: ApiParts) {
  return {
    list: routes.list.handler(async ({ context: call }) => {
      mustBePermitted(call, { action: 'administer' })
      return { items: await gateways.list() }
    }),
  }
}

export function diskRoutes(routes: Routes['disk'], { recordings }: ApiParts) {
  return {
    get: routes.get.handler(async ({ context: call }) => {
      mustBePermitted(call, { action: 'administer' })
      return await recordings.disk()
    }),
  }
}
