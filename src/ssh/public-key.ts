// A person's public key as it is pasted or offered: described and bounded. Loads no SSH library, so that control can use it.
import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { Failure } from '#domain/failure.ts'
import { fingerprintOf, type KeyAlgorithm } from './private-key.ts'
import { WireFault, WireReader, wireMpint } from './wire-reader.ts'

export type SecurityKeyType = 'sk-ssh-ed25519@openssh.com' | 'sk-ecdsa-sha2-nistp256@openssh.com'
export type PublicKeyType = KeyAlgorithm | SecurityKeyType

export type PublicKey = {
  readonly type: PublicKeyType
  /** RFC 4253 section 6.6; the two `sk-` types as OpenSSH's PROTOCOL.u2f has them. */
  readonly blob: Buffer
  /** `ssh-ed25519 AAAA…`, without a comment. */
  readonly line: string
  /** `SHA256:` and 43 characters of unpadded base64. */
  readonly fingerprint: string
  /** Of RSA keys alone: the length of the modulus. */
  readonly bits?: number
  /** Of security keys alone: what the key was made for, `ssh:` or `ssh:` and a name. */
  readonly application?: string
}
/** `comment`: what follows the key in its line, at most 100 characters without control characters; often `user@host`. */
export type PublicKeyLine = PublicKey & { readonly comment: string }

const maxTextChars = 16_384
const maxBlobBytes = 4096
const minRsaBits = 2048
const maxRsaBits = 16_384
const maxCommentChars = 100

const curves: Partial<Record<PublicKeyType, { name: string; crv: string; bytes: number }>> = {
  'ecdsa-sha2-nistp256': { name: 'nistp256', crv: 'P-256', bytes: 32 },
  'ecdsa-sha2-nistp384': { name: 'nistp384', crv: 'P-384', bytes: 48 },
  'ecdsa-sha2-nistp521': { name: 'nistp521', crv: 'P-521', bytes: 66 },
  'sk-ecdsa-sha2-nistp256@openssh.com': { name: 'nistp256', crv: 'P-256', bytes: 32 },
}
/** Every type that signs people in, the best first. */
const publicKeyTypes: readonly PublicKeyType[] = [
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
]
const isPublicKeyType = (text: string): text is PublicKeyType => publicKeyTypes.some((type) => type === text)
export const isSecurityKeyType = (type: PublicKeyType): type is SecurityKeyType => type.startsWith('sk-')

const field = { field: 'publicKey' }
const advice = 'use Ed25519, ECDSA, RSA of at least 2048 bits, or a security key'
const invalid = (why: string) =>
  new Failure('public_key_invalid', `This is not a public key (${why}). Paste the one line of the file that ends in .pub.`, field)
const unsupported = (what: string) => new Failure('public_key_unsupported', `${what} cannot sign anybody in: ${advice}.`, field)

type Opened = { type: PublicKeyType; key: KeyObject; application?: string; bits?: number }
const url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')
const imported = (key: JsonWebKey): KeyObject => {
  try {
    return createPublicKey({ key, format: 'jwk' })
  } catch {
    throw new WireFault('its numbers are no key') // a point that is not on its curve; OpenSSL's own words help nobody
  }
}

/** A number in the one form that RFC 4251 section 5 allows: no leading zero that is not needed. */
function exactPositive(reader: WireReader): Buffer {
  const start = reader.remaining
  const magnitude = reader.positive()
  if (start - reader.remaining !== wireMpint(magnitude).length) throw new WireFault('a number has needless zeros')
  return magnitude
}

function openRsa(reader: WireReader): Opened {
  const e = exactPositive(reader)
  const n = exactPositive(reader)
  const bits = n.length * 8 - Math.clz32(n[0] ?? 0) + 24
  if (bits < minRsaBits || bits > maxRsaBits) throw unsupported(`An RSA key of ${Math.max(bits, 0)} bits`)
  // Verifying takes as long as the exponent is: 64 bits are more than any program makes.
  if (e.length > 8 || e.length === 0 || ((e.at(-1) ?? 0) & 1) === 0 || (e.length === 1 && (e[0] ?? 0) < 3)) throw unsupported('An RSA key with this exponent')
  if (((n.at(-1) ?? 0) & 1) === 0) throw new WireFault('an RSA modulus is odd')
  return { type: 'ssh-rsa', key: imported({ kty: 'RSA', e: url(e), n: url(n) }), bits }
}

function openEd25519(type: PublicKeyType, reader: WireReader): Opened {
  const x = reader.string()
  if (x.length !== 32) throw new WireFault('an ed25519 key has 32 bytes')
  return { type, key: imported({ kty: 'OKP', crv: 'Ed25519', x: url(x) }) }
}

