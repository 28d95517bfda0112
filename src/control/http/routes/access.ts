// Why somebody may use a host: for administrators and auditors.
import { Failure } from '#domain/failure.ts'
import { readDestination } from '#domain/forward-rule.ts'
import { isInNetwork } from '#domain/network.ts'
import { explain } from '../../access/explain.ts'
import type { ApiParts } from '../parts.ts'
import { mustBePermitted } from '../permission.ts'
import type { Routes } from '../router.ts'

export function accessRoutes(routes: Routes['access'], parts: ApiParts) {
  return {
    explain: routes.explain.handler(async ({ input: { at, destination: place, ...asked }, context: call }) => {
      mustBePermitted(call, { action: 'audit' })
      if (asked.source !== undefined && !isAddress(asked.source)) throw new Failure('bad_request', 'This is not an IP address.', { field: 'source' })
      const destination = place === undefined || asked.action !== 'forward' ? undefined : readDestination(place)
      if (place !== undefined && destination === undefined)
        throw new Failure('bad_request', 'Write where to forward to as HOST:PORT, with the action forward.', { field: 'destination' })
      return await explain(parts.store.db, { ...asked, ...(destination ? { destination } : {}), atMs: at === undefined ? parts.now() : Date.parse(at) })
    }),
  }
}

const isAddress = (text: string) => isInNetwork('0.0.0.0/0', text) || isInNetwork('::/0', text)
