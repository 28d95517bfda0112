// Signatures as people's programs make them: by ssh-keygen, with plain keys and with a FIDO2 security key in software (`security-key.c`).
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { WireReader, wireString } from '../../src/ssh/wire-reader.ts'

const run = promisify(execFile)

/** Compiles the security key into `folder`; the path is for `SSH_SK_PROVIDER` and `-oSecurityKeyProvider`. */
export async function buildSecurityKey(folder: string): Promise<string> {
  const library = path.join(folder, 'security-key.so')
  await run('cc', ['-shared', '-fPIC', '-Wno-deprecated-declarations', '-o', library, path.join(import.meta.dirname, 'security-key.c'), '-lcrypto'])
  return library
}

export type MadeKey = { file: string; line: string; blob: Buffer; fingerprint: string }

/** `options` as ssh-keygen takes them: `['-t', 'ed25519-sk']`, say. */
export async function makeKey(file: string, options: readonly string[], provider = ''): Promise<MadeKey> {
  await run('ssh-keygen', ['-q', '-f', file, '-N', '', '-C', 'ann@laptop', ...options], { env: { ...process.env, SSH_SK_PROVIDER: provider } })
  const line = (await readFile(`${file}.pub`, 'utf8')).trim()
  const { stdout } = await run('ssh-keygen', ['-lf', `${file}.pub`])
  return { file, line, blob: Buffer.from(line.split(' ')[1] ?? '', 'base64'), fingerprint: stdout.split(' ')[1] ?? '' }
}

export type MadeSignature = { algorithm: string; data: Buffer; signature: Buffer }

/**
 * Signs `text` with `ssh-keygen -Y sign` and takes the armour off: what is signed is of OpenSSH's PROTOCOL.sshsig, the signature string is the one of SSH.
 * `flags`: what a security key says of its person (1 touched, 4 verified).
 */
export async function signWithKeygen(key: MadeKey, text: string, provider = '', flags = 1): Promise<MadeSignature> {
  const file = `${key.file}.text`
  await writeFile(file, text)
  const env = { ...process.env, SSH_SK_PROVIDER: provider, SALLYPORT_SK_FLAGS: String(flags) }
  const { stdout } = await run('sh', ['-c', 'exec ssh-keygen -q -Y sign -f "$1" -n sallyport < "$2"', 'sh', key.file, file], { env })
  const reader = new WireReader(Buffer.from(stdout.replace(/-----[A-Z ]+-----/g, ''), 'base64'))
  reader.take(6) // SSHSIG
  reader.uint32()
  if (!reader.string().equals(key.blob)) throw new Error('ssh-keygen signed with another key')
  const [namespace, reserved, hash] = [reader.string(), reader.string(), reader.text()]
  const digest = createHash(hash).update(text).digest()
  const data = Buffer.concat([Buffer.from('SSHSIG'), ...[namespace, reserved, hash, digest].map((part) => wireString(part))])
  const signature = Buffer.from(reader.string())
  return { algorithm: new WireReader(signature).text(), data, signature }
}
