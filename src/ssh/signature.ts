// Whether a signature is one by this key over these bytes. Loads no SSH library: people's signatures are verified in control.
import { createHash, type KeyObject, verify } from 'node:crypto'
import { isFailure } from '#domain/failure.ts'
import type { userSignatureAlgorithms } from './algorithms.ts'
import { isSecurityKeyType, openPublicKey, type PublicKeyType } from './public-key.ts'
import { WireFault, WireReader, wireMpint } from './wire-reader.ts'

export type UserSignatureAlgorithm = (typeof userSignatureAlgorithms)[number]
/** What a good signature tells besides. Of a plain key nothing is known: both are false. */
export type SignatureFacts = {
  /** A person touched the security key. */
  touched: boolean
  /** The security key knew the person, by a PIN or a fingerprint. */
  verified: boolean
}

const hashes: Record<UserSignatureAlgorithm, string | null> = {
  'ssh-ed25519': null,
  'sk-ssh-ed25519@openssh.com': null,
  'ecdsa-sha2-nistp256': 'sha256',
  'sk-ecdsa-sha2-nistp256@openssh.com': 'sha256',
  'ecdsa-sha2-nistp384': 'sha384',
  'ecdsa-sha2-nistp521': 'sha512',
  'rsa-sha2-256': 'sha256',
  'rsa-sha2-512': 'sha512',
}
const halfBytes: Record<string, number> = {
  'ecdsa-sha2-nistp256': 32,
  'sk-ecdsa-sha2-nistp256@openssh.com': 32,
  'ecdsa-sha2-nistp384': 48,
  'ecdsa-sha2-nistp521': 66,
}

const isAlgorithm = (text: string): text is UserSignatureAlgorithm => Object.hasOwn(hashes, text)
/** RFC 8332: an RSA key signs under two names, and never with SHA-1; every other key under its own. */
const fits = (type: PublicKeyType, algorithm: UserSignatureAlgorithm) => (type === 'ssh-rsa' ? algorithm.startsWith('rsa-sha2-') : type === algorithm)

const present = 0x01
const known = 0x04

/** Two numbers (RFC 5656 section 3.1.2), each in its shortest form, as the pair of fixed length that node:crypto takes. */
function readPair(bytes: Buffer, half: number): Buffer {
  const reader = new WireReader(bytes)
  const parts = [reader.positive(), reader.positive()]
  reader.end()
  if (!Buffer.concat(parts.map((part) => wireMpint(part))).equals(bytes)) throw new WireFault('a number is not in its shortest form')
  return Buffer.concat(
    parts.map((part) => {
      if (part.length > half) throw new WireFault('a number is too long for its curve')
      return Buffer.concat([Buffer.alloc(half - part.length), part])
    }),
  )
}

function isBy(key: KeyObject, algorithm: UserSignatureAlgorithm, data: Uint8Array, inner: Buffer, bits: number | undefined): boolean {
  const half = halfBytes[algorithm]
  if (half !== undefined) return verify(hashes[algorithm], data, { key, dsaEncoding: 'ieee-p1363' }, readPair(inner, half))
  if (bits === undefined) return inner.length === 64 && verify(null, data, key, inner)
  const length = Math.ceil(bits / 8)
  // PuTTY leaves leading zeros out; OpenSSL wants them.
  return inner.length > 0 && inner.length <= length && verify(hashes[algorithm], data, key, Buffer.concat([Buffer.alloc(length - inner.length), inner]))
}

/**
 * Verifies one signature of RFC 4252 section 7: `signature` is the whole signature string (string algorithm, string inner bytes; for security keys also flags and counter,
 * OpenSSH's PROTOCOL.u2f). The algorithm in it must be the one named, the one must be this key's, and nothing may follow. A security key must have been touched.
 * Undefined for anything else, whatever the bytes are. Takes up to 1 ms (RSA with 16,384 bits: 5 ms).
 */
export function checkSignature(blob: Uint8Array, algorithm: string, data: Uint8Array, signature: Uint8Array): SignatureFacts | undefined {
  if (!isAlgorithm(algorithm)) return undefined
  try {
    const { type, key, bits, application } = openPublicKey(blob)
    if (!fits(type, algorithm)) return undefined
    const reader = new WireReader(signature)
    if (reader.text() !== algorithm) return undefined
    const inner = reader.string()
    if (!isSecurityKeyType(type) || application === undefined) {
      reader.end()
      return isBy(key, algorithm, data, inner, bits) ? { touched: false, verified: false } : undefined
    }
    const after = reader.take(5)
    reader.end()
    const flags = after.readUInt8(0)
    const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest()
    const signed = Buffer.concat([sha256(application), after, sha256(data)])
    if ((flags & present) === 0 || !isBy(key, algorithm, signed, inner, bits)) return undefined
    return { touched: true, verified: (flags & known) !== 0 }
  } catch (cause) {
    // Bytes that are no key or no signature, or a key that signs nobody in.
    if (cause instanceof WireFault || isFailure(cause)) return undefined
    throw cause
  }
}

/** `checkSignature` as yes or no. */
export const verifySignature = (blob: Uint8Array, algorithm: string, data: Uint8Array, signature: Uint8Array): boolean =>
  checkSignature(blob, algorithm, data, signature) !== undefined
