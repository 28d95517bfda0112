// The ledger, for administrators and auditors.
import { listAudit } from '../../audit/list.ts'
import type { ApiParts } from '../parts.ts'
import { mustBePermitted } from '../permission.ts'
import type { Routes } from '../router.ts'

/** What the API was asked, as the list is asked. */
export const auditNarrowing = <Query extends { since?: string | undefined; until?: string | undefined }>({ since, until, ...query }: Query) => ({
  ...query,
  ...(since === undefined ? {} : { since: Date.parse(since) }),
  ...(until === undefined ? {} : { until: Date.parse(until) }),
})

export function auditRoutes(routes: Routes['audit'], { ledger, store }: ApiParts) {
  return {
    list: routes.list.handler(async ({ input, context: call }) => {
      mustBePermitted(call, { action: 'audit' })
      return await listAudit(store, auditNarrowing(input))
    }),
    verify: routes.verify.handler(async ({ context: call }) => {
      mustBePermitted(call, { action: 'audit' })
      return await ledger.verify()
    }),
  }
}
