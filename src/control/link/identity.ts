// Who a gateway is: it proves its key by signing our challenge, and its machine by the secret that its supervisor gave to both of us.
import { createHmac, createPublicKey, randomBytes, timingSafeEqual, verify, type KeyObject } from 'node:crypto'
import { linkSignaturePrefix } from '#wire/link.ts'

/** 32 random bytes, made anew for each connection, so that no signature can be replayed. */
export const makeNonce = (): Buffer => randomBytes(32)

/** Everything before an Ed25519 key in its SPKI form (RFC 8410 section 4). */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex')

function readKey(publicKey: string): KeyObject | undefined {
  const der = Buffer.from(publicKey, 'base64')
  // Exactly this shape: no other algorithm, no trailing bytes under which one key would look like two gateways.
  if (der.length !== 44 || !der.subarray(0, 12).equals(spkiPrefix) || der.toString('base64') !== publicKey) return undefined
  try {
    return createPublicKey({ key: der, format: 'der', type: 'spki' })
  } catch {
    return undefined // not a point of the curve: the caller refuses the gateway
  }
}

/** Checks a HELLO against our nonce. `publicKey` is base64 of SPKI DER, `signature` base64 of 64 bytes over prefix, zero byte, nonce. */
export function provesKey(nonce: Uint8Array, publicKey: string, signature: string): boolean {
  const key = readKey(publicKey)
  if (!key) return false
  const said = Buffer.concat([Buffer.from(linkSignaturePrefix), Buffer.of(0), nonce])
  return verify(null, said, key, Buffer.from(signature, 'base64'))
}

/** Whether the gateway was started by our own supervisor: HMAC-SHA-256 of the nonce under `localSecret` (hex), base64. */
export function provesMachine(nonce: Uint8Array, vouch: string | undefined, localSecret: string): boolean {
  if (vouch === undefined) return false
  const given = Buffer.from(vouch, 'base64')
  const expected = createHmac('sha256', Buffer.from(localSecret, 'hex')).update(nonce).digest()
  return given.length === expected.length && timingSafeEqual(given, expected)
}
