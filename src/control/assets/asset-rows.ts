// Assets as they are read: rows of three tables become what the API shows. Secrets are not among the columns that are read here.
import { z } from 'zod'
import type { AuthView } from '#domain/credential.ts'
import { HostKeyPolicy, type HostKey } from '#domain/host-key.ts'
import { fingerprintOf } from '#ssh/private-key.ts'
import type { AssetView } from '#wire/api/assets.ts'
import type { Store, Trx } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'

export type Reading = Store['db'] | Trx
export type AssetColumn = 'name' | 'address' | 'createdAt' | 'lastUsedAt' | 'myLastUsedAt' | 'reach'
export type AssetsQuery = { q?: string | undefined; sort?: AssetColumn | `-${AssetColumn}` | undefined; page: number; size: number }

const columns = { name: 'name', address: 'address', createdAt: 'createdAt', lastUsedAt: 'lastUsedAt', myLastUsedAt: 'lastUsedAt', reach: 'reachState' } as const
type AssetRow = Row<'assets'>
type AccountRow = Omit<Row<'accounts'>, 'sealed' | 'credentialId'>
const accountColumns = ['id', 'assetId', 'username', 'authKind', 'publicKey', 'keyAlgorithm', 'createdAt'] as const
const StoredTags = z.array(z.string())

/** Where the host keys of an asset are pinned, in `hostKeys.place`. */
export const placeOfAsset = (asset: string) => `asset:${asset}`

/** One page of assets. Each word of `q` is found in name, address or tags, taken literally, without regard to ASCII case. `of` counts all. */
export async function listAssets(store: Store, query: AssetsQuery): Promise<{ items: AssetView[]; total: number; of: number }> {
  const find = store.engine === 'sqlite' ? 'instr' : 'strpos'
  const matching = store.db
    .selectFrom('assets')
    .where((eb) =>
      eb.and(
        wordsOf(query.q).map((word) =>
          eb.or((['name', 'address', 'tags'] as const).map((column) => eb(eb.fn<number>(find, [eb.fn<string>('lower', [column]), eb.val(word)]), '>', 0))),
        ),
      ),
    )
  const sort = query.sort ?? 'name'
  const direction = sort.startsWith('-') ? 'desc' : 'asc'
  const rows = await matching
    .selectAll()
    .orderBy(columns[sort.replace('-', '') as AssetColumn], (order) => (direction === 'desc' ? order.desc() : order.asc()).nullsLast())
    .orderBy('id', direction)
    .limit(query.size)
    .offset((query.page - 1) * query.size)
    .execute()
  const total = await matching.select(({ fn }) => fn.countAll().as('count')).executeTakeFirstOrThrow()
  const of = await store.db
    .selectFrom('assets')
    .select(({ fn }) => fn.countAll().as('count'))
    .executeTakeFirstOrThrow()
  return { items: await viewAssets(store.db, rows), total: Number(total.count), of: Number(of.count) }
}

/** More than 8 words narrow nothing. `lower` lowers ASCII letters alone on both engines, so that is done here too. */
const wordsOf = (q: string | undefined) =>
  (q ?? '')
    .normalize('NFC')
    .split(/\s+/)
    .filter(Boolean)
    .slice(0, 8)
    .map((word) => word.replace(/[A-Z]/g, (letter) => letter.toLowerCase()))

export async function getAsset(db: Reading, id: string): Promise<AssetView | undefined> {
  const row = await db.selectFrom('assets').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? undefined : (await viewAssets(db, [row]))[0]
}

async function viewAssets(db: Reading, rows: AssetRow[]): Promise<AssetView[]> {
  if (rows.length === 0) return []
  const ids = rows.map((row) => row.id)
  const accounts = await db.selectFrom('accounts').select(accountColumns).where('assetId', 'in', ids).orderBy('username').execute()
  const hostKeys = await db.selectFrom('hostKeys').selectAll().where('place', 'in', ids.map(placeOfAsset)).orderBy('type').orderBy('fingerprint').execute()
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    address: row.address,
    port: row.port,
    protocol: 'ssh',
    tags: StoredTags.parse(JSON.parse(row.tags)),
    accounts: accounts.filter((account) => account.assetId === row.id).map(viewAccount),
    hostKeys: hostKeys.filter((key) => key.place === placeOfAsset(row.id)).map(({ type, fingerprint, key }) => ({ type, fingerprint, key })),
    hostKeyPolicy: HostKeyPolicy.catch('strict').parse(row.hostKeyPolicy),
    changedKeys: 0,
    favourite: false,
    createdAt: new Date(row.createdAt).toISOString(),
    ...(row.lastUsedAt === null ? {} : { lastUsedAt: new Date(row.lastUsedAt).toISOString() }),
  }))
}

export const viewAccount = (row: AccountRow): AssetView['accounts'][number] => ({ id: row.id, username: row.username, auth: viewAuth(row) })

function viewAuth(row: AccountRow): AuthView {
  if (row.authKind === 'password') return { kind: 'password' }
  if (row.authKind === 'key' && row.publicKey !== null && row.keyAlgorithm !== null)
    return { kind: 'key', publicKey: `${row.keyAlgorithm} ${row.publicKey}`, fingerprint: fingerprintOf(Buffer.from(row.publicKey, 'base64')) }
  return { kind: 'ask' }
}

/** The keys trusted for an asset. */
export async function hostKeysOf(db: Reading, asset: string): Promise<HostKey[]> {
  return await db
    .selectFrom('hostKeys')
    .select(['type', 'fingerprint', 'key'])
    .where('place', '=', placeOfAsset(asset))
    .orderBy('type')
    .orderBy('fingerprint')
    .execute()
}
