// A real OpenSSH server on a port of its own, thrown away after the test.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { appendFile, chmod, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { freePort } from './free-port.ts'
import { descendants, isAlive, signalAll } from './process-tree.ts'
import { type KeyPair, type KeyType, makeKeyPair } from './ssh-keys.ts'
import { makeTempFolder } from './temp-folder.ts'
import { testAccount } from './test-account.ts'
import { waitUntil } from './wait.ts'

const maxLogChars = 1_000_000

export type SshdOptions = {
  /** Sign-in with the account's password by the method `password`. Default: true as root. */
  passwords?: boolean
  /** Sign-in with the account's password by `keyboard-interactive` (PAM asks "Password: "). Default: false. */
  keyboardInteractive?: boolean
  /** Sign-in with the keys in `userKeys`. Default: true. */
  publicKeys?: boolean
  /** Text shown before sign-in. */
  banner?: string
  /** More lines of sshd_config; they come first, so they win. */
  config?: readonly string[]
  /** Another sshd than the system's. */
  program?: string
}

export type UserKeyName = KeyType | 'sealedEd25519' | 'sealedRsa'

export type TestSshd = {
  host: '127.0.0.1'
  port: number
  /** The account to sign in to. */
  user: string
  home: string
  /** Absent when the tests do not run as root: then there are no passwords. */
  password: string | undefined
  /** Keys that sign in; the sealed ones have a passphrase. */
  userKeys: Record<UserKeyName, KeyPair>
  /** A key that the server does not know. */
  strangerKey: KeyPair
  /** Changes with `replaceHostKeys`. */
  readonly hostKeys: Record<KeyType, KeyPair>
  /** New host keys on the same port, as after a reinstallation, or an attack. Ends every session. */
  replaceHostKeys(): Promise<void>
  /** One more line of `authorized_keys`. */
  authorize(publicKey: string): Promise<void>
  /** Cuts every open session with SIGKILL; the server stays. */
  cutSessions(): void
  /** Stops every open session without closing anything, as a host that hangs; `false` lets them go on. */
  freezeSessions(frozen?: boolean): void
  /** Processes of open sessions. */
  sessionPids(): number[]
  log(): string
  stop(): Promise<void>
}

