// The container of `ssh-keygen` ("BEGIN OPENSSH PRIVATE KEY", OpenSSH PROTOCOL.key), opened into a key that node:crypto understands.
import { createDecipheriv, createPrivateKey, timingSafeEqual, type JsonWebKey, type KeyObject } from 'node:crypto'
import bcrypt from 'bcrypt-pbkdf'
import { Failure } from '#domain/failure.ts'
import { WireFault, WireReader } from './wire-reader.ts'

const magic = Buffer.from('openssh-key-v1\0')
// bcrypt blocks the event loop for about 10 ms a round here; ssh-keygen writes 16 or 24. A key that asks for more is refused, not computed.
const maxRounds = 256

const ciphers: Record<string, { name: string; keyBytes: number; ivBytes: number; tagBytes: number }> = {
  'aes256-ctr': { name: 'aes-256-ctr', keyBytes: 32, ivBytes: 16, tagBytes: 0 },
  'aes192-ctr': { name: 'aes-192-ctr', keyBytes: 24, ivBytes: 16, tagBytes: 0 },
  'aes128-ctr': { name: 'aes-128-ctr', keyBytes: 16, ivBytes: 16, tagBytes: 0 },
  'aes256-cbc': { name: 'aes-256-cbc', keyBytes: 32, ivBytes: 16, tagBytes: 0 },
  'aes128-cbc': { name: 'aes-128-cbc', keyBytes: 16, ivBytes: 16, tagBytes: 0 },
  'aes256-gcm@openssh.com': { name: 'aes-256-gcm', keyBytes: 32, ivBytes: 12, tagBytes: 16 },
  'aes128-gcm@openssh.com': { name: 'aes-128-gcm', keyBytes: 16, ivBytes: 12, tagBytes: 16 },
}

const url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')
/** Left-padded to a fixed length, as JWK wants coordinates; a longer number is a fault. */
function fixed(bytes: Buffer, length: number): Buffer {
  if (bytes.length > length) throw new WireFault('a number is too long for its curve')
  return Buffer.concat([Buffer.alloc(length - bytes.length), bytes])
}

const curves: Record<string, { crv: string; bytes: number }> = {
  nistp256: { crv: 'P-256', bytes: 32 },
  nistp384: { crv: 'P-384', bytes: 48 },
  nistp521: { crv: 'P-521', bytes: 66 },
}

function readFields(type: string, reader: WireReader): JsonWebKey {
  if (type === 'ssh-ed25519') {
    const x = reader.string()
    const seed = reader.string()
    if (x.length !== 32 || seed.length !== 64) throw new WireFault('an ed25519 key has 32 and 64 bytes')
    return { kty: 'OKP', crv: 'Ed25519', x: url(x), d: url(seed.subarray(0, 32)) }
  }
  if (type === 'ssh-rsa') {
    const [n, e, d, qi, p, q] = [reader.positive(), reader.positive(), reader.positive(), reader.positive(), reader.positive(), reader.positive()]
    if (n.length > 2048) throw new WireFault('an RSA key has at most 16384 bits')
    const number = (bytes: Buffer) => BigInt(`0x${bytes.toString('hex') || '0'}`)
    const [bigP, bigQ, bigD] = [number(p), number(q), number(d)]
    if (bigP < 3n || bigQ < 3n) throw new WireFault('an RSA key has two primes')
    const bytes = (value: bigint) => {
      const hex = value.toString(16)
      return Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex')
    }
    return {
      kty: 'RSA',
      n: url(n),
      e: url(e),
      d: url(d),
      p: url(p),
      q: url(q),
      qi: url(qi),
      dp: url(bytes(bigD % (bigP - 1n))),
      dq: url(bytes(bigD % (bigQ - 1n))),
    }
  }
  const curve = curves[type.replace(/^ecdsa-sha2-/, '')]
  if (type.startsWith('ecdsa-sha2-') && curve) {
    if (`ecdsa-sha2-${reader.text()}` !== type) throw new WireFault('the curve differs from the key type')
    const point = reader.string()
    if (point.length !== 1 + 2 * curve.bytes || point[0] !== 4) throw new WireFault('the point is not an uncompressed one')
    const d = fixed(reader.positive(), curve.bytes)
    return { kty: 'EC', crv: curve.crv, x: url(point.subarray(1, 1 + curve.bytes)), y: url(point.subarray(1 + curve.bytes)), d: url(d) }
  }
  throw new Failure('key_type_unsupported', `Keys of type ${type.slice(0, 60)} are not supported: use ed25519, ecdsa or rsa.`)
}

