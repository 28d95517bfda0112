// The keys that prove to people's clients which door this is.
import type { EngineHostKey } from './library.ts'
import type { PrivateKey, SignatureAlgorithm } from './private-key.ts'

export type DoorKeys = { readonly algorithms: readonly SignatureAlgorithm[]; readonly byAlgorithm: Record<string, EngineHostKey> }

const order: readonly string[] = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'ssh-rsa']
const rsaNames: Record<string, SignatureAlgorithm> = { sha256: 'rsa-sha2-256', sha512: 'rsa-sha2-512' }

/** Host keys of the door, one per type, in the order in which they are offered whatever their order here. Throws for none, or two of a type. */
export function doorKeys(keys: readonly PrivateKey[]): DoorKeys {
  const sorted = keys.toSorted((one, other) => order.indexOf(one.algorithm) - order.indexOf(other.algorithm))
  if (new Set(sorted.map((key) => key.algorithm)).size !== sorted.length || sorted.length === 0)
    throw new Error('a door has one host key of each type, and at least one')
  const byAlgorithm: Record<string, EngineHostKey> = Object.create(null)
  for (const key of sorted)
    for (const algorithm of key.signatureAlgorithms)
      byAlgorithm[algorithm] = {
        type: key.algorithm,
        getPublicSSH: () => key.publicBlob,
        sign: (data, hash) => key.sign(data, hash === undefined ? key.algorithm : (rsaNames[hash] ?? hash)),
      }
  return { algorithms: sorted.flatMap((key) => [...key.signatureAlgorithms]), byAlgorithm }
}
