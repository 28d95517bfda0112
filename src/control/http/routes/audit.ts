import { Failure } from '#domain/failure.ts'
import type { ApiParts } from '../parts.ts'
import { mustBePermitted } from '../permission.ts'
import type { Routes } from '../router.ts'

const soon = () => new Failure('not_found', 'There is nothing at this address.')

export function auditRoutes(routes: Routes['audit'], { ledger }: ApiParts) {
  return {
    list: routes.list.handler(() => Promise.reject(soon())),
    verify: routes.verify.handler(async ({ context: call }) => {
      mustBePermitted(call, { action: 'audit' })
      return await ledger.verify()
    }),
  }
}
