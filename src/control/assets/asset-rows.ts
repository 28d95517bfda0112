// Assets as they are read: rows of several tables become what the API shows. Secrets are not among the columns that are read here.
import { z } from 'zod'
import { failureCodes } from '#domain/failure.ts'
import { HostKeyPolicy, type HostKey } from '#domain/host-key.ts'
import type { AccountView, AssetView, ReachView } from '#wire/api/assets.ts'
import type { Viewer } from '../access/sight.ts'
import type { Store, Trx } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'
import { viewSecret } from './credential.ts'
import { seesAsset, viewForMember } from './seen-assets.ts'

export type Reading = Store['db'] | Trx
type AssetRow = Row<'assets'>
const StoredTags = z.array(z.string())
const FailureSeen = z.enum(failureCodes).optional().catch(undefined)

/** The tags of a row, which are stored as JSON. */
export const tagsOf = (row: Pick<AssetRow, 'tags'>): string[] => StoredTags.parse(JSON.parse(row.tags))
export const policyOf = (row: Pick<AssetRow, 'hostKeyPolicy'>): HostKeyPolicy => HostKeyPolicy.catch('strict').parse(row.hostKeyPolicy)
/** Where the host keys of an asset are pinned, in `hostKeys.place`. */
export const placeOfAsset = (asset: string) => `asset:${asset}`

/** Undefined alike for what is not there and what the viewer does not see. */
export async function getAsset(db: Reading, id: string, viewer: Viewer): Promise<AssetView | undefined> {
  const row = await db.selectFrom('assets').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined || !(await seesAsset(db, viewer, id)) ? undefined : (await viewAssets(db, [row], viewer))[0]
}

/** Of rows that the viewer sees, in their order: what they may know of each, with their own favourites and uses. One query for each kind of thing, however many rows there are (at most some thousand). */
export async function viewAssets(db: Reading, rows: readonly AssetRow[], viewer: Viewer): Promise<AssetView[]> {
  const { operator, sight } = viewer
  const views = await wholeViews(db, rows, operator)
  return sight === 'all' ? views : views.map((view) => viewForMember(view, sight))
}

async function wholeViews(db: Reading, rows: readonly AssetRow[], person: string): Promise<AssetView[]> {
  if (rows.length === 0) return []
  const ids = rows.map((row) => row.id)
  const accounts = Map.groupBy(await accountsWhere(db, 'assetId', ids), (account) => account.assetId)
  const hostKeys = Map.groupBy(await keysOf(db, ids), (key) => key.place)
  const ways = await waysOf(db, rows)
  const changed = new Map((await changedKeysOf(db, ids)).map((row) => [row.assetId, Number(row.count)]))
  const favourites = new Set((await ownRows(db, 'favourites', person, ids)).map((row) => row.assetId))
  const uses = new Map((await ownRows(db, 'assetUses', person, ids)).map((row) => [row.assetId, row]))
  return rows.map((row) => {
    const own = accounts.get(row.id) ?? []
    const via = row.viaAccountId === null ? undefined : ways.get(row.viaAccountId)
    return {
      id: row.id,
      name: row.name,
      address: row.address,
      port: row.port,
      protocol: 'ssh',
      tags: tagsOf(row),
      accounts: own.map(viewAccount),
      hostKeys: (hostKeys.get(placeOfAsset(row.id)) ?? []).map(({ type, fingerprint, key }) => ({ type, fingerprint, key })),
      hostKeyPolicy: policyOf(row),
      ...(row.legacyUntil === null ? {} : { legacyUntil: timeOf(row.legacyUntil) }),
      changedKeys: changed.get(row.id) ?? 0,
      ...(via === undefined ? {} : { via }),
      ...viewReach(row),
      createdAt: timeOf(row.createdAt),
      ...(row.lastUsedAt === null ? {} : { lastUsedAt: timeOf(row.lastUsedAt) }),
      favourite: favourites.has(row.id),
      ...viewUse(uses.get(row.id), own),
    }
  })
}

const timeOf = (ms: number) => new Date(ms).toISOString()

