// mlkem768x25519-sha256 (draft-ietf-sshm-mlkem-hybrid-kex): ML-KEM-768 (FIPS 203) beside X25519, so that what is recorded today is not read by a quantum computer later.
import { createHash, createPublicKey, decapsulate, diffieHellman, encapsulate, generateKeyPairSync, type KeyObject } from 'node:crypto'

export const mlkem = 'mlkem768x25519-sha256'
/** Node has ML-KEM from 24.7 on; the pinned one does. */
export const hasMlKem = typeof encapsulate === 'function'

const keyBytes = 1184
const sealedBytes = 1088
const pointBytes = 32

type Pair = { publicKey: KeyObject; privateKey: KeyObject }
/** Node gives the key in an SPKI whose last bytes it is. */
const rawOf = (key: KeyObject, length: number) => key.export({ type: 'spki', format: 'der' }).subarray(-length)
let prefix: Buffer | undefined
/** OpenSSL holds the key to the check of FIPS 203 section 7.2: numbers that are not reduced are refused. */
function mlkemKey(raw: Uint8Array): KeyObject {
  prefix ??= generateKeyPairSync('ml-kem-768').publicKey.export({ type: 'spki', format: 'der' }).subarray(0, -keyBytes)
  return createPublicKey({ key: Buffer.concat([prefix, raw]), format: 'der', type: 'spki' })
}
/** Throws for a point of small order, whose secret would be all zero (RFC 7748 section 6.1). */
const agreed = (own: Pair, raw: Uint8Array) => {
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: Buffer.from(raw).toString('base64url') }, format: 'jwk' })
  return diffieHellman({ privateKey: own.privateKey, publicKey })
}
const combined = (sealed: Uint8Array, agreedOn: Uint8Array) => createHash('sha256').update(sealed).update(agreedOn).digest()
/** Both parts of what the other side sent. Throws unless the length is exact. */
function parts(message: Uint8Array, first: number): [Uint8Array, Uint8Array] {
  if (message.length !== first + pointBytes) throw new Error(`it has ${message.length} bytes instead of ${first + pointBytes}`)
  return [message.subarray(0, first), message.subarray(first)]
}

export type MlKemBegun = {
  /** C_INIT, 1216 bytes. */
  readonly message: Buffer
  /** The shared secret from S_REPLY; 32 bytes, to be hashed as a string. Throws when the reply has another length or a useless point. */
  open(reply: Uint8Array): Buffer
}

/** The client's part. */
export function beginMlKem(): MlKemBegun {
  const [kem, curve] = [generateKeyPairSync('ml-kem-768'), generateKeyPairSync('x25519')]
  return {
    message: Buffer.concat([rawOf(kem.publicKey, keyBytes), rawOf(curve.publicKey, pointBytes)]),
    open(reply) {
      const [sealed, point] = parts(reply, sealedBytes)
      return combined(decapsulate(kem.privateKey, sealed), agreed(curve, point))
    },
  }
}

/** The server's part: S_REPLY (1120 bytes) and the shared secret. Throws for a C_INIT of another length, a key that is not reduced or a useless point. */
export function answerMlKem(init: Uint8Array): { message: Buffer; secret: Buffer } {
  const [key, point] = parts(init, keyBytes)
  const curve = generateKeyPairSync('x25519')
  const agreedOn = agreed(curve, point)
  const { sharedKey, ciphertext } = encapsulate(mlkemKey(key))
  return { message: Buffer.concat([ciphertext, rawOf(curve.publicKey, pointBytes)]), secret: combined(sharedKey, agreedOn) }
}