function openEcdsa(type: PublicKeyType, reader: WireReader): Opened {
  const curve = curves[type]
  if (!curve || reader.text() !== curve.name) throw new WireFault('the curve differs from the type')
  const point = reader.string()
  if (point.length !== 1 + 2 * curve.bytes || point[0] !== 4) throw new WireFault('the point is not an uncompressed one')
  const [x, y] = [url(point.subarray(1, 1 + curve.bytes)), url(point.subarray(1 + curve.bytes))]
  return { type, key: imported({ kty: 'EC', crv: curve.crv, x, y }) }
}

function readApplication(reader: WireReader): string {
  const application = reader.text()
  // OpenSSH makes no others, and a key of a web site is not to sign in here.
  if (!/^ssh:[\x21-\x7e]{0,120}$/.test(application)) throw unsupported('A security key made for something else than SSH')
  return application
}

/** Opens a blob into what node:crypto verifies with. Throws `WireFault` or `Failure('public_key_unsupported')`. */
export function openPublicKey(blob: Uint8Array): Opened {
  if (blob.length > maxBlobBytes) throw new WireFault(`it is larger than ${maxBlobBytes} bytes`)
  const reader = new WireReader(blob)
  const type = reader.text()
  if (!isPublicKeyType(type)) {
    if (!/^[a-z0-9@.-]{1,64}$/.test(type)) throw new WireFault('it names no type')
    if (type.endsWith('-cert-v01@openssh.com')) throw unsupported('A certificate')
    throw unsupported(type === 'ssh-dss' ? 'A DSA key' : `A key of type ${type}`)
  }
  const opened = type === 'ssh-rsa' ? openRsa(reader) : type.includes('ed25519') ? openEd25519(type, reader) : openEcdsa(type, reader)
  const application = isSecurityKeyType(type) ? readApplication(reader) : undefined
  reader.end()
  return application === undefined ? opened : { ...opened, application }
}

/** Describes the blob of a key that people sign in with. Throws `Failure`: `public_key_invalid` or `public_key_unsupported` (DSA, RSA under 2048 bits, certificates, foreign types). */
export function readPublicKeyBlob(bytes: Uint8Array): PublicKey {
  try {
    const { type, bits, application } = openPublicKey(bytes)
    const blob = Buffer.from(bytes)
    const described = { type, blob, line: `${type} ${blob.toString('base64')}`, fingerprint: fingerprintOf(blob) }
    return { ...described, ...(bits === undefined ? {} : { bits }), ...(application === undefined ? {} : { application }) }
  } catch (cause) {
    if (cause instanceof WireFault) throw invalid(cause.message)
    throw cause
  }
}

/**
 * Reads one line of a `.pub` or `authorized_keys` file: type, base64, comment. Empty lines and lines that begin with `#` are passed over.
 * Throws `Failure` with `field: 'publicKey'`: `public_key_is_private` (nothing of it is quoted), `public_key_unsupported` (also: options before the key) and `public_key_invalid`.
 */
export function readPublicKeyLine(text: string): PublicKeyLine {
  if (text.length > maxTextChars) throw invalid(`it is longer than ${maxTextChars} characters`)
  if (/PRIVATE KEY|PuTTY-User-Key-File|^Private-Lines:/m.test(text))
    throw new Failure('public_key_is_private', 'This is a private key, which must stay with you. Paste the one line of the file that ends in .pub.', field)
  if (/BEGIN (SSH2 |RSA )?PUBLIC KEY/.test(text))
    throw invalid('it is in another format; `ssh-keygen -i -f FILE` writes it as one line, with `-m PKCS8` when it begins with BEGIN PUBLIC KEY')
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line.trim() !== '' && !line.trimStart().startsWith('#'))
  const line = lines[0]?.trim()
  if (line === undefined) throw invalid('it is empty')
  if (lines.length > 1) throw invalid('there are several lines; add the keys one by one')
  const [type = '', encoded = '', ...comment] = line.split(/[ \t]+/)
  if (!/^[a-z0-9@.-]{1,64}$/.test(type) || !/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) {
    if (publicKeyTypes.some((known) => line.includes(` ${known} AAAA`)))
      throw new Failure('public_key_unsupported', 'Options before a key are not taken: paste the line from its type on.', field)
    throw invalid('a type and the key in base64 belong there')
  }
  const blob = Buffer.from(encoded, 'base64')
  if (blob.toString('base64') !== encoded) throw invalid('its base64 is cut or has more than it should')
  const key = readPublicKeyBlob(blob)
  if (key.type !== type) throw invalid('it says another type than it holds')
  // What a terminal or a page would act on is left out.
  const shown = comment.join(' ').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '')
  return { ...key, comment: Array.from(shown).slice(0, maxCommentChars).join('') }
}
