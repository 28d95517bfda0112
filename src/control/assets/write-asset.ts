// Making, changing and deleting assets: each in one transaction with its ledger row.
import type { AuditEvent } from '#domain/audit-event.ts'
import type { AuthInput } from '#domain/credential.ts'
import { Failure } from '#domain/failure.ts'
import type { HostKey, HostKeyPolicy } from '#domain/host-key.ts'
import { AccountId, AssetId, makeId } from '#domain/id.ts'
import type { AssetView } from '#wire/api/assets.ts'
import { record, recordMany } from '../audit/ledger.ts'
import { endForbidden } from '../access/enforce.ts'
import type { Actor } from '../http/desks.ts'
import type { PendingEnd } from '../sessions/end-with-sign-in.ts'
import type { Trx } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'
import { accountRow, toldOf } from './accounts.ts'
import { refuseForbiddenAddress } from './allowed-address.ts'
import { refuseTakenName } from './asset-names.ts'
import { getAsset, placeOfAsset, policyOf, tagsOf } from './asset-rows.ts'
import { forgetCredential, readAuth, refuseUnknownCredential } from './credential.ts'
import { checkHostKeys, putHostKeys } from './host-keys.ts'
import { readLegacyUntil } from './old-algorithms.ts'
import { byWhom, random, type AssetParts, type EndingParts } from './parts.ts'
import { isLoopbackMeant, refuseBadVia, refuseWhileOnTheWay, viaColumns, viaOf, type Via } from './via.ts'

export type NewAsset = {
  name: string
  address: string
  port: number
  tags: string[]
  hostKeyPolicy: HostKeyPolicy
  via: Via | null
  legacyUntil?: string | null | undefined
  confirmLoopback?: boolean | undefined
  accounts: { username: string; auth: AuthInput }[]
  trusted: HostKey[]
}
export type AssetChange = { [Field in keyof Omit<NewAsset, 'accounts' | 'trusted'>]?: NewAsset[Field] | undefined }

const noAsset = () => new Failure('asset_not_found', 'There is no such host.')

/** Throws `name_taken`, `address_not_allowed`, `via_invalid`, `credential_not_found`, `bad_request` for a host key that is not what it says, and the codes of a private key, each naming its field. */
export async function createAsset(parts: AssetParts, input: NewAsset, actor: Actor): Promise<AssetView> {
  refuseForbiddenAddress(parts, input.address, input.port, isLoopbackMeant(input.confirmLoopback === true, input.via))
  const hostKeys = checkHostKeys(input.trusted, 'trusted')
  refuseTwice(input.accounts.map((account) => account.username))
  const accounts = input.accounts.map((account, index) => ({
    id: makeId(AccountId, 'ac', random(15)),
    username: account.username,
    auth: readAuth(account.auth, `accounts.${index}.auth`),
  }))
  const id = makeId(AssetId, 'as', random(15))
  try {
    return await parts.store.transaction(async (trx) => {
      const now = parts.now()
      await refuseTakenName(trx, input.name, undefined)
      await refuseBadVia(trx, [id], input.via)
      for (const [index, { auth }] of accounts.entries()) await refuseUnknownCredential(trx, auth, `accounts.${index}.auth`)
      const row = assetRow(id, input, now)
      await trx.insertInto('assets').values(row).execute()
      const rows = accounts.map((account) => accountRow(parts.vault, id, account, now))
      if (rows.length > 0) await trx.insertInto('accounts').values(rows).execute()
      await putHostKeys(trx, id, hostKeys, actor, now)
      const detail = { ...factsOf(row), ...factsOfAccounts(rows), trusted: hostKeys.map(({ fingerprint }) => fingerprint) }
      await record(trx, { code: 'asset.created', outcome: 'done', ...byWhom(actor), object: id, detail, after: detail }, now)
      return await mustGet(trx, id, actor)
    })
  } finally {
    for (const { auth } of accounts) forgetCredential(auth)
  }
}

/** A new row, as it is inserted. */
export const assetRow = (id: string, input: Omit<NewAsset, 'accounts' | 'trusted'>, now: number) => ({
  id,
  name: input.name,
  address: input.address,
  port: input.port,
  protocol: 'ssh',
  tags: storedTags(input.tags),
  hostKeyPolicy: input.hostKeyPolicy,
  ...viaColumns(input.via),
  legacyUntil: readLegacyUntil(input.legacyUntil, now),
  createdAt: now,
  lastUsedAt: null,
  confirmedLoopback: input.confirmLoopback === true ? 1 : 0,
})

