import { Failure } from '#domain/failure.ts'
import type { ApiParts } from '../parts.ts'
import type { Routes } from '../router.ts'

const soon = () => new Failure('not_found', 'There is nothing at this address.')

export function operatorRoutes(routes: Routes['operators'], _parts: ApiParts) {
  return {
    list: routes.list.handler(() => Promise.reject(soon())),
    get: routes.get.handler(() => Promise.reject(soon())),
    create: routes.create.handler(() => Promise.reject(soon())),
    update: routes.update.handler(() => Promise.reject(soon())),
    remove: routes.remove.handler(() => Promise.reject(soon())),
    setPassword: routes.setPassword.handler(() => Promise.reject(soon())),
    endSessions: routes.endSessions.handler(() => Promise.reject(soon())),
    removeSecondFactor: routes.removeSecondFactor.handler(() => Promise.reject(soon())),
  }
}
