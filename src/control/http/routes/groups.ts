import { Failure } from '#domain/failure.ts'
import type { ApiParts } from '../parts.ts'
import type { Routes } from '../router.ts'

const soon = () => new Failure('not_found', 'There is nothing at this address.')

export function groupRoutes(routes: Routes['groups'], _parts: ApiParts) {
  return {
    list: routes.list.handler(() => Promise.reject(soon())),
    get: routes.get.handler(() => Promise.reject(soon())),
    create: routes.create.handler(() => Promise.reject(soon())),
    update: routes.update.handler(() => Promise.reject(soon())),
    remove: routes.remove.handler(() => Promise.reject(soon())),
  }
}
