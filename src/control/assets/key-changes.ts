// Keys that hosts showed instead of the trusted ones: refused when they were met, and kept here until an administrator decides, or the host shows nothing else any more.
import { randomBytes } from 'node:crypto'
import { Failure } from '#domain/failure.ts'
import type { HostKey } from '#domain/host-key.ts'
import { KeyChangeId, makeId } from '#domain/id.ts'
import type { KeyChangeView } from '#wire/api/assets.ts'
import { record } from '../audit/ledger.ts'
import type { Actor } from '../http/desks.ts'
import type { Store, Trx } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'
import { hostKeysOf, placeOfAsset, type Reading } from './asset-rows.ts'
import { countingKey, readSort, sortRows } from './counting-order.ts'
import { byWhom, type AssetParts } from './parts.ts'

/** Whoever answers for a host could show a new key each time: the one that was met longest ago goes. */
export const maxOpenOfHost = 20
export const maxOpen = 10_000

type Met = { asset: string; offered: HostKey; operatorName: string | undefined; gateway: string; now: number }

/** One more meeting with this key, in the transaction that refuses it. */
export async function noteKeyChange(trx: Trx, { asset, offered, operatorName, gateway, now }: Met): Promise<void> {
  const last = { lastSeenAt: now, operatorName: operatorName ?? null, gatewayId: gateway }
  const met = await trx
    .updateTable('keyChanges')
    .set((eb) => ({ ...last, times: eb('times', '+', 1) }))
    .where('assetId', '=', asset)
    .where('fingerprint', '=', offered.fingerprint)
    .executeTakeFirst()
  if (Number(met.numUpdatedRows) > 0) return
  await makeRoom(trx, maxOpenOfHost, asset)
  await makeRoom(trx, maxOpen)
  await trx
    .insertInto('keyChanges')
    .values({ id: makeId(KeyChangeId, 'kc', randomBytes(15)), assetId: asset, ...offered, firstSeenAt: now, times: 1, ...last })
    .execute()
}

async function makeRoom(trx: Trx, most: number, asset?: string): Promise<void> {
  const open = asset === undefined ? trx.selectFrom('keyChanges') : trx.selectFrom('keyChanges').where('assetId', '=', asset)
  const { count } = await open.select((eb) => eb.fn.countAll().as('count')).executeTakeFirstOrThrow()
  if (Number(count) < most) return
  const oldest = await open
    .select('id')
    .orderBy('lastSeenAt')
    .orderBy('id')
    .limit(Number(count) - most + 1)
    .execute()
  await trx
    .deleteFrom('keyChanges')
    .where(
      'id',
      'in',
      oldest.map(({ id }) => id),
    )
    .execute()
}

/** A key that is trusted now, however that came about, is nothing to decide about. To be called with whatever writes trusted keys of an asset. */
export async function forgetTrustedChanges(trx: Trx, asset: string, trusted: readonly HostKey[]): Promise<void> {
  if (trusted.length === 0) return
  await trx
    .deleteFrom('keyChanges')
    .where('assetId', '=', asset)
    .where(
      'fingerprint',
      'in',
      trusted.map(({ fingerprint }) => fingerprint),
    )
    .execute()
}

export type KeyChangeColumn = 'assetName' | 'lastSeenAt' | 'firstSeenAt' | 'times'
export type KeyChangesQuery = { q?: string | undefined; sort?: KeyChangeColumn | `-${KeyChangeColumn}` | undefined; page: number; size: number }

/** One page, the newest first when nothing is said. Each word of `q` is found in the host's name or address, the fingerprint, or who met it. There are few enough to be read whole (`maxOpen`). */
export async function listKeyChanges(store: Store, query: KeyChangesQuery): Promise<{ items: KeyChangeView[]; total: number; of: number }> {
  const all = await store.db
    .selectFrom('keyChanges')
    .innerJoin('assets', 'assets.id', 'keyChanges.assetId')
    .selectAll('keyChanges')
    .select(['assets.name as assetName', 'assets.address', 'assets.port'])
    .execute()
  const words = fold(query.q ?? '')
    .split(/\s+/)
    .filter(Boolean)
    .slice(0, 8)
  const matching = all.filter((row) => {
    const text = fold(`${row.assetName}\n${row.address}\n${row.fingerprint}\n${row.operatorName ?? ''}`)
    return words.every((word) => text.includes(word))
  })
  const [column, direction] = readSort<KeyChangeColumn>(query.sort ?? '-lastSeenAt')
  const keyed = matching.map((row) => ({
    id: row.id,
    name: countingKey(row.assetName),
    value: column === 'assetName' ? countingKey(row.assetName) : row[column],
    row,
  }))
  const from = (query.page - 1) * query.size
  const shown = sortRows(keyed, direction).slice(from, from + query.size)
  return {
    items: await viewsOf(
      store.db,
      shown.map(({ row }) => row),
    ),
    total: matching.length,
    of: all.length,
  }
}

