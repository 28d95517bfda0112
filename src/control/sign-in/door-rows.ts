// Sign-ins of ssh clients as they are stored: beside those of browsers, with which they end, and named by the gateway that holds the connection.
import type { GatewayId } from '#domain/id.ts'
import { record, recordMany } from '../audit/ledger.ts'
import { plainText } from '../audit/plain-text.ts'
import { lostAfterMs } from '../sessions/unheard.ts'
import type { Store, Trx } from '../store/open-store.ts'
import { digestOf, makeToken, type Random } from './opaque-token.ts'
import { signInMaxMs } from './sign-ins.ts'

/** Open connections of one operator: Ansible opens one for each host that it works on at once. */
export const maxDoorSignIns = 200

type Begun = { operator: string; gateway: GatewayId; keyId?: string | undefined; source: string; client: string; secondFactorAt?: number | undefined }

/** A new row, whose id names it to the gateway: the digest of a token that nobody is given, so that no cookie fits it. Undefined when the operator has too many. */
export async function beginAtDoor(trx: Trx, begun: Begun, now: number, random: Random): Promise<string | undefined> {
  const { operator, gateway, keyId, source, client, secondFactorAt } = begun
  const { count } = await trx
    .selectFrom('signIns')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('operatorId', '=', operator)
    .where('door', '=', 'ssh')
    .where('expiresAt', '>', now)
    .executeTakeFirstOrThrow()
  if (Number(count) >= maxDoorSignIns) return undefined
  const id = digestOf(makeToken(random))
  const times = { createdAt: now, lastSeenAt: now, expiresAt: now + signInMaxMs, secondFactorAt: secondFactorAt ?? null }
  const how = { door: 'ssh', gatewayId: gateway, keyId: keyId ?? null, source: plainText(source, 64), agent: plainText(client, 256) }
  await trx
    .insertInto('signIns')
    .values({ id, operatorId: operator, ...times, ...how })
    .execute()
  await trx.updateTable('operators').set({ lastSignInAt: now }).where('id', '=', operator).execute()
  if (keyId !== undefined)
    await trx
      .updateTable('operatorKeys')
      .set({ lastUsedAt: now, lastSource: plainText(source, 64) })
      .where('id', '=', keyId)
      .execute()
  return id
}

/** The connection is over: what it opened is over too, or ends by its own rules. One that has ended before is no error. */
export function signedOutAtDoor(store: Store, gateway: GatewayId, signIn: string, now: number): Promise<void> {
  return store.transaction(async (trx) => {
    const gone = await trx
      .deleteFrom('signIns')
      .where('id', '=', signIn)
      .where('door', '=', 'ssh')
      .where('gatewayId', '=', gateway)
      .returning(['operatorId', 'source'])
      .executeTakeFirst()
    if (gone) await record(trx, { code: 'operator.signed_out', outcome: 'done', operator: gone.operatorId, source: gone.source, detail: { door: 'ssh' } }, now)
  })
}

/** A new process of this gateway has none of the connections of the one before. */
export async function endDoorSignInsOf(trx: Trx, gateway: string, now: number, why = 'the gateway was restarted'): Promise<void> {
  const gone = await trx.deleteFrom('signIns').where('door', '=', 'ssh').where('gatewayId', '=', gateway).returning(['operatorId', 'source']).execute()
  const detail = { door: 'ssh', why }
  await recordMany(
    trx,
    gone.map(({ operatorId, source }) => ({ code: 'operator.signed_out', outcome: 'done', operator: operatorId, source, detail })),
    now,
  )
}

/** Those of gateways that have not come back since `lostAfterMs`: nobody could report their end any more. `since`: when this control began to listen; gateways are given that time to be heard. */
export async function endLostDoorSignIns(store: Store, now: number, since: number): Promise<void> {
  if (now - since < lostAfterMs) return
  const lost = (from: Store['db'] | Trx) =>
    from
      .selectFrom('gateways')
      .select('id')
      .where('lastBeatAt', '<', now - lostAfterMs)
      .where('id', 'in', (eb) => eb.selectFrom('signIns').select('gatewayId').where('door', '=', 'ssh').where('gatewayId', 'is not', null))
      .execute()
  if ((await lost(store.db)).length === 0) return
  await store.transaction(async (trx) => {
    for (const { id } of await lost(trx)) await endDoorSignInsOf(trx, id, now, 'the gateway has not come back')
  })
}
