import { Failure } from '#domain/failure.ts'
import type { ApiParts } from '../parts.ts'
import type { Routes } from '../router.ts'

const soon = () => new Failure('not_found', 'There is nothing at this address.')

export function commandRuleRoutes(routes: Routes['commandRules'], _parts: ApiParts) {
  return {
    list: routes.list.handler(() => Promise.reject(soon())),
    create: routes.create.handler(() => Promise.reject(soon())),
    replace: routes.replace.handler(() => Promise.reject(soon())),
    remove: routes.remove.handler(() => Promise.reject(soon())),
  }
}
