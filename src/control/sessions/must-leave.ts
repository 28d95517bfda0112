// Watchers whose right has ended: a state in the row, pushed for speed (`end-with-sign-in.ts`, `enforce.ts`), repeated here with every beat until the gateway reports that they went.
import { decide, isRefusal, type Asker } from '#domain/access.ts'
import { OperatorId, WatchId } from '#domain/id.ts'
import type { MustLeave } from '#wire/link.ts'
import { askersOf } from '../access/askers.ts'
import type { PendingEnd } from './end-with-sign-in.ts'
import { doorOf } from './session-facts.ts'
import type { Trx } from '../store/open-store.ts'

/** In one answer, beside the wishes for sessions; the rest follow with the next beat, when these have gone. */
const maxLeaves = 64
/** Looked at with one beat, the oldest first. */
const maxOpen = 5_000

const said = 'You may not watch this session any more.'

/**
 * Decides again about everyone who watches through this gateway: an operator who was disabled, or may watch no more, must leave. Returns every such wish that the
 * gateway has not made true.
 */
export async function leavesFor(trx: Trx, gateway: string): Promise<MustLeave[]> {
  const open = await openWatches(trx).where('watches.gatewayId', '=', gateway).execute()
  await forbid(trx, open, said)
  return open.flatMap(({ id, mustLeave: text }) => (text === null ? [] : [{ watch: WatchId.parse(id), text }])).slice(0, maxLeaves)
}

/** The same at once, for the watchers whom a change may have forbidden it; `operators` left out: for all. `text` is what they read. */
export async function sendAway(trx: Trx, operators: readonly string[] | undefined, text: string): Promise<PendingEnd[]> {
  const concerned = operators && new Set(operators)
  const open = (await openWatches(trx).where('watches.mustLeave', 'is', null).execute()).filter(({ operatorId }) => concerned?.has(operatorId) ?? true)
  const gone = await forbid(trx, open, text)
  return gone.map(({ id, gatewayId }) => ({ gateway: gatewayId, wish: { watch: WatchId.parse(id), text } }))
}

const openWatches = (trx: Trx) =>
  trx
    .selectFrom('watches')
    .innerJoin('sessions', 'sessions.id', 'watches.sessionId')
    .select(['watches.id', 'watches.mustLeave', 'watches.operatorId', 'watches.gatewayId', 'sessions.operatorId as owner', 'sessions.source', 'sessions.door'])
    .where('watches.endedAt', 'is', null)
    .orderBy('watches.startedAt')
    .limit(maxOpen)

type OpenWatch = Awaited<ReturnType<ReturnType<typeof openWatches>['execute']>>[number]

/** Marks those who may watch no more, in the rows given too, and returns them. */
async function forbid(trx: Trx, open: readonly OpenWatch[], text: string): Promise<OpenWatch[]> {
  const asked = open.filter(({ mustLeave }) => mustLeave === null)
  const askers = await askersOf(trx, new Set(asked.map(({ operatorId }) => operatorId)))
  const gone = asked.filter((watch) => !mayWatch(askers.get(watch.operatorId), watch))
  for (const watch of gone) {
    watch.mustLeave = text
    await trx.updateTable('watches').set({ mustLeave: text }).where('id', '=', watch.id).execute()
  }
  return gone
}

const mayWatch = (operator: Asker | undefined, watch: OpenWatch) =>
  operator !== undefined &&
  !isRefusal(decide({ operator, action: 'watch', owner: OperatorId.parse(watch.owner), door: doorOf(watch), source: watch.source }, [], 0))
