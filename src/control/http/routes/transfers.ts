// Files that went in and out: everyone sees their own; auditors and administrators all, as of sessions.
import type { Call } from '../call.ts'
import { listTransfers, type TransfersQuery } from '../../transfers/list-transfers.ts'
import type { ApiParts } from '../parts.ts'
import type { Routes } from '../router.ts'
import { seesAll } from './sessions.ts'

type Asked = Omit<TransfersQuery, 'since' | 'until' | 'ownedBy'> & { mine?: boolean | undefined; since?: string | undefined; until?: string | undefined }

/** What the API was asked, narrowed to what the asker may see. */
export function transfersFor(call: Call, { mine, since, until, ...query }: Asked): TransfersQuery {
  return {
    ...query,
    ...(since === undefined ? {} : { since: Date.parse(since) }),
    ...(until === undefined ? {} : { until: Date.parse(until) }),
    ownedBy: mine !== true && seesAll(call) ? undefined : call.me.asker.id,
  }
}

export function transferRoutes(routes: Routes['transfers'], parts: ApiParts) {
  return {
    list: routes.list.handler(({ input: { page, size, ...query }, context: call }) =>
      listTransfers(parts.store, { ...transfersFor(call, query), page, size }, call.me.asker.id),
    ),
  }
}
