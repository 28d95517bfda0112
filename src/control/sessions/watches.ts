// Watching, as rows: begun by a ticket (`redeem.ts`), ended by the gateway's word, with the session, or with the gateway's process.
import type { GatewayId } from '#domain/id.ts'
import type { WatchView } from '#wire/api/sessions.ts'
import type { Report } from '#wire/link.ts'
import type { Store, Trx } from '../store/open-store.ts'
import { whole } from './end-session.ts'
import { refuseForeign } from './own-session.ts'
import type { ReportParts } from './take-report.ts'

/** Shown of one session, the newest. */
const maxShown = 200
const keptMs = 90 * 24 * 3_600_000

/** Marks the watch ended; told again, or after the session's end, it changes nothing. Throws `forbidden` for what is no watch on this gateway. */
export async function takeWatchEnded(
  { store, refusals }: ReportParts,
  gateway: GatewayId,
  report: Extract<Report, { report: 'watch-ended' }>,
  now: number,
): Promise<void> {
  const known = await store.transaction(async (trx) => {
    const row = await trx
      .selectFrom('watches')
      .select(['startedAt', 'endedAt'])
      .where('id', '=', report.watch)
      .where('gatewayId', '=', gateway)
      .where('sessionId', '=', report.session)
      .executeTakeFirst()
    if (row?.endedAt === null)
      await trx
        .updateTable('watches')
        .set({ endedAt: Math.min(now, Math.max(row.startedAt, whole(report.at))) })
        .where('id', '=', report.watch)
        .execute()
    return row !== undefined
  })
  if (!known) throw await refuseForeign(refusals, gateway, 'report watch-ended', report.watch)
}

/** A gateway's new process holds no connection of the one before: whoever watched through it does so no more. */
export async function endWatchesOfProcess(trx: Trx, gateway: string, now: number): Promise<void> {
  await trx.updateTable('watches').set({ endedAt: now }).where('gatewayId', '=', gateway).where('endedAt', 'is', null).execute()
}

/** Newest first, at most 200. */
export async function listWatches(store: Store, session: string): Promise<WatchView[]> {
  const rows = await store.db
    .selectFrom('watches')
    .leftJoin('operators', 'operators.id', 'watches.operatorId')
    .select(['watches.operatorId', 'watches.startedAt', 'watches.endedAt', 'operators.name'])
    .where('watches.sessionId', '=', session)
    .orderBy('watches.startedAt', 'desc')
    .orderBy('watches.id')
    .limit(maxShown)
    .execute()
  return rows.map(({ name, operatorId, startedAt, endedAt }) => ({
    name: name ?? operatorId,
    startedAt: new Date(startedAt).toISOString(),
    ...(endedAt === null ? {} : { endedAt: new Date(endedAt).toISOString() }),
  }))
}

/** Who watched is kept for 90 days; the ledger keeps its own line for longer. */
export async function sweepWatches(store: Store, now: number): Promise<void> {
  await store.transaction((trx) =>
    trx
      .deleteFrom('watches')
      .where('endedAt', '<', now - keptMs)
      .execute(),
  )
}
