// A terminal lives no longer than the sign-in that opened it, nor does a watcher's place: whoever signs out, or changes a password that someone else may know, must be able to rely on it.
import { WatchId } from '#domain/id.ts'
import { record } from '../audit/ledger.ts'
import type { Wish } from '../link/link-work.ts'
import type { Trx } from '../store/open-store.ts'
import { mustEndOf } from './terminate.ts'

/** What to tell which gateway once it is committed. */
export type PendingEnd = { gateway: string; wish: Wish }

/**
 * Marks every session of these sign-ins as one that must end (`revoked`), each with its ledger row, and every watch, in the transaction that ends the sign-ins. `text` is what the person reads.
 * Returns what to push once that is committed: the states are repeated with every beat, so a push that is lost costs five seconds.
 */
export async function endWithSignIns(
  trx: Trx,
  ended: { signIns: readonly string[]; operator: string; name: string; source: string; text: string },
  now: number,
): Promise<PendingEnd[]> {
  if (ended.signIns.length === 0) return []
  const rows = await trx
    .updateTable('sessions')
    .set({ mustEnd: 'revoked', mustEndBy: ended.name.slice(0, 64), mustEndText: ended.text })
    .where('signInId', 'in', ended.signIns)
    .where('state', '<>', 'ended')
    .where('mustEnd', 'is', null)
    .returning(['id', 'gatewayId', 'operatorId', 'mustEnd', 'mustEndBy', 'mustEndText'])
    .execute()
  for (const row of rows)
    await record(
      trx,
      {
        code: 'session.terminate_asked',
        outcome: 'intent',
        operator: ended.operator,
        object: row.id,
        source: ended.source,
        detail: { reason: ended.text, owner: row.operatorId, gateway: row.gatewayId },
      },
      now,
    )
  const watches = await trx
    .updateTable('watches')
    .set({ mustLeave: ended.text })
    .where('signInId', 'in', ended.signIns)
    .where('endedAt', 'is', null)
    .where('mustLeave', 'is', null)
    .returning(['id', 'gatewayId'])
    .execute()
  return [
    ...rows.map((row) => ({ gateway: row.gatewayId, wish: mustEndOf(row) })),
    ...watches.map(({ id, gatewayId }) => ({ gateway: gatewayId, wish: { watch: WatchId.parse(id), text: ended.text } })),
  ]
}
