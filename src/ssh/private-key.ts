// A private key as people paste it: opened, described, and used to sign. Loads no SSH library, so that control can use it.
import { createHash, createPrivateKey, createPublicKey, sign as cryptoSign, type KeyObject } from 'node:crypto'
import { Failure, isFailure } from '#domain/failure.ts'
import { Secret } from '#domain/secret.ts'
import { openOpenSshKey } from './openssh-key.ts'
import { WireReader, wireMpint, wireString } from './wire-reader.ts'

export type KeyAlgorithm = 'ssh-ed25519' | 'ecdsa-sha2-nistp256' | 'ecdsa-sha2-nistp384' | 'ecdsa-sha2-nistp521' | 'ssh-rsa'
export type SignatureAlgorithm = Exclude<KeyAlgorithm, 'ssh-rsa'> | 'rsa-sha2-256' | 'rsa-sha2-512'

export type PrivateKey = {
  readonly algorithm: KeyAlgorithm
  /** What `sign` takes for this key, best first. RSA signs with SHA-2 only (RFC 8332). */
  readonly signatureAlgorithms: readonly SignatureAlgorithm[]
  /** RFC 4253 section 6.6. */
  readonly publicBlob: Buffer
  /** `ssh-ed25519 AAAA…`, as it stands in `authorized_keys`. */
  readonly publicLine: string
  /** `SHA256:` and 43 characters of unpadded base64. */
  readonly fingerprint: string
  /**
   * Signs, and returns the inner bytes of the SSH signature blob, without the algorithm's name: 64 bytes for ed25519, two mpints for ecdsa
   * (RFC 5656 section 3.1.2), one number for rsa (RFC 8332 section 3). Throws `Failure('key_type_unsupported')` for an algorithm that is not this key's.
   */
  sign(data: Uint8Array, signatureAlgorithm: string): Buffer
  /** The opened key as PKCS#8 PEM without a passphrase; `readPrivateKey` reads it again without the cost of bcrypt. */
  toPem(): Secret
}

const maxTextBytes = 32_768
const minRsaBits = 2048
const maxRsaBits = 16_384
const curveNames: Record<string, 'nistp256' | 'nistp384' | 'nistp521'> = { prime256v1: 'nistp256', secp384r1: 'nistp384', secp521r1: 'nistp521' }
const signatureHash: Record<SignatureAlgorithm, string | null> = {
  'ssh-ed25519': null,
  'ecdsa-sha2-nistp256': 'sha256',
  'ecdsa-sha2-nistp384': 'sha384',
  'ecdsa-sha2-nistp521': 'sha512',
  'rsa-sha2-256': 'sha256',
  'rsa-sha2-512': 'sha512',
}

const notAKey = (why: string) =>
  new Failure('key_not_a_key', `This is not a private key (${why}). Paste the whole file, with its BEGIN and END lines.`, { field: 'privateKey' })

/** `SHA256:` and unpadded base64 of a key blob, as `ssh-keygen -l` prints it. */
export const fingerprintOf = (blob: Uint8Array): string => `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`

/**
 * Reads one private key: OpenSSH's own format, PKCS#1, SEC 1 or PKCS#8 PEM, each with or without a passphrase; ed25519, ecdsa (nistp256/384/521) or rsa (2048 to 16384 bits).
 * Throws `Failure`: `key_not_a_key`, `key_passphrase_needed`, `key_passphrase_wrong`, `key_type_unsupported`. Its messages never hold a part of the key.
 */
export function readPrivateKey(text: string, passphrase?: string): PrivateKey {
  if (text.length > maxTextBytes) throw notAKey(`it is larger than ${maxTextBytes} bytes`)
  const match = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----\r?\n([\s\S]+?)-----END \1-----/.exec(text)
  if (!match) {
    if (/^(ssh-|ecdsa-|sk-)\S+ AAAA/m.test(text) || text.includes('PUBLIC KEY')) throw notAKey('it is the public half')
    if (text.includes('PuTTY-User-Key-File'))
      throw new Failure('key_type_unsupported', 'PuTTY key files are not read: export the key as an OpenSSH key in PuTTYgen.', { field: 'privateKey' })
    throw notAKey('no BEGIN and END lines were found')
  }
  const [, label = '', body = ''] = match
  try {
    const key = label === 'OPENSSH PRIVATE KEY' ? openOpenSshKey(decodeBody(body), passphrase) : openPem(label, `${match[0]}\n`, body, passphrase)
    return describe(key)
  } catch (cause) {
    if (isFailure(cause)) throw cause
    // The cause stays out: messages of parsers may quote what they read.
    throw notAKey('its content cannot be read')
  }
}

function decodeBody(body: string): Buffer {
  const packed = body.replace(/\s+/g, '')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(packed)) throw notAKey('its content is not base64')
  return Buffer.from(packed, 'base64')
}

