import { Failure } from '#domain/failure.ts'
import type { ApiParts } from '../parts.ts'
import type { Routes } from '../router.ts'

const soon = () => new Failure('not_found', 'There is nothing at this address.')

export function accessRoutes(routes: Routes['access'], _parts: ApiParts) {
  return {
    explain: routes.explain.handler(() => Promise.reject(soon())),
  }
}
