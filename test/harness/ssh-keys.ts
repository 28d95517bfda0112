// Key pairs made by ssh-keygen, as people have them.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export type KeyPair = {
  /** OpenSSH format. */
  privateKey: string
  privateKeyFile: string
  passphrase?: string
  /** `type base64`, without the comment. */
  publicKey: string
  /** `SHA256:…` as OpenSSH prints it. */
  fingerprint: string
}
export type KeyType = 'ed25519' | 'ecdsa' | 'rsa'

/** Writes `file` and `file.pub`. RSA keys have 2048 bits: larger ones take seconds to make. */
export async function makeKeyPair(folder: string, file: string, type: KeyType, passphrase = ''): Promise<KeyPair> {
  const at = path.join(folder, file)
  const bits = type === 'rsa' ? ['-b', '2048'] : type === 'ecdsa' ? ['-b', '256'] : []
  await run('ssh-keygen', ['-q', '-t', type, ...bits, '-N', passphrase, '-C', 'sallyport-test', '-f', at])
  const publicKey = (await readFile(`${at}.pub`, 'utf8')).trim().split(' ').slice(0, 2).join(' ')
  const { stdout } = await run('ssh-keygen', ['-l', '-E', 'sha256', '-f', `${at}.pub`])
  const fingerprint = stdout.split(' ')[1] ?? ''
  return { privateKey: await readFile(at, 'utf8'), privateKeyFile: at, publicKey, fingerprint, ...(passphrase === '' ? {} : { passphrase }) }
}
