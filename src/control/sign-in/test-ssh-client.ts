// An ssh client as control sees one: keys, and what they sign to sign in.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { type PrivateKey, readPrivateKey } from '#ssh/private-key.ts'

const string = (value: string | Uint8Array) => {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

export const makeUserKey = (): PrivateKey => readPrivateKey(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())

type Change = { username?: string; service?: string; sessionId?: Buffer; publicKey?: Buffer; byte?: number; after?: string; signedBy?: PrivateKey }

/** RFC 4252 section 7, of a connection of its own unless said otherwise. */
export function signedBy(key: PrivateKey, username: string, change: Change = {}) {
  const algorithm = key.signatureAlgorithms[0] ?? ''
  const data = Buffer.concat([
    string(change.sessionId ?? randomBytes(32)),
    Buffer.of(change.byte ?? 50),
    string(change.username ?? username),
    string(change.service ?? 'ssh-connection'),
    string('publickey'),
    Buffer.of(1),
    string(algorithm),
    string(change.publicKey ?? key.publicBlob),
    Buffer.from(change.after ?? ''),
  ])
  const signature = Buffer.concat([string(algorithm), string((change.signedBy ?? key).sign(data, algorithm))])
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
  return { algorithm, publicKey: text(key.publicBlob), data: text(data), signature: text(signature) }
}
