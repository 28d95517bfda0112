// OpenSSH 10 beside the system's own, unpacked by the set-up of the tests (`scripts/set-up/openssh-10.mjs`).
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '../..')
const at = (...parts: string[]) => path.join(root, 'node_modules', '.cache', 'sallyport', 'openssh-10', 'usr', ...parts)

/** Elsewhere than on Debian 12 there are no backports to take it from; the set-up says so, and tests of it do not exist there. */
export const isDebian12 = existsSync('/etc/os-release') && /^VERSION_CODENAME=bookworm$/m.test(readFileSync('/etc/os-release', 'utf8'))

/** Its programs. Throws when the set-up has not fetched them. */
export function openSsh10() {
  if (!existsSync(at('sbin', 'sshd'))) throw new Error('OpenSSH 10 is not here: `npm test` fetches it from Debian’s backports; see what it said.')
  return {
    ssh: at('bin', 'ssh'),
    sshd: at('sbin', 'sshd'),
    /** sshd looks for its other halves where Debian installs them. */
    sshdConfig: [`SshdSessionPath ${at('lib', 'openssh', 'sshd-session')}`, `SshdAuthPath ${at('lib', 'openssh', 'sshd-auth')}`],
    /** For the environment variable SSH_SK_HELPER. */
    skHelper: at('lib', 'openssh', 'ssh-sk-helper'),
  }
}