const fold = (text: string) => text.normalize('NFC').toLowerCase()

type Shown = Row<'keyChanges'> & { assetName: string; address: string; port: number }

async function viewsOf(db: Reading, rows: readonly Shown[]): Promise<KeyChangeView[]> {
  if (rows.length === 0) return []
  const places = [...new Set(rows.map(({ assetId }) => placeOfAsset(assetId)))]
  const trusted = await db.selectFrom('hostKeys').selectAll().where('place', 'in', places).orderBy('type').orderBy('fingerprint').execute()
  const gateways = await db.selectFrom('gateways').select(['id', 'name']).execute()
  return rows.map((row) => {
    const gateway = gateways.find(({ id }) => id === row.gatewayId)?.name
    return {
      id: row.id,
      asset: row.assetId,
      assetName: row.assetName,
      address: row.address,
      port: row.port,
      offered: { type: row.type, fingerprint: row.fingerprint, key: row.key },
      trusted: trusted.filter(({ place }) => place === placeOfAsset(row.assetId)).map(({ type, fingerprint, key }) => ({ type, fingerprint, key })),
      firstSeenAt: new Date(row.firstSeenAt).toISOString(),
      lastSeenAt: new Date(row.lastSeenAt).toISOString(),
      times: row.times,
      ...(row.operatorName === null ? {} : { operator: row.operatorName }),
      ...(gateway === undefined ? {} : { gateway }),
    }
  })
}

export type Decision = { decision: 'trust' | 'refuse'; expected?: readonly string[] | undefined }

/**
 * `trust`: the key takes the place of all that were trusted for its host; `refuse`: they stay, and the row goes until the key is met again. Either way one ledger row.
 * Throws `not_found`, and `conflict` when the fingerprints that are trusted are no more the `expected` ones, which the person had before their eyes.
 */
export async function decideKeyChange(parts: AssetParts, id: string, { decision, expected }: Decision, actor: Actor): Promise<void> {
  await parts.store.transaction(async (trx) => {
    const row = await trx
      .selectFrom('keyChanges')
      .innerJoin('assets', 'assets.id', 'keyChanges.assetId')
      .selectAll('keyChanges')
      .select('assets.name as assetName')
      .where('keyChanges.id', '=', id)
      .executeTakeFirst()
    if (!row) throw noKeyChange()
    const before = (await hostKeysOf(trx, row.assetId)).map(({ fingerprint }) => fingerprint)
    const isAsShown = expected === undefined || (expected.length === before.length && before.every((fingerprint) => expected.includes(fingerprint)))
    if (!isAsShown) throw new Failure('conflict', 'The trusted keys of this host were changed meanwhile. Look at them again before you decide.')
    const now = parts.now()
    if (decision === 'trust') {
      const place = placeOfAsset(row.assetId)
      await trx.deleteFrom('hostKeys').where('place', '=', place).execute()
      await trx
        .insertInto('hostKeys')
        .values({ place, type: row.type, key: row.key, fingerprint: row.fingerprint, trustedAt: now, trustedBy: actor.operator.name })
        .execute()
    }
    await trx.deleteFrom('keyChanges').where('id', '=', id).execute()
    const detail = {
      name: row.assetName,
      decision,
      offered: row.fingerprint,
      type: row.type,
      before,
      after: decision === 'trust' ? [row.fingerprint] : before,
      times: row.times,
    }
    await record(trx, { code: 'host_key.decided', outcome: 'done', ...byWhom(actor), object: row.assetId, detail, before, after: detail.after }, now)
  })
}

export const noKeyChange = () => new Failure('not_found', 'There is no such changed key (any more).')