/** Fields that are left out stay. A loopback address that was confirmed stays confirmed until the address changes. Throws `asset_not_found` and the codes of `createAsset`. */
export async function updateAsset(parts: EndingParts, id: string, change: AssetChange, actor: Actor): Promise<AssetView> {
  const { view, ends } = await parts.store.transaction(async (trx) => {
    const row = await trx.selectFrom('assets').selectAll().where('id', '=', id).executeTakeFirst()
    if (!row) throw noAsset()
    const address = change.address ?? row.address
    const port = change.port ?? row.port
    const confirmed = change.confirmLoopback ?? (row.confirmedLoopback === 1 && address === row.address)
    const via = change.via === undefined ? viaOf(row) : change.via
    if (change.address !== undefined || change.port !== undefined || change.confirmLoopback !== undefined || change.via !== undefined)
      refuseForbiddenAddress(parts, address, port, isLoopbackMeant(confirmed, via))
    if (change.name !== undefined) await refuseTakenName(trx, change.name, id)
    if (change.via !== undefined) await refuseBadVia(trx, [id], change.via)
    const after = {
      name: change.name ?? row.name,
      address,
      port,
      tags: change.tags === undefined ? row.tags : storedTags(change.tags),
      hostKeyPolicy: change.hostKeyPolicy ?? row.hostKeyPolicy,
      ...viaColumns(via),
      legacyUntil: change.legacyUntil === undefined ? row.legacyUntil : readLegacyUntil(change.legacyUntil, parts.now()),
      confirmedLoopback: confirmed ? 1 : 0,
    }
    await trx.updateTable('assets').set(after).where('id', '=', id).execute()
    const detail = { before: factsOf(row), after: factsOf(after) }
    await record(trx, { code: 'asset.changed', outcome: 'done', ...byWhom(actor), object: id, detail, ...detail }, parts.now())
    return { view: await mustGet(trx, id, actor), ends: after.tags === row.tags ? [] : await endByTags(trx, [id], actor, parts.now()) }
  })
  parts.pushEnds(ends)
  return view
}

/** Grants reach hosts by their tags: whose access came by one that went, or is asked for more by one that came. */
export const endByTags = (trx: Trx, assets: readonly string[], by: Actor, now: number): Promise<PendingEnd[]> =>
  endForbidden(trx, { assets, by, text: 'The tags of this host were changed, and with them who may use it.' }, now)

/** Deletes the asset with its accounts, their secrets and its host keys, and ends the sessions that are open on it. Rows and recordings of sessions stay: they name it by what it was called. Throws `asset_not_found`, and `conflict` while other hosts are reached through it. */
export async function deleteAsset(parts: EndingParts, id: string, actor: Actor): Promise<void> {
  parts.pushEnds(await parts.store.transaction((trx) => deleteInside(trx, [id], actor, parts.now())))
}

/** The same for many in the caller's transaction, all or none; hosts that are reached through one of these go with it, or stand against it. Returns what to push once it is committed. */
export async function deleteInside(trx: Trx, ids: readonly string[], actor: Actor, now: number): Promise<PendingEnd[]> {
  const rows = new Map((await trx.selectFrom('assets').selectAll().where('id', 'in', ids).execute()).map((row) => [row.id, row]))
  const missing = ids.findIndex((id) => !rows.has(id))
  if (missing >= 0)
    throw ids.length === 1 ? noAsset() : new Failure('asset_not_found', 'One of the hosts is not there (any more).', { field: `ids.${missing}` })
  await refuseWhileOnTheWay(trx, ids)
  await trx.deleteFrom('accounts').where('assetId', 'in', ids).execute()
  await trx.deleteFrom('hostKeys').where('place', 'in', ids.map(placeOfAsset)).execute()
  await trx.deleteFrom('assets').where('id', 'in', ids).execute()
  const events = [...rows.values()].map((row): AuditEvent => ({
    code: 'asset.deleted',
    outcome: 'done',
    ...byWhom(actor),
    object: row.id,
    detail: factsOf(row),
    before: factsOf(row),
  }))
  await recordMany(trx, events, now)
  return endForbidden(trx, { assets: ids, by: actor, text: 'This host was deleted.' }, now)
}

export const storedTags = (tags: readonly string[]) => JSON.stringify([...new Set(tags.map((tag) => tag.normalize('NFC')))])

type Facts = Pick<Row<'assets'>, 'name' | 'address' | 'port' | 'tags' | 'hostKeyPolicy' | 'viaAssetId' | 'viaAccountId' | 'legacyUntil'>
/** What the ledger keeps of a host. */
export const factsOf = (row: Facts) => ({
  name: row.name,
  address: row.address,
  port: row.port,
  tags: tagsOf(row),
  hostKeyPolicy: policyOf(row),
  via: viaOf(row),
  oldAlgorithmsUntil: row.legacyUntil === null ? null : new Date(row.legacyUntil).toISOString(),
})
export const factsOfAccounts = (rows: readonly { id: string; username: string; authKind: string; credentialId: string | null }[]) => ({
  accounts: rows.map((account) => ({ id: account.id, username: account.username, ...toldOf(account) })),
})

/** Throws `name_taken` for the second of two accounts with one name. */
export function refuseTwice(usernames: readonly string[]): void {
  const twice = usernames.findIndex((username, index) => usernames.indexOf(username) !== index)
  if (twice >= 0) throw new Failure('name_taken', 'The host has two accounts with this name.', { field: `accounts.${twice}.username` })
}

async function mustGet(trx: Trx, id: string, actor: Actor): Promise<AssetView> {
  const view = await getAsset(trx, id, { operator: actor.operator.id, sight: 'all' })
  if (!view) throw new Error('the asset is gone inside the transaction that wrote it')
  return view
}
