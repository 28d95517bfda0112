// The only file that opens sealed secrets. Envelope encryption with AES-256-GCM (NIST SP 800-38D): each secret has a data key of its own, which the vault key wraps.
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { base32 } from '#domain/id.ts'
import { Secret } from '#domain/secret.ts'

/** Where a sealed secret stands. `row` is the primary key. */
export type SealedPlace = { table: string; row: string; column: string }
export type Random = (bytes: number) => Uint8Array

export const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16

/** Names a vault key without telling it: `vk1_` and 16 characters. */
export const vaultKeyId = (key: Uint8Array): string => `vk1_${base32(createHmac('sha256', key).update('sallyport vault key id').digest().subarray(0, 10))}`

/** The id of the key that a sealed text names, well formed or not. */
export const keyIdOf = (text: string): string => text.split('.', 2)[1] ?? ''

/** `v2.<key id>.<nonce>.<wrapped data key>.<nonce>.<ciphertext>`, each part base64url, ciphertexts with their tag. */
export function sealText(key: Uint8Array, place: SealedPlace, secret: Secret, random: Random = randomBytes): string {
  const keyId = vaultKeyId(key)
  const dataKey = random(keyBytes)
  try {
    const [wrapNonce, nonce] = [random(nonceBytes), random(nonceBytes)]
    const wrapped = encrypt(key, wrapNonce, bound('key', keyId, place), dataKey)
    const sealed = encrypt(dataKey, nonce, bound('secret', keyId, place), secret.reveal())
    return ['v2', keyId, ...[wrapNonce, wrapped, nonce, sealed].map((part) => Buffer.from(part).toString('base64url'))].join('.')
  } finally {
    dataKey.fill(0)
  }
}

/** Opens `v2` texts, and `v1` (`v1.<key id>.<nonce>.<ciphertext>`, sealed with the vault key itself) of earlier versions. Throws whatever broke: its caller says one and the same. */
export function openText(key: Uint8Array, place: SealedPlace, text: string): Secret {
  const [version = '', keyId = '', ...written] = text.split('.')
  const parts = written.map((part) => Buffer.from(part, 'base64url'))
  // Texts that decode to the same bytes but are written otherwise are refused: one secret has one text.
  if (keyId !== vaultKeyId(key) || parts.some((part, at) => part.toString('base64url') !== written[at])) throw new Error('not a sealed secret of this key')
  const [first, second, third, fourth] = parts
  if (version === 'v1' && first && second && parts.length === 2) return new Secret(decrypt(key, first, boundV1(keyId, place), second))
  if (version !== 'v2' || !first || !second || !third || !fourth || parts.length !== 4) throw new Error('not a sealed secret')
  const dataKey = decrypt(key, first, bound('key', keyId, place), second)
  try {
    return new Secret(decrypt(dataKey, third, bound('secret', keyId, place), fourth))
  } finally {
    dataKey.fill(0)
  }
}

// An array in JSON keeps its parts apart: no two places give the same bytes.
const bound = (layer: 'key' | 'secret', keyId: string, { table, row, column }: SealedPlace) =>
  Buffer.from(JSON.stringify(['sallyport.sealed.v2', layer, keyId, table, row, column]))
const boundV1 = (keyId: string, { table, row, column }: SealedPlace) => Buffer.from(JSON.stringify(['sallyport.sealed.v1', keyId, table, row, column]))

function encrypt(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, clear: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
  cipher.setAAD(aad)
  return Buffer.concat([cipher.update(clear), cipher.final(), cipher.getAuthTag()])
}

function decrypt(key: Uint8Array, nonce: Buffer, aad: Uint8Array, sealed: Buffer): Buffer {
  if (nonce.length !== nonceBytes || sealed.length < tagBytes) throw new Error('cut short')
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
  decipher.setAAD(aad)
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes))
  return Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - tagBytes)), decipher.final()])
}