/**
 * Opens the decoded body between the BEGIN and END lines.
 * Throws `WireFault` when it is no such key, `Failure('key_passphrase_needed' | 'key_passphrase_wrong' | 'key_type_unsupported')`.
 */
export function openOpenSshKey(body: Buffer, passphrase: string | undefined): KeyObject {
  const reader = new WireReader(body)
  if (!reader.take(magic.length).equals(magic)) throw new WireFault('the body does not begin with openssh-key-v1')
  const cipherName = reader.text()
  const kdfName = reader.text()
  const kdf = reader.string()
  if (reader.uint32() !== 1) throw new WireFault('the file holds more or less than one key')
  reader.string()
  const sealed = reader.string()
  const plain = cipherName === 'none' ? sealed : unseal(cipherName, kdfName, kdf, sealed, reader, passphrase)

  const inner = new WireReader(plain)
  if (!timingSafeEqual(inner.take(4), inner.take(4))) {
    if (cipherName === 'none') throw new WireFault('the check numbers differ')
    throw new Failure('key_passphrase_wrong', 'The passphrase does not open this key.', { field: 'passphrase' })
  }
  return createPrivateKey({ key: readFields(inner.text(), inner), format: 'jwk' })
}

function unseal(cipherName: string, kdfName: string, kdf: Buffer, sealed: Buffer, rest: WireReader, passphrase: string | undefined): Buffer {
  const cipher = ciphers[cipherName]
  if (!cipher || kdfName !== 'bcrypt') throw new Failure('key_type_unsupported', `Keys sealed with ${cipherName.slice(0, 40)} are not supported.`)
  if (!passphrase) throw new Failure('key_passphrase_needed', 'This key is protected: enter its passphrase.', { field: 'passphrase' })
  const options = new WireReader(kdf)
  const salt = options.string()
  const rounds = options.uint32()
  if (salt.length === 0 || salt.length > 64 || rounds < 1) throw new WireFault('the salt or the rounds are not plausible')
  if (rounds > maxRounds)
    throw new Failure(
      'key_type_unsupported',
      `The key asks for ${rounds} rounds of bcrypt; at most ${maxRounds} are computed: write it again with ssh-keygen -p -a 16.`,
    )
  const material = Buffer.alloc(cipher.keyBytes + cipher.ivBytes)
  const pass = Buffer.from(passphrase)
  if (bcrypt.pbkdf(pass, pass.length, salt, salt.length, material, material.length, rounds) !== 0) throw new WireFault('the key cannot be derived')
  const decipher = createDecipheriv(cipher.name, material.subarray(0, cipher.keyBytes), material.subarray(cipher.keyBytes)) as ReturnType<
    typeof createDecipheriv
  > & { setAuthTag(tag: Buffer): void }
  if (cipher.tagBytes > 0) decipher.setAuthTag(rest.take(cipher.tagBytes))
  decipher.setAutoPadding(false)
  try {
    return Buffer.concat([decipher.update(sealed), decipher.final()])
  } catch {
    // The tag does not fit, or the length is no multiple of the block: for a person, the passphrase is wrong.
    throw new Failure('key_passphrase_wrong', 'The passphrase does not open this key.', { field: 'passphrase' })
  }
}
