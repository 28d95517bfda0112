// The accounts of an asset: a login and the credential it uses. Secrets go in and never come out.
import type { AuthInput } from '#domain/credential.ts'
import { Failure } from '#domain/failure.ts'
import { AccountId, makeId } from '#domain/id.ts'
import type { AccountView } from '#wire/api/assets.ts'
import { record } from '../audit/ledger.ts'
import { endForbidden } from '../access/enforce.ts'
import type { Actor } from '../http/desks.ts'
import type { PendingEnd } from '../sessions/end-with-sign-in.ts'
import type { Trx } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'
import type { Vault } from '../vault/vault.ts'
import { getAccount } from './asset-rows.ts'
import { forgetCredential, readAuth, refuseUnknownCredential, sealAuth, type AccountAuth } from './credential.ts'
import { byWhom, random, type AssetParts, type EndingParts } from './parts.ts'
import { refuseWhileAccountOnTheWay } from './via.ts'

/** More accounts than this on one host are refused: the list is shown whole. */
export const maxAccounts = 50

export const accountRow = (vault: Vault, assetId: string, account: { id: string; username: string; auth: AccountAuth }, now: number) => ({
  id: account.id,
  assetId,
  username: account.username,
  ...sealAuth(vault, account.id, account.auth),
  createdAt: now,
})

/** Throws `asset_not_found`, `name_taken`, `conflict` at 50 accounts, and the codes of a private key. */
export async function addAccount(parts: AssetParts, asset: string, input: { username: string; auth: AuthInput }, actor: Actor): Promise<AccountView> {
  const auth = readAuth(input.auth, 'auth')
  const id = makeId(AccountId, 'ac', random(15))
  try {
    return await parts.store.transaction(async (trx) => {
      const name = await assetName(trx, asset)
      const others = await refuseTakenUsername(trx, asset, input.username, undefined)
      if (others >= maxAccounts) throw new Failure('conflict', `A host has at most ${maxAccounts} accounts.`)
      await refuseUnknownCredential(trx, auth, 'auth')
      const row = accountRow(parts.vault, asset, { id, username: input.username, auth }, parts.now())
      await trx.insertInto('accounts').values(row).execute()
      const detail = { asset, name, username: input.username, ...toldOf(row) }
      await record(trx, { code: 'account.created', outcome: 'done', ...byWhom(actor), object: id, detail, after: heldOf(row) }, parts.now())
      return await mustGet(trx, id)
    })
  } finally {
    forgetCredential(auth)
  }
}

/** What is left out stays; a credential is replaced as a whole. Throws `asset_not_found`, `account_not_found`, `name_taken`, and the codes of a private key. */
export async function updateAccount(
  parts: EndingParts,
  asset: string,
  account: string,
  change: { username?: string | undefined; auth?: AuthInput | undefined },
  actor: Actor,
): Promise<AccountView> {
  const auth = change.auth === undefined ? undefined : readAuth(change.auth, 'auth')
  try {
    const { view, ends } = await parts.store.transaction(async (trx) => {
      const name = await assetName(trx, asset)
      const row = await findAccount(trx, asset, account)
      const username = change.username ?? row.username
      if (change.username !== undefined) await refuseTakenUsername(trx, asset, username, account)
      if (auth) await refuseUnknownCredential(trx, auth, 'auth')
      const columns = auth === undefined ? {} : sealAuth(parts.vault, account, auth)
      await trx
        .updateTable('accounts')
        .set({ username, ...columns })
        .where('id', '=', account)
        .execute()
      const detail = {
        asset,
        name,
        before: { username: row.username, ...toldOf(row) },
        after: { username, ...toldOf({ ...row, ...columns }) },
        credentialReplaced: auth !== undefined,
      }
      const held = { before: heldOf(row), after: heldOf({ ...row, username, ...columns }) }
      await record(trx, { code: 'account.changed', outcome: 'done', ...byWhom(actor), object: account, detail, ...held }, parts.now())
      const text = 'The account of this session was given another name.'
      return { view: await mustGet(trx, account), ends: username === row.username ? [] : await endOn(trx, asset, text, actor, parts.now()) }
    })
    parts.pushEnds(ends)
    return view
  } finally {
    if (auth) forgetCredential(auth)
  }
}

/** Throws `asset_not_found`, `account_not_found`, `conflict` while other hosts are reached through it. */
export async function deleteAccount(parts: EndingParts, asset: string, account: string, actor: Actor): Promise<void> {
  const ends = await parts.store.transaction(async (trx) => {
    const name = await assetName(trx, asset)
    const row = await findAccount(trx, asset, account)
    await refuseWhileAccountOnTheWay(trx, account)
    await trx.deleteFrom('accounts').where('id', '=', account).execute()
    const detail = { asset, name, username: row.username, ...toldOf(row) }
    await record(trx, { code: 'account.deleted', outcome: 'done', ...byWhom(actor), object: account, detail, before: heldOf(row) }, parts.now())
    return await endOn(trx, asset, 'The account of this session was deleted.', actor, parts.now())
  })
  parts.pushEnds(ends)
}

const endOn = (trx: Trx, asset: string, text: string, by: Actor, now: number): Promise<PendingEnd[]> => endForbidden(trx, { assets: [asset], by, text }, now)

/** Of what the ledger keeps a digest: with the sealed text, so that one secret instead of another is a change too. */
const heldOf = (row: Pick<Row<'accounts'>, 'username' | 'authKind' | 'publicKey' | 'sealed' | 'credentialId'>) => ({
  username: row.username,
  authKind: row.authKind,
  publicKey: row.publicKey,
  sealed: row.sealed,
  credentialId: row.credentialId,
})

/** What the ledger keeps of how an account signs in. */
export const toldOf = (row: { authKind: string; credentialId: string | null }) => ({ auth: row.authKind, credential: row.credentialId ?? undefined })

async function mustGet(trx: Trx, id: string): Promise<AccountView> {
  const view = await getAccount(trx, id)
  if (!view) throw new Error('the account is gone inside the transaction that wrote it')
  return view
}

async function assetName(trx: Trx, asset: string): Promise<string> {
  const row = await trx.selectFrom('assets').select('name').where('id', '=', asset).executeTakeFirst()
  if (!row) throw new Failure('asset_not_found', 'There is no such host.')
  return row.name
}

/** By id, and of this asset only: the id of another host's account is as good as none. */
async function findAccount(trx: Trx, asset: string, account: string) {
  const row = await trx.selectFrom('accounts').selectAll().where('id', '=', account).where('assetId', '=', asset).executeTakeFirst()
  if (!row) throw new Failure('account_not_found', 'The host has no such account.')
  return row
}

async function refuseTakenUsername(trx: Trx, asset: string, username: string, own: string | undefined): Promise<number> {
  const rows = await trx.selectFrom('accounts').select(['id', 'username']).where('assetId', '=', asset).execute()
  if (rows.some((row) => row.id !== own && row.username === username))
    throw new Failure('name_taken', 'The host has an account with this name already.', { field: 'username' })
  return rows.length
}
