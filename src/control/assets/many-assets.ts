// One change to many hosts: all or none, one transaction, one ledger row for each host.
import type { AuditEvent } from '#domain/audit-event.ts'
import { Failure } from '#domain/failure.ts'
import type { HostKeyPolicy } from '#domain/host-key.ts'
import { AccountId, makeId } from '#domain/id.ts'
import { recordMany } from '../audit/ledger.ts'
import type { Actor } from '../http/desks.ts'
import type { Trx } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'
import { accountRow, maxAccounts } from './accounts.ts'
import { refuseForbiddenAddress } from './allowed-address.ts'
import { tagsOf } from './asset-rows.ts'
import { refuseUnknownCredential, sealAuth, type AccountAuth } from './credential.ts'
import { byWhom, random, type AssetParts, type EndingParts } from './parts.ts'
import { isLoopbackMeant, refuseBadVia, viaColumns, viaOf, type Via } from './via.ts'
import { deleteInside, endByTags, factsOf, storedTags } from './write-asset.ts'

/** What is left out stays. `account` is added to each host; on one that has an account of this name, what it signs in with is replaced. */
export type ManyChange = {
  ids: readonly string[]
  addTags?: string[] | undefined
  removeTags?: string[] | undefined
  hostKeyPolicy?: HostKeyPolicy | undefined
  via?: Via | null | undefined
  port?: number | undefined
  account?: { username: string; auth: Extract<AccountAuth, { kind: 'credential' | 'ask' }> } | undefined
}
const maxTagsOfOne = 50

/** Returns how many were changed. Throws `asset_not_found` naming the first that is not there, `via_invalid`, `credential_not_found`, `address_not_allowed`, `conflict` for a host with 50 accounts, `bad_request` for one that would have more than 50 tags. */
export async function changeMany(parts: EndingParts, change: ManyChange, actor: Actor): Promise<number> {
  const ids = [...new Set(change.ids)]
  const ends = await parts.store.transaction(async (trx) => {
    const found = await trx.selectFrom('assets').selectAll().where('id', 'in', ids).execute()
    const rows = new Map(found.map((row) => [row.id, row]))
    if (change.via !== undefined) await refuseBadVia(trx, ids, change.via)
    if (change.account) await refuseUnknownCredential(trx, change.account.auth, 'account.auth')
    const accounts = await accountsOf(trx, change.account ? ids : [])
    const events: AuditEvent[] = []
    for (const [index, id] of ids.entries()) {
      const row = rows.get(id)
      if (!row) throw new Failure('asset_not_found', 'One of the hosts is not there (any more).', { field: `ids.${index}` })
      const { detail, ...held } = await changeOne(parts, trx, row, accounts.get(id) ?? [], change)
      events.push({ code: 'asset.changed', outcome: 'done', ...byWhom(actor), object: id, detail, ...held })
    }
    await recordMany(trx, events, parts.now())
    return (change.addTags ?? change.removeTags) === undefined ? [] : await endByTags(trx, ids, actor, parts.now())
  })
  parts.pushEnds(ends)
  return ids.length
}

type Account = Pick<Row<'accounts'>, 'id' | 'assetId' | 'username' | 'authKind' | 'credentialId'>

async function accountsOf(trx: Trx, assets: readonly string[]): Promise<Map<string, Account[]>> {
  if (assets.length === 0) return new Map()
  const rows = await trx.selectFrom('accounts').select(['id', 'assetId', 'username', 'authKind', 'credentialId']).where('assetId', 'in', assets).execute()
  return Map.groupBy(rows, ({ assetId }) => assetId)
}

/** Returns what the ledger keeps of it. */
async function changeOne(parts: AssetParts, trx: Trx, row: Row<'assets'>, accounts: readonly Account[], change: ManyChange) {
  const via = change.via === undefined ? viaOf(row) : change.via
  const after = {
    port: change.port ?? row.port,
    tags: newTags(row, change),
    hostKeyPolicy: change.hostKeyPolicy ?? row.hostKeyPolicy,
    ...viaColumns(via),
  }
  if (change.port !== undefined || change.via !== undefined)
    refuseForbiddenAddress(parts, row.address, after.port, isLoopbackMeant(row.confirmedLoopback === 1, via))
  await trx.updateTable('assets').set(after).where('id', '=', row.id).execute()
  const account = change.account && (await putAccount(parts, trx, row, accounts, change.account))
  const [before, is] = [factsOf(row), factsOf({ ...row, ...after })]
  return {
    before: { ...before, account: account && 'before' in account ? account.before : undefined },
    after: { ...is, account },
    detail: { before, after: is, account, ofMany: change.ids.length },
  }
}

function newTags(row: Row<'assets'>, { addTags = [], removeTags = [] }: ManyChange): string {
  const gone = new Set(removeTags.map((tag) => tag.normalize('NFC')))
  const tags = storedTags([...tagsOf(row).filter((tag) => !gone.has(tag)), ...addTags])
  if (tagsOf({ tags }).length > maxTagsOfOne) throw new Failure('bad_request', `${row.name} would have more than ${maxTagsOfOne} tags.`, { field: 'addTags' })
  return tags
}

/** Returns what the ledger keeps of it. */
async function putAccount(
  parts: AssetParts,
  trx: Trx,
  asset: Row<'assets'>,
  accounts: readonly Account[],
  { username, auth }: NonNullable<ManyChange['account']>,
) {
  const known = accounts.find((account) => account.username === username)
  const told = { username, auth: auth.kind, credential: auth.kind === 'credential' ? auth.id : undefined }
  if (known) {
    await trx
      .updateTable('accounts')
      .set(sealAuth(parts.vault, known.id, auth))
      .where('id', '=', known.id)
      .execute()
    return { ...told, id: known.id, before: { auth: known.authKind, credential: known.credentialId ?? undefined } }
  }
  if (accounts.length >= maxAccounts) throw new Failure('conflict', `${asset.name} has ${maxAccounts} accounts, which is as many as a host may have.`)
  const id = makeId(AccountId, 'ac', random(15))
  await trx
    .insertInto('accounts')
    .values(accountRow(parts.vault, asset.id, { id, username, auth }, parts.now()))
    .execute()
  return { ...told, id }
}

/** Returns how many were deleted. Throws `asset_not_found` naming the first that is not there, and `conflict` while hosts that stay are reached through one of these. */
export async function removeMany(parts: EndingParts, ids: readonly string[], actor: Actor): Promise<number> {
  const each = [...new Set(ids)]
  parts.pushEnds(await parts.store.transaction((trx) => deleteInside(trx, each, actor, parts.now())))
  return each.length
}
