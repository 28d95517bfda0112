// What an authenticator shows (RFC 6238: SHA-1, six digits, thirty seconds), made without the library that the product uses.
import { createHmac } from 'node:crypto'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** `secret` in base32; `atMs`: ms since the epoch. */
export function totpCode(secret: string, atMs = Date.now()): string {
  const bits = Array.from(secret.toUpperCase(), (character) => alphabet.indexOf(character).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(atMs / 30_000)))
  const digest = createHmac('sha1', key).update(counter).digest()
  // RFC 4226 section 5.3: four bytes from where the last half byte points.
  const number = digest.readUInt32BE((digest.at(-1) ?? 0) & 0x0f) & 0x7fffffff
  return String(number % 1_000_000).padStart(6, '0')
}