/** Throws with sshd's own words when it does not start. */
export async function startSshd(options: SshdOptions = {}): Promise<TestSshd> {
  const account = await testAccount()
  const isRoot = process.getuid?.() === 0
  const { passwords = isRoot, keyboardInteractive = false, publicKeys = true } = options
  if ((passwords || keyboardInteractive) && !isRoot) throw new Error('only root can start an sshd that takes passwords')
  // sshd refuses to start as root without its empty folder.
  if (isRoot) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })

  const folder = await makeTempFolder('sshd')
  const keyFolder = path.join(folder.path, 'keys')
  await mkdir(keyFolder, { mode: 0o700 })
  const makeHostKeys = async (generation: number): Promise<Record<KeyType, KeyPair>> => {
    const make = (type: KeyType) => makeKeyPair(keyFolder, `host-${generation}-${type}`, type)
    const [ed25519, ecdsa, rsa] = await Promise.all([make('ed25519'), make('ecdsa'), make('rsa')])
    return { ed25519, ecdsa, rsa }
  }
  let generation = 1
  const [firstHostKeys, ed25519, ecdsa, rsa, sealedEd25519, sealedRsa, strangerKey] = await Promise.all([
    makeHostKeys(generation),
    makeKeyPair(keyFolder, 'user-ed25519', 'ed25519'),
    makeKeyPair(keyFolder, 'user-ecdsa', 'ecdsa'),
    makeKeyPair(keyFolder, 'user-rsa', 'rsa'),
    makeKeyPair(keyFolder, 'user-sealed-ed25519', 'ed25519', 'open sesame'),
    makeKeyPair(keyFolder, 'user-sealed-rsa', 'rsa', 'open sesame'),
    makeKeyPair(keyFolder, 'stranger', 'ed25519'),
  ])
  const userKeys = { ed25519, ecdsa, rsa, sealedEd25519, sealedRsa }
  let hostKeys = firstHostKeys

  // Read by sshd under the account's uid.
  const authorizedKeys = path.join(folder.path, 'authorized_keys')
  await writeFile(
    authorizedKeys,
    Object.values(userKeys)
      .map((key) => `${key.publicKey}\n`)
      .join(''),
  )
  await chmod(authorizedKeys, 0o644)
  const bannerFile = path.join(folder.path, 'banner')
  if (options.banner !== undefined) await writeFile(bannerFile, options.banner)
  const configFile = path.join(folder.path, 'sshd_config')
  const yes = (value: boolean) => (value ? 'yes' : 'no')
  const writeConfig = (port: number) =>
    writeFile(
      configFile,
      [
        ...(options.config ?? []),
        `ListenAddress 127.0.0.1:${port}`,
        ...Object.values(hostKeys).map((key) => `HostKey ${key.privateKeyFile}`),
        `AuthorizedKeysFile ${authorizedKeys}`,
        `PubkeyAuthentication ${yes(publicKeys)}`,
        `PasswordAuthentication ${yes(passwords)}`,
        `KbdInteractiveAuthentication ${yes(keyboardInteractive)}`,
        // Without PAM sshd asks the shadow file itself; keyboard-interactive exists only through PAM.
        `UsePAM ${yes(keyboardInteractive)}`,
        ...(options.banner === undefined ? [] : [`Banner ${bannerFile}`]),
        ...['PidFile none', 'StrictModes no', 'UseDNS no', 'PrintMotd no', 'PrintLastLog no', 'Subsystem sftp internal-sftp'],
        // Tests open many connections at once, and a wrong password is part of them.
        ...['MaxStartups 1000', 'MaxSessions 1000', 'MaxAuthTries 100', 'LoginGraceTime 60', 'LogLevel VERBOSE'],
        '',
      ].join('\n'),
    )

  let log = ''
  const launch = async (port: number): Promise<ChildProcess> => {
    await writeConfig(port)
    const child = spawn(options.program ?? '/usr/sbin/sshd', ['-D', '-e', '-f', configFile], { stdio: ['ignore', 'ignore', 'pipe'] })
    const from = log.length
    child.stderr.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString('utf8')).slice(-maxLogChars)
    })
    await waitUntil(
      'sshd to listen',
      () => {
        if (child.exitCode !== null) throw new Error(`sshd ended with ${child.exitCode}: ${log.slice(from)}`)
        return log.slice(from).includes(`Server listening on 127.0.0.1 port ${port}`)
      },
      { everyMs: 10 },
    )
    return child
  }
  const end = async (child: ChildProcess): Promise<void> => {
    const pids = [child.pid, ...descendants(child.pid ?? -1)].filter((pid) => pid !== undefined)
    signalAll(pids, 'SIGKILL')
    await waitUntil('sshd to end', () => !pids.some(isAlive), { everyMs: 10 })
  }

  // Another test may take the port between the choice and the start.
  let port = await freePort()
  let child = await launch(port).catch(async () => {
    port = await freePort()
    return launch(port)
  })
  const sessionPids = () => descendants(child.pid ?? -1)
  return {
    host: '127.0.0.1',
    port,
    user: account.name,
    home: account.home,
    password: account.password,
    userKeys,
    strangerKey,
    get hostKeys() {
      return hostKeys
    },
    async replaceHostKeys() {
      await end(child)
      generation += 1
      hostKeys = await makeHostKeys(generation)
      child = await launch(port)
    },
    authorize: (publicKey) => appendFile(authorizedKeys, `${publicKey}\n`),
    cutSessions: () => signalAll(sessionPids(), 'SIGKILL'),
    freezeSessions: (frozen = true) => signalAll(sessionPids(), frozen ? 'SIGSTOP' : 'SIGCONT'),
    sessionPids,
    log: () => log,
    async stop() {
      await end(child)
      await folder.remove()
    },
  }
}
