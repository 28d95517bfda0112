import { Failure } from '#domain/failure.ts'
import type { ApiParts } from '../parts.ts'
import type { Routes } from '../router.ts'

const soon = () => new Failure('not_found', 'There is nothing at this address.')

export function secondFactorRoutes(routes: Routes['secondFactor'], _parts: ApiParts) {
  return {
    get: routes.get.handler(() => Promise.reject(soon())),
    begin: routes.begin.handler(() => Promise.reject(soon())),
    confirm: routes.confirm.handler(() => Promise.reject(soon())),
    remove: routes.remove.handler(() => Promise.reject(soon())),
    renewCodes: routes.renewCodes.handler(() => Promise.reject(soon())),
  }
}
