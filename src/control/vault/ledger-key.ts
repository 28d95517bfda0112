// The key that signs ledger heads and recording heads. It never leaves control; its fingerprint is shown, so that a verifier elsewhere can be told which key to trust.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { join } from 'node:path'
import type { Store, Trx } from '../store/open-store.ts'
import { makeKeyFile, readKeyFile } from './key-file.ts'

export type LedgerKey = {
  /** `SHA256:` and the unpadded base64 of the SHA-256 of the public key in SPKI DER form (RFC 8410). */
  readonly fingerprint: string
  readonly publicKey: KeyObject
  /** PEM (SPKI), what `verify --trust` reads. */
  readonly publicPem: string
  /** Ed25519 (RFC 8032): 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array
}

const settingName = 'ledger.fingerprint'

/** Reads the ledger key, or makes it at the first start. Refuses in words, naming the fingerprint, when the database was signed with another. */
export async function openLedgerKey(store: Store, dataFolder: string): Promise<LedgerKey> {
  const path = join(dataFolder, 'keys', 'ledger.key')
  const wanted = await store.transaction(signedWith)
  if (readKeyFile(path) === undefined) {
    if (wanted !== undefined)
      throw new Error(
        `the ledger key ${wanted} is missing: ${path} is not there. Put that file back: with another key, recordings made before would no longer verify.`,
      )
    makeKeyFile(path, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  }
  const key = parseKey(readKeyFile(path) ?? '', path)
  await store.transaction(async (trx) => {
    const before = await signedWith(trx)
    if (before === undefined) await trx.insertInto('settings').values({ name: settingName, value: key.fingerprint }).execute()
    else if (before !== key.fingerprint)
      throw new Error(`the ledger was signed with the key ${before}, but ${path} holds ${key.fingerprint}. Put the right file back; nothing has been changed.`)
  })
  return key
}

function parseKey(pem: string, path: string): LedgerKey {
  const wrong = `${path} is not an Ed25519 key: it was cut off or overwritten. Put the right file back.`
  let privateKey: KeyObject
  try {
    privateKey = createPrivateKey(pem)
  } catch {
    throw new Error(wrong) // the cause may quote the file
  }
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new Error(wrong)
  const publicKey = createPublicKey(privateKey)
  return {
    fingerprint: fingerprintOf(publicKey),
    publicKey,
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign: (bytes) => sign(null, bytes, privateKey),
  }
}

export function fingerprintOf(publicKey: KeyObject): string {
  const der = publicKey.export({ type: 'spki', format: 'der' })
  return `SHA256:${createHash('sha256').update(der).digest('base64').replace(/=+$/, '')}`
}

async function signedWith(trx: Trx): Promise<string | undefined> {
  return (await trx.selectFrom('settings').select('value').where('name', '=', settingName).executeTakeFirst())?.value
}
