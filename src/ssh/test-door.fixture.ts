// A door of the real parts for tests, and the real OpenSSH client that knocks at it.
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeKeyPair, type KeyPair, type KeyType } from '../../test/harness/ssh-keys.ts'
import { makeTempFolder } from '../../test/harness/temp-folder.ts'
import type { Authenticator } from './authenticator.ts'
import { doorKeys, type DoorKeys } from './door-keys.ts'
import { readPrivateKey } from './private-key.ts'
import { ServerAuth, type ServerAuthOptions } from './server-auth.ts'
import type { ServerLimits } from './server-pace.ts'
import { ServerTransport } from './server-transport.ts'
import { SocketLine } from './socket-line.ts'

export type Knock = {
  transport: ServerTransport
  /** The user name, or what ended the connection. */
  outcome: Promise<string | Error>
  socket: Socket
}
export type DoorOptions = {
  authenticator: (transport: ServerTransport) => Authenticator
  auth?: ServerAuthOptions
  limits?: Partial<ServerLimits>
  /** Listens at `socketPath` instead, where the system holds little between both ends. */
  isLocal?: boolean
  /** By default what channels are asked for is ignored. */
  signedIn?: (transport: ServerTransport, user: string) => void
}

export type SshRun = { code: number; stdout: string; stderr: string }
export type TestDoor = {
  port: number
  socketPath: string
  folder: string
  hostKeys: Record<KeyType, KeyPair>
  knocks: Knock[]
  /** Runs `ssh` (or another release of it) with these arguments until it ends, knowing the door's key; `password` answers whatever it asks for. */
  ssh(args: readonly string[], password?: string, other?: { program?: string; env?: Record<string, string> }): Promise<SshRun>
  close(): Promise<void>
}

export const askpass = fileURLToPath(new URL('../../test/harness/askpass.sh', import.meta.url))

type HostKeys = { pairs: Record<KeyType, KeyPair>; keys: DoorKeys }
let made: Promise<HostKeys> | undefined
/** One set for all doors of a test file: an RSA key takes its time. */
export const hostKeysOfFile = (): Promise<HostKeys> => (made ??= makeHostKeys())

async function makeHostKeys(): Promise<HostKeys> {
  const folder = await makeTempFolder('door-keys')
  const make = (type: KeyType) => makeKeyPair(folder.path, `host-${type}`, type)
  const [ed25519, ecdsa, rsa] = await Promise.all([make('ed25519'), make('ecdsa'), make('rsa')])
  await folder.remove()
  const pairs = { ed25519, ecdsa, rsa }
  return { pairs, keys: doorKeys(Object.values(pairs).map((pair) => readPrivateKey(pair.privateKey))) }
}

export async function startTestDoor(options: DoorOptions): Promise<TestDoor> {
  const folder = await makeTempFolder('door')
  const { pairs, keys } = await hostKeysOfFile()
  const knocks: Knock[] = []
  const server: Server = createServer({ noDelay: true }, (socket) => {
    const transport = new ServerTransport({
      line: new SocketLine(socket),
      keys,
      ident: 'Sallyport_test',
      acceptedAtMs: performance.now(),
      ...(options.limits ? { limits: options.limits } : {}),
    })
    const come = async (): Promise<string> => {
      await transport.handshake()
      const user = await new ServerAuth(transport, options.authenticator(transport), { refusalStepMs: 30, ...options.auth }).signIn()
      // A little late, as where control is asked in between.
      await new Promise((resolve) => setTimeout(resolve, 5))
      if (options.signedIn) options.signedIn(transport, user)
      else {
        transport.handlers.CONNECTION = () => undefined
        transport.onTurn = () => undefined
      }
      return user
    }
    knocks.push({ transport, socket, outcome: come().catch((cause: unknown) => (cause instanceof Error ? cause : new Error(String(cause)))) })
  })
  const socketPath = path.join(folder.path, 'door.sock')
  await new Promise<void>((resolve) => (options.isLocal ? server.listen(socketPath, resolve) : server.listen(0, '127.0.0.1', resolve)))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const known = path.join(folder.path, 'known_hosts')
  await writeFile(
    known,
    `[127.0.0.1]:${port} ${pairs.ed25519.publicKey}\n[127.0.0.1]:${port} ${pairs.ecdsa.publicKey}\n[127.0.0.1]:${port} ${pairs.rsa.publicKey}\n`,
  )
  return {
    port,
    socketPath,
    folder: folder.path,
    hostKeys: pairs,
    knocks,
    ssh: (args, password, other = {}) =>
      new Promise((resolve) => {
        const fixed = ['-F', 'none', '-p', String(port), '-o', `UserKnownHostsFile=${known}`, '-o', 'StrictHostKeyChecking=yes', '-o', 'IdentitiesOnly=yes']
        const env = {
          PATH: process.env['PATH'],
          HOME: folder.path,
          SSH_ASKPASS: askpass,
          SSH_ASKPASS_REQUIRE: 'force',
          SALLYTEST_PASSWORD: password ?? '',
          ...other.env,
        }
        execFile(other.program ?? 'ssh', [...fixed, ...args], { env, timeout: 30_000 }, (cause, stdout, stderr) =>
          resolve({ code: cause ? Number(cause.code ?? -1) : 0, stdout, stderr }),
        )
      }),
    async close() {
      for (const { transport } of knocks) transport.close()
      await new Promise((resolve) => server.close(resolve))
      await folder.remove()
    },
  }
}
