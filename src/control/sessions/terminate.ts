// Ending someone's session: first a state in the row with its ledger line, then a push for speed. The state is repeated to the gateway with every beat until it reports the end.
import { Failure } from '#domain/failure.ts'
import { SessionId } from '#domain/id.ts'
import type { MustEnd } from '#wire/link.ts'
import { EndReason } from '#domain/end-reason.ts'
import { record } from '../audit/ledger.ts'
import type { Actor } from '../http/desks.ts'
import type { Store } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'

/** Commits the wish and returns it with the gateway it is for. Asked twice, the first reason stands and both stand in the ledger. Throws `session_not_found`, `conflict` when it has ended. */
export function askToEnd(store: Store, session: string, reason: string, by: Actor, now: number): Promise<{ gateway: string; wish: MustEnd }> {
  return store.transaction(async (trx) => {
    const row = await trx.selectFrom('sessions').selectAll().where('id', '=', session).executeTakeFirst()
    if (!row) throw new Failure('session_not_found', 'There is no such session.')
    if (row.state === 'ended') throw new Failure('conflict', 'The session has already ended.')
    const wish = row.mustEnd === null ? { mustEnd: 'terminated', mustEndBy: by.operator.name.slice(0, 64), mustEndText: reason.slice(0, 500) } : {}
    if (row.mustEnd === null) await trx.updateTable('sessions').set(wish).where('id', '=', session).execute()
    await record(
      trx,
      {
        code: 'session.terminate_asked',
        outcome: 'intent',
        operator: by.operator.id,
        object: session,
        source: by.source,
        detail: { reason, owner: row.operatorId, gateway: row.gatewayId },
      },
      now,
    )
    return { gateway: row.gatewayId, wish: mustEndOf({ ...row, ...wish }) }
  })
}

type Wish = Pick<Row<'sessions'>, 'id' | 'mustEnd' | 'mustEndBy' | 'mustEndText'>
export const mustEndOf = (row: Wish): MustEnd => ({
  session: SessionId.parse(row.id),
  reason: EndReason.parse(row.mustEnd),
  by: row.mustEndBy ?? '',
  text: row.mustEndText ?? '',
})

const strayEnd = (id: string): MustEnd => ({
  session: SessionId.parse(id),
  reason: 'gateway_lost',
  by: 'Sallyport',
  text: 'Sallyport had lost sight of this session for too long and has given it up. Connect again.',
})

/** In one answer, so that it stays below 256 KiB whatever the reasons are (500 characters, six bytes each at worst): the rest follow with the next beat, when these have ended. */
const maxWishes = 64

/**
 * Every wish that this gateway has not made true. `strays` are sessions that it carries and that are not open here: given up as lost before it came back, or unknown to a
 * database that was put back. Nobody could see or end those, so they end.
 */
export async function wishesFor(db: Pick<Store['db'], 'selectFrom'>, gateway: string, strays: readonly string[]): Promise<MustEnd[]> {
  const rows = await db
    .selectFrom('sessions')
    .select(['id', 'mustEnd', 'mustEndBy', 'mustEndText'])
    .where('gatewayId', '=', gateway)
    .where('state', '<>', 'ended')
    .where('mustEnd', 'is not', null)
    .orderBy('startedAt')
    .limit(maxWishes)
    .execute()
  return [...rows.map(mustEndOf), ...strays.map(strayEnd)].slice(0, maxWishes)
}
