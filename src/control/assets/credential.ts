// A credential as an administrator writes it becomes what is stored: the secret sealed, the public half beside it. Whether it is an account's own or shared by many is decided here alone.
import { generateKeyPairSync } from 'node:crypto'
import type { Admission } from '#domain/admission.ts'
import type { AuthInput, SecretInput, SecretView } from '#domain/credential.ts'
import { Failure, isFailure } from '#domain/failure.ts'
import { Secret } from '#domain/secret.ts'
import { fingerprintOf, readPrivateKey } from '#ssh/private-key.ts'
import type { Store, Trx } from '../store/open-store.ts'
import type { SealedPlace, Vault } from '../vault/vault.ts'
import type { CheckCredential } from './check-leases.ts'
import { secretPlace, sharedSecretPlace } from './parts.ts'

/** A credential that has been understood; `ask` has nothing to keep. Its secrets belong to the caller, who forgets them. */
export type Credential = CheckCredential | { kind: 'ask' }
/** What an account signs in with: its own credential, or a shared one by its id. */
export type AccountAuth = Credential | { kind: 'credential'; id: string }
export type CredentialColumns = { authKind: string; publicKey: string | null; keyAlgorithm: string | null; sealed: string | null }
export type AccountColumns = CredentialColumns & { credentialId: string | null }
type Reading = Store['db'] | Trx

/**
 * Opens a private key once, with its passphrase; it is kept opened, since control signs without asking. Slow by intent for keys with a passphrase (bcrypt): not to be called inside a transaction.
 * `generate` makes an Ed25519 key pair. Throws the codes of `readPrivateKey` with the field below `at`.
 */
export function readCredential(auth: SecretInput, at: string): Credential {
  switch (auth.kind) {
    case 'password':
      return { kind: 'password', password: new Secret(auth.password) }
    case 'key':
      return readKey(auth, at)
    case 'generate':
      return makeKey()
    case 'ask':
      return { kind: 'ask' }
  }
}

/** The same for an account, which may name a shared credential; whether that exists is asked by `refuseUnknownCredential`. */
export const readAuth = (auth: AuthInput, at: string): AccountAuth => (auth.kind === 'credential' ? auth : readCredential(auth, at))

function readKey(auth: Extract<SecretInput, { kind: 'key' }>, at: string): Credential {
  try {
    return describe(auth.privateKey, auth.passphrase === '' ? undefined : auth.passphrase)
  } catch (error) {
    if (!isFailure(error)) throw error
    throw new Failure(error.code, error.message, { field: `${at}.${error.field ?? 'privateKey'}` })
  }
}

const makeKey = (): Credential => describe(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())

function describe(pem: string, passphrase?: string): Credential {
  const key = readPrivateKey(pem, passphrase)
  return { kind: 'key', privateKey: key.toPem(), publicKey: key.publicBlob.toString('base64'), algorithm: key.algorithm }
}

/** The columns that keep it. Secrets are bound to their row: moved to another, they do not open. */
export function sealCredential(vault: Vault, place: SealedPlace, credential: Credential): CredentialColumns {
  switch (credential.kind) {
    case 'password':
      return { authKind: 'password', publicKey: null, keyAlgorithm: null, sealed: vault.seal(place, credential.password) }
    case 'key':
      return { authKind: 'key', publicKey: credential.publicKey, keyAlgorithm: credential.algorithm, sealed: vault.seal(place, credential.privateKey) }
    case 'ask':
      return { authKind: 'ask', publicKey: null, keyAlgorithm: null, sealed: null }
  }
}

/** The columns of an account. One that names a shared credential keeps no secret of its own: what it had is overwritten. */
export function sealAuth(vault: Vault, account: string, auth: AccountAuth): AccountColumns {
  if (auth.kind === 'credential') return { authKind: 'credential', publicKey: null, keyAlgorithm: null, sealed: null, credentialId: auth.id }
  return { ...sealCredential(vault, secretPlace(account), auth), credentialId: null }
}

/** Throws `credential_not_found` with the field below `at` when a shared credential is named that is not there. */
export async function refuseUnknownCredential(db: Reading, auth: AccountAuth, at: string): Promise<void> {
  if (auth.kind !== 'credential') return
  const row = await db.selectFrom('credentials').select('id').where('id', '=', auth.id).executeTakeFirst()
  if (!row) throw new Failure('credential_not_found', 'There is no such shared credential (any more).', { field: `${at}.id` })
}

type AccountRow = CredentialColumns & { id: string; credentialId: string | null }

/** Opens what an account signs in with, its own or the shared one, as it stands now. The caller forgets it. Throws `credential_missing` when there is none. */
export async function openAccountCredential(vault: Vault, db: Reading, account: AccountRow): Promise<Credential> {
  if (account.authKind === 'credential') return await openSharedCredential(vault, db, account.credentialId ?? '')
  return unseal(vault, secretPlace(account.id), account)
}

/** Opens a shared credential by its id. The caller forgets it. Throws `credential_missing` when it is not there, or not whole. */
export async function openSharedCredential(vault: Vault, db: Reading, id: string): Promise<Credential> {
  return unseal(vault, sharedSecretPlace(id), await sharedRow(db, id))
}

/** What a gateway is told of an account's credential: its kind and the public half. Throws `credential_missing`. */
export async function publicHalfOf(db: Reading, account: Omit<AccountRow, 'sealed'>): Promise<Admission['auth']> {
  const row = account.authKind === 'credential' ? await sharedRow(db, account.credentialId ?? '') : account
  if (row.authKind === 'password') return { kind: 'password' }
  if (row.authKind === 'key' && row.publicKey !== null && row.keyAlgorithm !== null)
    return { kind: 'key', publicKey: row.publicKey, algorithm: row.keyAlgorithm }
  return { kind: 'ask' }
}

async function sharedRow(db: Reading, id: string): Promise<CredentialColumns> {
  const row = await db.selectFrom('credentials').select(['authKind', 'publicKey', 'keyAlgorithm', 'sealed']).where('id', '=', id).executeTakeFirst()
  if (!row) throw new Failure('credential_missing', 'The shared credential of the account is gone. Choose another.')
  return row
}

function unseal(vault: Vault, place: SealedPlace, row: CredentialColumns): Credential {
  if (row.authKind === 'ask') return { kind: 'ask' }
  if (row.sealed === null) throw new Failure('credential_missing', 'The account has no credential. Enter it again.')
  const secret = vault.unseal(place, row.sealed)
  if (row.authKind === 'password') return { kind: 'password', password: secret }
  if (row.publicKey === null || row.keyAlgorithm === null) throw new Failure('credential_missing', 'The key of the account is not whole. Enter it again.')
  return { kind: 'key', privateKey: secret, publicKey: row.publicKey, algorithm: row.keyAlgorithm }
}

/** What may be shown of a stored secret. */
export function viewSecret(row: Omit<CredentialColumns, 'sealed'>): SecretView {
  if (row.authKind === 'password') return { kind: 'password' }
  if (row.authKind === 'key' && row.publicKey !== null && row.keyAlgorithm !== null)
    return { kind: 'key', publicKey: `${row.keyAlgorithm} ${row.publicKey}`, fingerprint: fingerprintOf(Buffer.from(row.publicKey, 'base64')) }
  return { kind: 'ask' }
}

export function forgetCredential(credential: AccountAuth): void {
  if (credential.kind === 'password') credential.password.forget()
  if (credential.kind === 'key') credential.privateKey.forget()
}
