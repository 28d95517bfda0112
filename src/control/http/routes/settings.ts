// What an administrator sets on the page.
import type { ApiParts } from '../parts.ts'
import { mustBePermitted } from '../permission.ts'
import type { Routes } from '../router.ts'

export function settingsRoutes(routes: Routes['settings'], { settings }: ApiParts) {
  return {
    get: routes.get.handler(async ({ context: call }) => {
      mustBePermitted(call, { action: 'administer' })
      return await settings.view()
    }),
    change: routes.change.handler(async ({ input, context: call }) => {
      mustBePermitted(call, { action: 'administer' })
      return await settings.change(input, call.actor)
    }),
  }
}
