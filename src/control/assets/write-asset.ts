// Making, changing and deleting assets: each in one transaction with its ledger row.
import { z } from 'zod'
import { AccountId, AssetId, makeId } from '#domain/id.ts'
import type { AuthInput } from '#domain/credential.ts'
import { Failure } from '#domain/failure.ts'
import type { HostKey } from '#domain/host-key.ts'
import type { AssetView } from '#wire/api/assets.ts'
import { record } from '../audit/ledger.ts'
import type { Actor } from '../http/desks.ts'
import type { Trx } from '../store/open-store.ts'
import { accountRow } from './accounts.ts'
import { refuseForbiddenAddress } from './allowed-address.ts'
import { getAsset, placeOfAsset } from './asset-rows.ts'
import { forgetCredential, readCredential } from './credential.ts'
import { checkHostKeys, putHostKeys } from './host-keys.ts'
import { byWhom, random, type AssetParts } from './parts.ts'

export type NewAsset = {
  name: string
  address: string
  port: number
  tags: string[]
  confirmLoopback?: boolean | undefined
  accounts: { username: string; auth: AuthInput }[]
  trusted: HostKey[]
}
export type AssetChange = { [Field in 'name' | 'address' | 'port' | 'tags' | 'confirmLoopback']?: NewAsset[Field] | undefined }

const noAsset = () => new Failure('asset_not_found', 'There is no such host.')

/** Throws `name_taken`, `address_not_allowed`, `bad_request` for a host key that is not what it says, and the codes of a private key, each naming its field. */
export async function createAsset(parts: AssetParts, input: NewAsset, actor: Actor): Promise<AssetView> {
  refuseForbiddenAddress(parts, input.address, input.port, input.confirmLoopback === true)
  const hostKeys = checkHostKeys(input.trusted, 'trusted')
  refuseTwice(input.accounts.map((account) => account.username))
  const accounts = input.accounts.map((account, index) => ({
    id: makeId(AccountId, 'ac', random(15)),
    username: account.username,
    credential: readCredential(account.auth, `accounts.${index}.auth`),
  }))
  const id = makeId(AssetId, 'as', random(15))
  try {
    return await parts.store.transaction(async (trx) => {
      const now = parts.now()
      await refuseTakenName(trx, input.name, undefined)
      const row = {
        id,
        name: input.name,
        address: input.address,
        port: input.port,
        protocol: 'ssh',
        tags: JSON.stringify(tagsOf(input.tags)),
        createdAt: now,
        lastUsedAt: null,
      }
      await trx
        .insertInto('assets')
        .values({ ...row, confirmedLoopback: input.confirmLoopback === true ? 1 : 0 })
        .execute()
      for (const account of accounts)
        await trx
          .insertInto('accounts')
          .values(accountRow(parts.vault, id, account, now))
          .execute()
      await putHostKeys(trx, id, hostKeys, actor, now)
      const detail = {
        ...factsOf(input),
        accounts: accounts.map(({ id: account, username, credential }) => ({ id: account, username, auth: credential.kind })),
        trusted: hostKeys.map(({ fingerprint }) => fingerprint),
      }
      await record(trx, { code: 'asset.created', outcome: 'done', ...byWhom(actor), object: id, detail }, now)
      return await mustGet(trx, id)
    })
  } finally {
    for (const { credential } of accounts) forgetCredential(credential)
  }
}

/** Fields that are left out stay. A loopback address that was confirmed stays confirmed until the address changes. Throws `asset_not_found` and the codes of `createAsset`. */
export async function updateAsset(parts: AssetParts, id: string, change: AssetChange, actor: Actor): Promise<AssetView> {
  return await parts.store.transaction(async (trx) => {
    const row = await trx.selectFrom('assets').selectAll().where('id', '=', id).executeTakeFirst()
    if (!row) throw noAsset()
    const address = change.address ?? row.address
    const port = change.port ?? row.port
    const confirmed = change.confirmLoopback ?? (row.confirmedLoopback === 1 && address === row.address)
    if (change.address !== undefined || change.port !== undefined || change.confirmLoopback !== undefined)
      refuseForbiddenAddress(parts, address, port, confirmed)
    if (change.name !== undefined) await refuseTakenName(trx, change.name, id)
    const tags = change.tags === undefined ? row.tags : JSON.stringify(tagsOf(change.tags))
    const after = { name: change.name ?? row.name, address, port, tags, confirmedLoopback: confirmed ? 1 : 0 }
    await trx.updateTable('assets').set(after).where('id', '=', id).execute()
    const before = factsOf({ ...row, tags: storedTags.parse(JSON.parse(row.tags)) })
    const detail = { before, after: factsOf({ ...after, tags: storedTags.parse(JSON.parse(tags)) }) }
    await record(trx, { code: 'asset.changed', outcome: 'done', ...byWhom(actor), object: id, detail }, parts.now())
    return await mustGet(trx, id)
  })
}

/** Deletes the asset with its accounts, their secrets and its host keys. Its sessions and recordings stay: they name it by what it was called. Throws `asset_not_found`. */
export async function deleteAsset(parts: AssetParts, id: string, actor: Actor): Promise<void> {
  await parts.store.transaction(async (trx) => {
    const row = await trx.selectFrom('assets').selectAll().where('id', '=', id).executeTakeFirst()
    if (!row) throw noAsset()
    await trx.deleteFrom('accounts').where('assetId', '=', id).execute()
    await trx.deleteFrom('hostKeys').where('place', '=', placeOfAsset(id)).execute()
    await trx.deleteFrom('assets').where('id', '=', id).execute()
    const detail = factsOf({ ...row, tags: storedTags.parse(JSON.parse(row.tags)) })
    await record(trx, { code: 'asset.deleted', outcome: 'done', ...byWhom(actor), object: id, detail }, parts.now())
  })
}

const storedTags = z.array(z.string())
const tagsOf = (tags: string[]) => [...new Set(tags.map((tag) => tag.normalize('NFC')))]
const factsOf = ({ name, address, port, tags }: { name: string; address: string; port: number; tags: string[] }) => ({ name, address, port, tags })

/** Names that differ only in case or in how their letters are composed would be taken for each other by people and by the SSH door. */
const foldName = (name: string) => name.normalize('NFC').toUpperCase().toLowerCase()

/** The database folds ASCII alone, so the names are compared here; the transaction keeps another from taking the name in between. */
async function refuseTakenName(trx: Trx, name: string, own: string | undefined): Promise<void> {
  const folded = foldName(name)
  const rows = await trx.selectFrom('assets').select(['id', 'name']).execute()
  if (rows.some((row) => row.id !== own && foldName(row.name) === folded)) throw new Failure('name_taken', 'Another host has this name.', { field: 'name' })
}

function refuseTwice(usernames: string[]): void {
  const twice = usernames.findIndex((username, index) => usernames.indexOf(username) !== index)
  if (twice >= 0) throw new Failure('name_taken', 'The host has two accounts with this name.', { field: `accounts.${twice}.username` })
}

async function mustGet(trx: Trx, id: string): Promise<AssetView> {
  const view = await getAsset(trx, id)
  if (!view) throw new Error('the asset is gone inside the transaction that wrote it')
  return view
}
