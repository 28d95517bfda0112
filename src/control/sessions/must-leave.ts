// Watchers whose right has ended: a state in the row, pushed for speed (`end-with-sign-in.ts`), repeated here with every beat until the gateway reports that they went.
import { decide, isRefusal, type Asker } from '#domain/access.ts'
import { OperatorId, WatchId } from '#domain/id.ts'
import type { MustLeave } from '#wire/link.ts'
import { askerOf } from '../sign-in/sign-ins.ts'
import type { Trx } from '../store/open-store.ts'

/** In one answer, beside the wishes for sessions; the rest follow with the next beat, when these have gone. */
const maxLeaves = 64
/** Looked at with one beat, the oldest first. */
const maxOpen = 5_000

/**
 * Decides again about everyone who watches through this gateway: an operator who was disabled, or may watch no more, must leave. Returns every such wish that the
 * gateway has not made true.
 */
export async function leavesFor(trx: Trx, gateway: string): Promise<MustLeave[]> {
  const open = await trx
    .selectFrom('watches')
    .innerJoin('sessions', 'sessions.id', 'watches.sessionId')
    .select(['watches.id', 'watches.mustLeave', 'watches.operatorId', 'sessions.operatorId as owner', 'sessions.source'])
    .where('watches.gatewayId', '=', gateway)
    .where('watches.endedAt', 'is', null)
    .orderBy('watches.startedAt')
    .limit(maxOpen)
    .execute()
  if (open.length === 0) return []
  const watchers = await trx
    .selectFrom('operators')
    .selectAll()
    .where('id', 'in', [...new Set(open.map(({ operatorId }) => operatorId))])
    .execute()
  const askers = new Map<string, Asker>()
  for (const row of watchers) askers.set(row.id, await askerOf(trx, row, true))
  const leaves: MustLeave[] = []
  for (const { id, mustLeave, operatorId, owner, source } of open) {
    if (mustLeave === null && mayWatch(askers.get(operatorId), owner, source)) continue
    const text = mustLeave ?? 'You may not watch this session any more.'
    if (mustLeave === null) await trx.updateTable('watches').set({ mustLeave: text }).where('id', '=', id).execute()
    leaves.push({ watch: WatchId.parse(id), text })
  }
  return leaves.slice(0, maxLeaves)
}

const mayWatch = (operator: Asker | undefined, owner: string, source: string) =>
  operator !== undefined && !isRefusal(decide({ operator, action: 'watch', owner: OperatorId.parse(owner), door: 'web', source }, [], 0))