function openPem(label: string, pem: string, body: string, passphrase: string | undefined): KeyObject {
  if (label === 'DSA PRIVATE KEY') throw unsupported('DSA')
  const isSealed = label === 'ENCRYPTED PRIVATE KEY' || /^Proc-Type: *4,ENCRYPTED/m.test(body)
  if (isSealed && !passphrase) throw new Failure('key_passphrase_needed', 'This key is protected: enter its passphrase.', { field: 'passphrase' })
  if (label === 'ENCRYPTED PRIVATE KEY') refuseSlowDerivation(decodeBody(body))
  try {
    return isSealed && passphrase ? createPrivateKey({ key: pem, format: 'pem', passphrase }) : createPrivateKey({ key: pem, format: 'pem' })
  } catch (cause) {
    const code = (cause as { code?: string }).code ?? ''
    if (isSealed && /BAD_DECRYPT|BAD_PASSWORD|CIPHERFINAL|ASN1|DECODER|UNSUPPORTED|WRONG_TAG|PEM/.test(code) && derLooksWhole(label, body))
      throw new Failure('key_passphrase_wrong', 'The passphrase does not open this key.', { field: 'passphrase' })
    throw notAKey('its content cannot be read')
  }
}

const derLooksWhole = (label: string, body: string): boolean => label !== 'ENCRYPTED PRIVATE KEY' || decodeBody(body)[0] === 0x30

/** PBKDF2 blocks the event loop for as long as the file says: the iteration count (OID 1.2.840.113549.1.5.12, then salt, then INTEGER) may not pass 10 million. */
function refuseSlowDerivation(der: Buffer): void {
  const oid = Buffer.from('06092a864886f70d01050c', 'hex')
  const at = der.indexOf(oid)
  if (at < 0) return
  // SEQUENCE header (2 bytes), OCTET STRING salt, INTEGER.
  const saltLength = der[at + oid.length + 3] ?? 255
  const integerAt = at + oid.length + 4 + saltLength
  const length = der[integerAt + 1] ?? 255
  if (der[integerAt] !== 0x02 || length > 4 || der.readUIntBE(integerAt + 2, length) > 10_000_000)
    throw new Failure('key_type_unsupported', 'The key’s protection asks for more work than is allowed: write it again with ssh-keygen -p.', {
      field: 'privateKey',
    })
}

const unsupported = (what: string) =>
  new Failure('key_type_unsupported', `${what} keys are not supported: use ed25519, ecdsa or rsa of at least ${minRsaBits} bits.`, { field: 'privateKey' })

function describe(key: KeyObject): PrivateKey {
  const { algorithm, publicBlob } = publicPart(key)
  const signatureAlgorithms: readonly SignatureAlgorithm[] = algorithm === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [algorithm]
  return {
    algorithm,
    signatureAlgorithms,
    publicBlob,
    publicLine: `${algorithm} ${publicBlob.toString('base64')}`,
    fingerprint: fingerprintOf(publicBlob),
    sign(data, signatureAlgorithm) {
      const chosen = signatureAlgorithms.find((candidate) => candidate === signatureAlgorithm)
      if (!chosen) throw new Failure('key_type_unsupported', `A key of type ${algorithm} does not sign with ${signatureAlgorithm.slice(0, 60)}.`)
      const hash = signatureHash[chosen]
      if (!chosen.startsWith('ecdsa-')) return cryptoSign(hash, data, key)
      const pair = cryptoSign(hash, data, { key, dsaEncoding: 'ieee-p1363' })
      return Buffer.concat([wireMpint(pair.subarray(0, pair.length / 2)), wireMpint(pair.subarray(pair.length / 2))])
    },
    toPem: () => new Secret(key.export({ type: 'pkcs8', format: 'pem' }).toString()),
  }
}

function publicPart(key: KeyObject): { algorithm: KeyAlgorithm; publicBlob: Buffer } {
  const part = (name: 'x' | 'y' | 'e' | 'n') => Buffer.from(createPublicKey(key).export({ format: 'jwk' })[name] ?? '', 'base64url')
  const details = key.asymmetricKeyDetails
  switch (key.asymmetricKeyType) {
    case 'ed25519':
      return { algorithm: 'ssh-ed25519', publicBlob: Buffer.concat([wireString('ssh-ed25519'), wireString(part('x'))]) }
    case 'ec': {
      const curve = curveNames[details?.namedCurve ?? '']
      if (!curve) throw unsupported(`ECDSA ${details?.namedCurve ?? ''}`)
      const point = Buffer.concat([Buffer.of(4), part('x'), part('y')])
      return { algorithm: `ecdsa-sha2-${curve}`, publicBlob: Buffer.concat([wireString(`ecdsa-sha2-${curve}`), wireString(curve), wireString(point)]) }
    }
    case 'rsa': {
      const bits = details?.modulusLength ?? 0
      if (bits < minRsaBits || bits > maxRsaBits) throw unsupported(`RSA ${bits}`)
      return { algorithm: 'ssh-rsa', publicBlob: Buffer.concat([wireString('ssh-rsa'), wireMpint(part('e')), wireMpint(part('n'))]) }
    }
    default:
      throw unsupported(String(key.asymmetricKeyType ?? 'such'))
  }
}

/** The key type that a public blob names; undefined when the bytes are no blob. */
export function blobType(blob: Uint8Array): string | undefined {
  try {
    const type = new WireReader(blob).text()
    return /^[a-z0-9@.-]{1,64}$/.test(type) ? type : undefined
  } catch {
    return undefined // too short for a name: not a key blob
  }
}
