// What is offered to hosts and to people's clients: nothing with SHA-1, CBC, group exchange (the host would choose the prime) or compression. Old algorithms for single hosts, for a time.
import type { AlgorithmOffer } from './library.ts'
import { hasMlKem, mlkem } from './mlkem.ts'

const kex = [
  ...(hasMlKem ? [mlkem] : []),
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
  'diffie-hellman-group14-sha256',
]
/** By the type of key blob. RFC 8332: one RSA key signs under two names. */
const hostKeyAlgorithms = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
} as const
export type HostKeyType = keyof typeof hostKeyAlgorithms
export const hostKeyTypes = Object.keys(hostKeyAlgorithms) as HostKeyType[]

const cipher = ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes256-ctr', 'aes192-ctr', 'aes128-ctr']
/**
 * Safe with strict key exchange alone (CVE-2023-48795). A host takes the first of ours that it has, so this is the last resort; `key-exchange.ts` cuts where strictness lacks.
 * Clients choose by their own order, and many without strictness have it first: the door does not offer it, and they take AES.
 */
const chacha = 'chacha20-poly1305@openssh.com'
const mac = ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512']
/** After everything else, for a host that an administrator marked, until the mark's date. */
const old = {
  kex: ['diffie-hellman-group14-sha1'],
  hostKey: 'ssh-rsa',
  cipher: ['aes256-cbc', 'aes192-cbc', 'aes128-cbc'],
  mac: ['hmac-sha1-etm@openssh.com', 'hmac-sha1'],
} as const

const isKnown = (type: string): type is HostKeyType => type in hostKeyAlgorithms
const directions = (ciphers: readonly string[], macs: readonly string[]) => {
  const direction = () => ({ cipher: [...ciphers], mac: [...macs], compress: ['none'], lang: [] })
  return { cs: direction(), sc: direction() }
}

export type ClientOfferOptions = {
  /** Leave types out that are not preferred. */
  only?: boolean
  /** The host may use algorithms with SHA-1 and CBC. */
  allowsOld?: boolean
}
/** `preferred`: types of keys that are trusted for this host, asked for first, so that a host with several keys shows the one we know. */
export function clientOffer(preferred: readonly string[], { only = false, allowsOld = false }: ClientOfferOptions = {}): AlgorithmOffer {
  const known = preferred.filter(isKnown)
  const types = only ? known : [...known, ...hostKeyTypes.filter((type) => !known.includes(type))]
  const serverHostKey: string[] = types.flatMap((type) => [...hostKeyAlgorithms[type]])
  if (!allowsOld) return { kex: [...kex], serverHostKey, ...directions([...cipher, chacha], mac) }
  if (types.includes('ssh-rsa')) serverHostKey.push(old.hostKey)
  return { kex: [...kex, ...old.kex], serverHostKey, ...directions([...cipher, chacha, ...old.cipher], [...mac, ...old.mac]) }
}

/** What the keys of people may sign with at the door, best first; `sk-` keys live in FIDO2 devices (OpenSSH PROTOCOL.u2f). `signature.ts` verifies these. */
export const userSignatureAlgorithms = [
  'ssh-ed25519',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const

/** What the door offers to clients; `hostKeys` are the signature algorithms of the keys that it has. */
export function serverOffer(hostKeys: readonly string[]): AlgorithmOffer {
  return { kex: [...kex], serverHostKey: [...hostKeys], ...directions(cipher, mac) }
}
