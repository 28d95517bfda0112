import { WireFault, WireReader } from './wire-reader.ts'

export type UserauthBlob = { sessionId: Buffer; username: string; service: string; algorithm: string; publicKey: Buffer }

const userauthRequest = 50

/**
 * Reads what RFC 4252 section 7 says is signed to authenticate by public key: string session id, byte 50, string user, string service,
 * string "publickey", boolean TRUE, string algorithm, string key blob, and nothing after it. Undefined when `data` is anything else.
 */
export function parseUserauthBlob(data: Uint8Array): UserauthBlob | undefined {
  try {
    const reader = new WireReader(data)
    const sessionId = reader.string()
    // The session id is a hash of the key exchange: 20 bytes with SHA-1, 64 with SHA-512.
    if (sessionId.length < 20 || sessionId.length > 64 || reader.byte() !== userauthRequest) return undefined
    const username = reader.text()
    const service = reader.text()
    if (reader.text() !== 'publickey' || reader.byte() !== 1) return undefined
    const algorithm = reader.text()
    const publicKey = reader.string()
    reader.end()
    if (username.length === 0 || username.length > 256 || service !== 'ssh-connection' || algorithm.length > 64) return undefined
    return { sessionId, username, service, algorithm, publicKey }
  } catch (cause) {
    if (cause instanceof WireFault) return undefined
    throw cause
  }
}
