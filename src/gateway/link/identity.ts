// The gateway's own Ed25519 key: made once, kept in its identity folder, used for nothing but the link.
import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Secret } from '#domain/secret.ts'
import { linkSignaturePrefix } from '#wire/link.ts'

export type Identity = {
  /** SubjectPublicKeyInfo (RFC 8410), DER, base64. */
  publicKey: string
  /** Ed25519 over the prefix, a zero byte and the challenge; base64. */
  signChallenge(nonce: Uint8Array): string
}

/** Reads `<folder>/identity.pem`, or makes it (0600). Throws when the file is there and is not an Ed25519 key: a broken identity is never silently replaced. */
export async function loadIdentity(folder: string): Promise<Identity> {
  const path = join(folder, 'identity.pem')
  const privateKey = readKey(path) ?? (await makeKey(path))
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new Error(`${path} is not an Ed25519 key`)
  return {
    publicKey: createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64'),
    signChallenge: (nonce) => sign(null, Buffer.concat([Buffer.from(linkSignaturePrefix), Buffer.of(0), nonce]), privateKey).toString('base64'),
  }
}

/** Vouches for a gateway that the same supervisor started: HMAC-SHA-256 over the challenge; base64. */
export function vouch(localSecret: Secret, nonce: Uint8Array): string {
  return createHmac('sha256', localSecret.reveal()).update(nonce).digest('base64')
}

function readKey(path: string): KeyObject | undefined {
  try {
    return createPrivateKey(readFileSync(path))
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw new Error(`the gateway's identity ${path} cannot be read`, { cause })
  }
}

async function makeKey(path: string): Promise<KeyObject> {
  const { privateKey } = generateKeyPairSync('ed25519')
  // Written aside and renamed: a crash in between leaves no half key that would stop the next start.
  const aside = `${path}.new`
  const file = await open(aside, 'w', 0o600)
  try {
    await file.writeFile(privateKey.export({ type: 'pkcs8', format: 'pem' }))
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(aside, path)
  return privateKey
}
