// Credentials that many hosts share: changed here, used by every dial from then on. Each act in one transaction with its ledger row.
import type { SecretInput } from '#domain/credential.ts'
import { Failure } from '#domain/failure.ts'
import { CredentialId, makeId } from '#domain/id.ts'
import type { CredentialView } from '#wire/api/credentials.ts'
import { record } from '../audit/ledger.ts'
import type { Actor } from '../http/desks.ts'
import type { Trx } from '../store/open-store.ts'
import { foldName } from './asset-names.ts'
import { getCredential } from './credential-rows.ts'
import { forgetCredential, readCredential, sealCredential, viewSecret, type CredentialColumns } from './credential.ts'
import { byWhom, random, sharedSecretPlace, type AssetParts } from './parts.ts'
import { namesOf } from './via.ts'

export type NewCredential = { name: string; username: string; auth: SecretInput }
export type CredentialChange = { [Field in keyof NewCredential]?: NewCredential[Field] | undefined }
/** Lists of them are read whole; more are refused with `conflict`. */
export const maxCredentials = 2000

/** Throws `name_taken`, `conflict` at 2,000, and the codes of a private key with the field below `auth`. */
export async function createCredential(parts: AssetParts, input: NewCredential, actor: Actor): Promise<CredentialView> {
  const credential = readCredential(input.auth, 'auth')
  const id = makeId(CredentialId, 'cr', random(15))
  try {
    return await parts.store.transaction(async (trx) => {
      const now = parts.now()
      if ((await refuseTakenName(trx, input.name, undefined)) >= maxCredentials)
        throw new Failure('conflict', `There are ${maxCredentials} shared credentials, which is as many as there may be.`)
      const row = { id, name: input.name, username: input.username, ...sealCredential(parts.vault, sharedSecretPlace(id), credential) }
      await trx
        .insertInto('credentials')
        .values({ ...row, createdAt: now, rotatedAt: now })
        .execute()
      await record(trx, { code: 'credential.created', outcome: 'done', ...byWhom(actor), object: id, detail: factsOf(row), after: heldOf(row) }, now)
      return await mustGet(trx, id)
    })
  } finally {
    forgetCredential(credential)
  }
}

/** What is left out stays. A new `auth` takes the place of the old one, which is overwritten. Throws `credential_not_found` and the codes of `createCredential`. */
export async function updateCredential(parts: AssetParts, id: string, change: CredentialChange, actor: Actor): Promise<CredentialView> {
  const credential = change.auth === undefined ? undefined : readCredential(change.auth, 'auth')
  try {
    return await parts.store.transaction(async (trx) => {
      const now = parts.now()
      const row = await trx.selectFrom('credentials').selectAll().where('id', '=', id).executeTakeFirst()
      if (!row) throw noCredential()
      if (change.name !== undefined) await refuseTakenName(trx, change.name, id)
      const after = {
        name: change.name ?? row.name,
        username: change.username ?? row.username,
        ...(credential === undefined ? {} : { ...sealCredential(parts.vault, sharedSecretPlace(id), credential), rotatedAt: now }),
      }
      await trx.updateTable('credentials').set(after).where('id', '=', id).execute()
      const view = await mustGet(trx, id)
      const detail = { before: factsOf(row), after: factsOf({ ...row, ...after }), credentialReplaced: credential !== undefined, hosts: view.hosts }
      const held = { before: heldOf(row), after: heldOf({ ...row, ...after }) }
      await record(trx, { code: 'credential.changed', outcome: 'done', ...byWhom(actor), object: id, detail, ...held }, now)
      return view
    })
  } finally {
    if (credential) forgetCredential(credential)
  }
}

/** Throws `credential_not_found`, and `conflict` naming the hosts while an account uses it. */
export async function deleteCredential(parts: AssetParts, id: string, actor: Actor): Promise<void> {
  await parts.store.transaction(async (trx) => {
    const row = await trx.selectFrom('credentials').selectAll().where('id', '=', id).executeTakeFirst()
    if (!row) throw noCredential()
    const users = await trx
      .selectFrom('accounts')
      .innerJoin('assets', 'assets.id', 'accounts.assetId')
      .select('assets.name')
      .distinct()
      .where('accounts.credentialId', '=', id)
      .orderBy('assets.name')
      .execute()
    const hosts = users.map(({ name }) => name)
    if (hosts.length > 0)
      throw new Failure('conflict', `Accounts still use it: on ${namesOf(hosts)}. Give them another credential first.`, {
        detail: { hosts: hosts.slice(0, 5), count: hosts.length },
      })
    await trx.deleteFrom('credentials').where('id', '=', id).execute()
    await record(trx, { code: 'credential.deleted', outcome: 'done', ...byWhom(actor), object: id, detail: factsOf(row), before: heldOf(row) }, parts.now())
  })
}

export const noCredential = () => new Failure('credential_not_found', 'There is no such shared credential.')

/** Of what the ledger keeps a digest: with the sealed text, so that one secret instead of another is a change too. */
const heldOf = (row: { name: string; username: string } & CredentialColumns) => ({
  name: row.name,
  username: row.username,
  authKind: row.authKind,
  publicKey: row.publicKey,
  sealed: row.sealed,
})

/** What the ledger keeps: of a key its public half, which tells one from the next. */
function factsOf(row: { name: string; username: string } & Omit<CredentialColumns, 'sealed'>): Record<string, unknown> {
  const auth = viewSecret(row)
  return { name: row.name, username: row.username, auth: auth.kind, ...(auth.kind === 'key' ? { fingerprint: auth.fingerprint } : {}) }
}

async function refuseTakenName(trx: Trx, name: string, own: string | undefined): Promise<number> {
  const rows = await trx.selectFrom('credentials').select(['id', 'name']).execute()
  if (rows.some((row) => row.id !== own && foldName(row.name) === foldName(name)))
    throw new Failure('name_taken', 'Another shared credential has this name.', { field: 'name' })
  return rows.length
}

async function mustGet(trx: Trx, id: string): Promise<CredentialView> {
  const view = await getCredential(trx, id)
  if (!view) throw new Error('the credential is gone inside the transaction that wrote it')
  return view
}