function viewReach(row: Pick<AssetRow, 'reachState' | 'reachAt' | 'reachFailure' | 'reachRttMs'>): { reach?: ReachView } {
  if (row.reachAt === null || (row.reachState !== 'reachable' && row.reachState !== 'unreachable')) return {}
  const failure = FailureSeen.parse(row.reachFailure ?? undefined)
  return {
    reach: {
      state: row.reachState,
      at: timeOf(row.reachAt),
      ...(failure === undefined ? {} : { failure }),
      ...(row.reachRttMs === null ? {} : { rttMs: row.reachRttMs }),
    },
  }
}

/** An account that is gone since is not named. */
function viewUse(use: Row<'assetUses'> | undefined, accounts: readonly { id: string }[]): Pick<AssetView, 'mine'> {
  if (!use) return {}
  const account = accounts.find(({ id }) => id === use.accountId)
  return { mine: { lastUsedAt: timeOf(use.usedAt), ...(account ? { account: account.id } : {}) } }
}

type AccountRow = Awaited<ReturnType<typeof accountsWhere>>[number]

/** Accounts with what may be told of the shared credentials that they name, by user name. */
const accountsWhere = (db: Reading, column: 'assetId' | 'id', ids: readonly string[]) =>
  db
    .selectFrom('accounts')
    .leftJoin('credentials', 'credentials.id', 'accounts.credentialId')
    .select([
      'accounts.id',
      'accounts.assetId',
      'accounts.username',
      'accounts.authKind',
      'accounts.publicKey',
      'accounts.keyAlgorithm',
      'accounts.credentialId',
    ])
    .select(['credentials.name as sharedName', 'credentials.authKind as sharedKind'])
    .select(['credentials.publicKey as sharedPublicKey', 'credentials.keyAlgorithm as sharedAlgorithm'])
    .where(`accounts.${column}`, 'in', ids)
    .orderBy('accounts.username')
    .execute()

function viewAccount(row: AccountRow): AccountView {
  const { id, username, credentialId, sharedName, sharedKind } = row
  if (credentialId === null || sharedName === null || sharedKind === null) return { id, username, auth: viewSecret(row) }
  const auth = viewSecret({ authKind: sharedKind, publicKey: row.sharedPublicKey, keyAlgorithm: row.sharedAlgorithm })
  return { id, username, auth: { kind: 'credential', id: credentialId, name: sharedName, auth } }
}

export async function getAccount(db: Reading, id: string): Promise<AccountView | undefined> {
  const [row] = await accountsWhere(db, 'id', [id])
  return row && viewAccount(row)
}

/** By the account on the way, which belongs to one host. */
async function waysOf(db: Reading, rows: readonly AssetRow[]): Promise<Map<string, NonNullable<AssetView['via']>>> {
  const wanted = [...new Set(rows.flatMap((row) => row.viaAccountId ?? []))]
  if (wanted.length === 0) return new Map()
  const found = await db
    .selectFrom('accounts')
    .innerJoin('assets', 'assets.id', 'accounts.assetId')
    .select(['accounts.id as account', 'accounts.username', 'assets.id as asset', 'assets.name as assetName'])
    .where('accounts.id', 'in', wanted)
    .execute()
  return new Map(found.map((way) => [way.account, way]))
}

const changedKeysOf = (db: Reading, ids: readonly string[]) =>
  db
    .selectFrom('keyChanges')
    .select((eb) => ['assetId', eb.fn.countAll().as('count')])
    .where('assetId', 'in', ids)
    .groupBy('assetId')
    .execute()

const ownRows = <Table extends 'favourites' | 'assetUses'>(db: Reading, table: Table, person: string, ids: readonly string[]): Promise<Row<Table>[]> =>
  db.selectFrom<'favourites' | 'assetUses'>(table).selectAll().where('operatorId', '=', person).where('assetId', 'in', ids).execute() as Promise<Row<Table>[]>

const keysOf = (db: Reading, assets: readonly string[]) =>
  db.selectFrom('hostKeys').selectAll().where('place', 'in', assets.map(placeOfAsset)).orderBy('type').orderBy('fingerprint').execute()

/** The keys trusted for an asset. */
export async function hostKeysOf(db: Reading, asset: string): Promise<HostKey[]> {
  return (await keysOf(db, [asset])).map(({ type, fingerprint, key }) => ({ type, fingerprint, key }))
}
