// What is offered to hosts and to people's clients: nothing with SHA-1, CBC, group exchange (the host would choose the prime) or compression.
import type { AlgorithmOffer } from './library.ts'

const kex = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group16-sha512',
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

const cipher = ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'chacha20-poly1305@openssh.com', 'aes256-ctr', 'aes192-ctr', 'aes128-ctr']
const mac = ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512']

const isKnown = (type: string): type is HostKeyType => type in hostKeyAlgorithms

/** `preferred`: types of keys that are trusted for this host, asked for first, so that a host with several keys shows the one we know. `only` leaves the others out. */
export function clientOffer(preferred: readonly string[], only = false): AlgorithmOffer {
  const known = preferred.filter(isKnown)
  const types = only ? known : [...known, ...hostKeyTypes.filter((type) => !known.includes(type))]
  const direction = () => ({ cipher: [...cipher], mac: [...mac], compress: ['none'], lang: [] })
  return { kex: [...kex], serverHostKey: types.flatMap((type) => [...hostKeyAlgorithms[type]]), cs: direction(), sc: direction() }
}

/** What the keys of people may sign with at the door, best first; `sk-` keys live in FIDO2 devices (OpenSSH PROTOCOL.u2f). */
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
  const direction = () => ({ cipher: [...cipher], mac: [...mac], compress: ['none'], lang: [] })
  return { kex: [...kex], serverHostKey: [...hostKeys], cs: direction(), sc: direction() }
}
