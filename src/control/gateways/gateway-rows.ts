// The gateways that control knows: who is accepted, what each last said, and what its silence means.
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { GatewayId, makeId } from '#domain/id.ts'
import type { GatewayView } from '#wire/api/sessions.ts'
import { Load, type FromGateway } from '#wire/link.ts'
import { record } from '../audit/ledger.ts'
import type { Store, Trx } from '../store/open-store.ts'

/** Two missed beats and a little. */
export const lateAfterMs = 12_000
/** Nine beats: by then the supervisor has restarted a gateway that crashed. */
export const lostAfterMs = 45_000

/** `accepted` and `lost` may link; the others are refused by that name. */
const RowState = z.enum(['accepted', 'lost', 'waiting', 'rejected', 'revoked'])
type Hello = Extract<FromGateway, { type: 'hello' }>
/** `restarted`: another process than the one that was heard last. */
export type Welcomed = { state: 'accepted'; gateway: GatewayId; restarted: boolean } | { state: 'waiting' | 'rejected' | 'revoked'; text: string }

/**
 * Accepts a gateway whose key is proved and whose machine is vouched for, and remembers it by its key. Without a voucher nothing is stored: whoever reaches the socket
 * could fill the table. What an administrator rejected or revoked stays so.
 */
export async function welcomeGateway(trx: Trx, hello: Hello, vouched: boolean, now: number): Promise<Welcomed> {
  if (!vouched) return { state: 'waiting', text: 'No supervisor of this machine vouches for the gateway, and joining from other machines is not built yet.' }
  const known = await trx.selectFrom('gateways').selectAll().where('publicKey', '=', hello.publicKey).executeTakeFirst()
  const state = known && RowState.parse(known.state)
  if (state === 'waiting' || state === 'rejected' || state === 'revoked') return { state, text: `The gateway is ${state}. An administrator can accept it.` }
  const said = { name: hello.name, version: hello.version, since: Math.min(now, Math.max(0, Math.trunc(hello.startedAt))), lastBeatAt: now, state: 'accepted' }
  const id = GatewayId.parse(known?.id ?? makeId(GatewayId, 'gw', randomBytes(15)))
  if (known) await trx.updateTable('gateways').set(said).where('id', '=', id).execute()
  else
    await trx
      .insertInto('gateways')
      .values({ id, publicKey: hello.publicKey, load: null, ...said })
      .execute()
  // A link that was cut and dialled again is no news; a new gateway, a new process, or the return of a lost one is.
  if (!known || state === 'lost' || known.since !== said.since)
    await record(
      trx,
      { code: 'gateway.joined', outcome: 'done', object: id, detail: { name: hello.name, version: hello.version, returned: state === 'lost' } },
      now,
    )
  return { state: 'accepted', gateway: id, restarted: known !== undefined && known.since !== said.since }
}

export async function noteBeat(trx: Trx, gateway: string, load: z.infer<typeof Load>, now: number): Promise<void> {
  await trx
    .updateTable('gateways')
    .set({ lastBeatAt: now, load: JSON.stringify(load), state: 'accepted' })
    .where('id', '=', gateway)
    .where('state', 'in', ['accepted', 'lost'])
    .execute()
}

/** Writes `gateway.lost` once for each gateway that has been silent for 45 s. `since` is when this control began to listen. */
export async function noteLost(store: Store, now: number, since: number): Promise<number> {
  if (now - since < lostAfterMs) return 0
  return store.transaction(async (trx) => {
    const lost = await trx
      .selectFrom('gateways')
      .select(['id', 'name', 'lastBeatAt'])
      .where('state', '=', 'accepted')
      .where('lastBeatAt', '<', now - lostAfterMs)
      .limit(100)
      .execute()
    for (const row of lost) {
      await trx.updateTable('gateways').set({ state: 'lost' }).where('id', '=', row.id).execute()
      await record(trx, { code: 'gateway.lost', outcome: 'done', object: row.id, detail: { name: row.name, lastBeatAt: row.lastBeatAt } }, now)
    }
    return lost.length
  })
}

/** Those heard within a week, by name: a gateway that was given a new identity folder leaves its old row behind. At most 500. */
export async function listGateways(store: Store, now: number): Promise<z.infer<typeof GatewayView>[]> {
  const rows = await store.db
    .selectFrom('gateways')
    .selectAll()
    .where('state', 'in', ['accepted', 'lost'])
    .where('lastBeatAt', '>', now - 7 * 24 * 3_600_000)
    .orderBy('name')
    .orderBy('id')
    .limit(500)
    .execute()
  const counts = await store.db
    .selectFrom('sessions')
    .select(['gatewayId', (eb) => eb.fn.countAll().as('count')])
    .where('state', '<>', 'ended')
    .groupBy('gatewayId')
    .execute()
  const sessions = new Map(counts.map((row) => [row.gatewayId, Number(row.count)]))
  return rows.map((row) => {
    const silentMs = now - row.lastBeatAt
    const load = row.load === null ? undefined : shownLoad(JSON.parse(row.load))
    return {
      id: row.id,
      name: row.name,
      state: silentMs >= lostAfterMs ? ('lost' as const) : silentMs >= lateAfterMs ? ('late' as const) : ('live' as const),
      version: row.version,
      since: new Date(row.since).toISOString(),
      lastBeatAt: new Date(row.lastBeatAt).toISOString(),
      sessions: sessions.get(row.id) ?? 0,
      ...(load ? { load } : {}),
    }
  })
}

function shownLoad(stored: unknown) {
  const { cpu, rssBytes, eventLoopDelayMs } = Load.parse(stored)
  return { cpu, rssBytes, eventLoopDelayMs }
}
