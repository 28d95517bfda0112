// A credential as an administrator writes it becomes what is stored: the secret sealed, the public half beside it.
import type { AuthInput } from '#domain/credential.ts'
import { Failure, isFailure } from '#domain/failure.ts'
import { Secret } from '#domain/secret.ts'
import { readPrivateKey } from '#ssh/private-key.ts'
import type { Vault } from '../vault/vault.ts'
import type { CheckCredential } from './check-leases.ts'
import { secretPlace } from './parts.ts'

/** A credential that has been understood; `ask` has nothing to keep. Its secrets belong to the caller, who forgets them. */
export type Credential = CheckCredential | { kind: 'ask' }
export type CredentialColumns = { authKind: string; publicKey: string | null; keyAlgorithm: string | null; sealed: string | null }

/**
 * Opens a private key once, with its passphrase; it is kept opened, since control signs without asking. Slow by intent for keys with a passphrase (bcrypt): not to be called inside a transaction.
 * Throws the codes of `readPrivateKey` with the field below `at`.
 */
export function readCredential(auth: AuthInput, at: string): Credential {
  switch (auth.kind) {
    case 'password':
      return { kind: 'password', password: new Secret(auth.password) }
    case 'key':
      return readKey(auth, at)
    case 'ask':
      return { kind: 'ask' }
    case 'generate':
    case 'credential':
      throw new Failure('bad_request', 'This kind of credential cannot be used here.', { field: `${at}.kind` })
  }
}

function readKey(auth: Extract<AuthInput, { kind: 'key' }>, at: string): Credential {
  try {
    const key = readPrivateKey(auth.privateKey, auth.passphrase === '' ? undefined : auth.passphrase)
    return { kind: 'key', privateKey: key.toPem(), publicKey: key.publicBlob.toString('base64'), algorithm: key.algorithm }
  } catch (error) {
    if (!isFailure(error)) throw error
    throw new Failure(error.code, error.message, { field: `${at}.${error.field ?? 'privateKey'}` })
  }
}

/** The columns of an account that keep it. Secrets are bound to the account's row: moved to another, they do not open. */
export function sealCredential(vault: Vault, account: string, credential: Credential): CredentialColumns {
  switch (credential.kind) {
    case 'password':
      return { authKind: 'password', publicKey: null, keyAlgorithm: null, sealed: vault.seal(secretPlace(account), credential.password) }
    case 'key':
      return {
        authKind: 'key',
        publicKey: credential.publicKey,
        keyAlgorithm: credential.algorithm,
        sealed: vault.seal(secretPlace(account), credential.privateKey),
      }
    case 'ask':
      return { authKind: 'ask', publicKey: null, keyAlgorithm: null, sealed: null }
  }
}

/** Opens the stored credential of an account for one check. Throws `credential_missing` when there is none. */
export function unsealCredential(vault: Vault, row: CredentialColumns & { id: string }): Credential {
  if (row.authKind === 'ask') return { kind: 'ask' }
  if (row.sealed === null) throw new Failure('credential_missing', 'The account has no credential. Enter it again.')
  const secret = vault.unseal(secretPlace(row.id), row.sealed)
  if (row.authKind === 'password') return { kind: 'password', password: secret }
  if (row.publicKey === null || row.keyAlgorithm === null) throw new Failure('credential_missing', 'The key of the account is not whole. Enter it again.')
  return { kind: 'key', privateKey: secret, publicKey: row.publicKey, algorithm: row.keyAlgorithm }
}

export function forgetCredential(credential: Credential): void {
  if (credential.kind === 'password') credential.password.forget()
  if (credential.kind === 'key') credential.privateKey.forget()
}
