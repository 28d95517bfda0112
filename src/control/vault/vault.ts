// The only file that opens sealed secrets. AES-256-GCM (NIST SP 800-38D); the place of a secret is bound into it, so that it opens nowhere else.
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { Failure } from '#domain/failure.ts'
import { base32 } from '#domain/id.ts'
import { Secret } from '#domain/secret.ts'
import type { Store, Trx } from '../store/open-store.ts'
import { makeKeyFile, readKeyFile } from './key-file.ts'

/** Where a sealed secret stands. `row` is the primary key. */
export type SealedPlace = { table: string; row: string; column: string }
export type Random = (bytes: number) => Uint8Array

export type Vault = {
  /** Names the key without telling it: `vk1_` and 16 characters. */
  readonly keyId: string
  /** `v1.<key id>.<nonce>.<ciphertext and tag>`. The same secret sealed twice gives two texts. */
  seal(place: SealedPlace, secret: Secret): string
  /** Throws `internal`, with the same words for every cause, when the text was altered, moved from another place, or sealed with another key. */
  unseal(place: SealedPlace, sealed: string): Secret
}

const nonceBytes = 12
const tagBytes = 16
const fileHead = 'sallyport-vault-key-1 '
const checkName = 'vault.keyCheck'
const checkPlace: SealedPlace = { table: 'settings', row: checkName, column: 'value' }
const checkText = 'this vault key is the right one'

/**
 * Reads the vault key, or makes it at the first start, and proves against the database that it is the right one. A database that was sealed with another
 * key, or whose key file is missing, is refused in words that name the key id; nothing is changed then.
 */
export async function openVault(store: Store, dataFolder: string, random: Random = randomBytes): Promise<Vault> {
  const path = join(dataFolder, 'keys', 'vault.key')
  const wanted = await store.transaction(sealedKeyId)
  const text = readKeyFile(path)
  if (text === undefined && wanted !== undefined)
    throw new Error(
      `the vault key ${wanted} is missing: ${path} is not there, and the secrets in the database were sealed with it. Put that file back; nothing has been changed.`,
    )
  if (text === undefined) makeKeyFile(path, `${fileHead}${Buffer.from(random(32)).toString('base64')}\n`)
  const vault = makeVault(parseKey(text ?? readKeyFile(path) ?? '', path), random)
  await store.transaction((trx) => proveKey(trx, vault, path))
  return vault
}

/** The vault over a key of 32 bytes. */
export function makeVault(key: Uint8Array, random: Random = randomBytes): Vault {
  const keyId = `vk1_${base32(createHmac('sha256', key).update('sallyport vault key id').digest().subarray(0, 10))}`
  // An array in JSON keeps its parts apart: no two places give the same bytes.
  const bound = (place: SealedPlace) => Buffer.from(JSON.stringify(['sallyport.sealed.v1', keyId, place.table, place.row, place.column]))
  return {
    keyId,
    seal(place, secret) {
      const nonce = random(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
      cipher.setAAD(bound(place))
      const sealed = Buffer.concat([cipher.update(secret.reveal()), cipher.final(), cipher.getAuthTag()])
      return ['v1', keyId, Buffer.from(nonce).toString('base64url'), sealed.toString('base64url')].join('.')
    },
    unseal(place, text) {
      try {
        const { nonce, sealed } = readSealed(text, keyId)
        const cipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
        cipher.setAAD(bound(place))
        cipher.setAuthTag(sealed.subarray(sealed.length - tagBytes))
        return new Secret(Buffer.concat([cipher.update(sealed.subarray(0, sealed.length - tagBytes)), cipher.final()]))
      } catch {
        // Which of the causes it was would help only someone who is trying out altered texts.
        throw new Failure('internal', `A sealed secret (${place.table}.${place.column}) does not open with the vault key ${keyId}. Enter the secret again.`)
      }
    },
  }
}

function readSealed(text: string, keyId: string): { nonce: Buffer; sealed: Buffer } {
  const [version, id, nonceText = '', sealedText = '', ...rest] = text.split('.')
  const nonce = Buffer.from(nonceText, 'base64url')
  const sealed = Buffer.from(sealedText, 'base64url')
  // Texts that decode to the same bytes but are written otherwise are refused: one secret has one text.
  const isCanonical = nonce.toString('base64url') === nonceText && sealed.toString('base64url') === sealedText
  if (version !== 'v1' || id !== keyId || rest.length > 0 || nonce.length !== nonceBytes || sealed.length < tagBytes || !isCanonical)
    throw new Error('not a sealed secret of this key')
  return { nonce, sealed }
}

function parseKey(text: string, path: string): Uint8Array {
  const key = text.startsWith(fileHead) ? Buffer.from(text.slice(fileHead.length).trim(), 'base64') : Buffer.alloc(0)
  if (key.length !== 32) throw new Error(`${path} is not a vault key: it was cut off or overwritten. Put the right file back; nothing has been changed.`)
  return key
}

/** The key id that stands in the database: of the check, or of any sealed secret. */
async function sealedKeyId(trx: Trx): Promise<string | undefined> {
  const check = await trx.selectFrom('settings').select('value').where('name', '=', checkName).executeTakeFirst()
  if (check) return check.value.split('.')[1]
  const account = await trx.selectFrom('accounts').select('sealed').where('sealed', 'is not', null).limit(1).executeTakeFirst()
  const shared = account ?? (await trx.selectFrom('credentials').select('sealed').where('sealed', 'is not', null).limit(1).executeTakeFirst())
  return shared?.sealed?.split('.')[1]
}

async function proveKey(trx: Trx, vault: Vault, path: string): Promise<void> {
  const wanted = await sealedKeyId(trx)
  if (wanted !== undefined && wanted !== vault.keyId)
    throw new Error(
      `the secrets in the database were sealed with the vault key ${wanted}, but ${path} holds ${vault.keyId}. Put the right file back; nothing has been changed.`,
    )
  const check = await trx.selectFrom('settings').select('value').where('name', '=', checkName).executeTakeFirst()
  if (check) vault.unseal(checkPlace, check.value)
  else
    await trx
      .insertInto('settings')
      .values({ name: checkName, value: vault.seal(checkPlace, new Secret(checkText)) })
      .execute()
}
