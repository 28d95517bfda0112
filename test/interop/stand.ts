// One real sshd, the product before it, and the two routes to it: without the door, and through it. Every case runs on both and must come out alike.
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type ApiClient } from '../harness/api-client.ts'
import { type Product, startProduct, testOperator } from '../harness/product.ts'
import { saveHost } from '../harness/saved-host.ts'
import { type KeyPair, makeKeyPair } from '../harness/ssh-keys.ts'
import { startSshd, type TestSshd } from '../harness/sshd.ts'
import { makeTempFolder } from '../harness/temp-folder.ts'
import { run, type Ran, type RunOptions } from './programs.ts'

/** A way to the host. `user` is what clients sign in as, `home` a folder of the client's own, `remote` one of the host's account, empty. */
export type Route = {
  name: 'direct' | 'door'
  host: '127.0.0.1'
  port: number
  user: string
  key: KeyPair
  rsa: KeyPair
  knownHosts: string
  home: string
  remote: string
  /** `-F none -i … -o …`, for ssh, scp and sftp. */
  options: string[]
}
export type Stand = { product: Product; api: ApiClient; sshd: TestSshd; routes: readonly [Route, Route]; folder: string; close(): Promise<void> }

export const assetName = 'web1'

export async function openStand(config: readonly string[] = []): Promise<Stand> {
  const folder = await makeTempFolder('interop')
  const sshd = await startSshd({ config: ['AcceptEnv LANG LC_*', 'MaxSessions 50', 'MaxStartups 100', 'AllowAgentForwarding yes', ...config] })
  const product = await startProduct()
  const api = await product.claim()
  await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }, { name: assetName })
  const key = await makeKeyPair(folder.path, 'operator', 'ed25519')
  const rsa = await makeKeyPair(folder.path, 'operator-rsa', 'rsa')
  for (const { publicKey } of [key, rsa]) {
    await sshd.authorize(publicKey)
    await api.call('POST', '/me/keys', { line: publicKey, name: 'interop' })
  }
  const door = await api.call<{ hostKeys: { line: string }[] }>('GET', '/door')
  const doorKeys = door.hostKeys.map(({ line }) => line.split(' ').slice(-2).join(' '))
  const hostKeys = Object.values(sshd.hostKeys).map(({ publicKey }) => publicKey)
  const routeTo = async (name: Route['name'], port: number, user: string, keys: readonly string[]): Promise<Route> => {
    const home = path.join(folder.path, name)
    const remote = path.join(sshd.home, `interop-${name}-${randomBytes(4).toString('hex')}`)
    await mkdir(path.join(home, '.ssh'), { recursive: true, mode: 0o700 })
    const knownHosts = path.join(home, '.ssh', 'known_hosts')
    await writeFile(knownHosts, keys.map((line) => `[127.0.0.1]:${port} ${line}\n`).join(''))
    const base = ['-F', 'none', '-i', key.privateKeyFile, '-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=yes']
    const options = [...base, '-o', `UserKnownHostsFile=${knownHosts}`, '-o', 'GlobalKnownHostsFile=none']
    return { name, host: '127.0.0.1', port, user, key, rsa, knownHosts, home, remote, options }
  }
  const routes = [
    await routeTo('direct', sshd.port, sshd.user, hostKeys),
    await routeTo('door', product.sshPort, `${testOperator.username}+${sshd.user}+${assetName}`, doorKeys),
  ] as const
  for (const route of routes) {
    const made = await ssh(route, [`mkdir -p ${route.remote}`])
    if (made.code !== 0) throw new Error(`${route.name}: ${made.stderr.toString()}`)
  }
  return {
    product,
    api,
    sshd,
    routes,
    folder: folder.path,
    close: async () => {
      await run('rm', ['-rf', ...routes.map(({ remote }) => remote)])
      await product.stop()
      await sshd.stop()
      await folder.remove()
    },
  }
}

/** The user's name and the host, as `ssh` takes them: `user@host`. A mail address before the `+` needs `-l`. */
export const goal = (route: Route) => `${route.user}@${route.host}`

export const ssh = (route: Route, args: readonly string[], options: RunOptions = {}): Promise<Ran> =>
  run('ssh', [...route.options, '-p', `${route.port}`, goal(route), ...args], { ...options, env: { HOME: route.home, ...options.env } })

/** What is compared of two runs: a difference says more as text. */
export const told = ({ code, stdout, stderr }: Ran) => ({ code, stdout: shown(stdout), stderr: shown(stderr) })
const shown = (bytes: Buffer) => (bytes.length > 4000 ? `${bytes.length} bytes` : bytes.toString('latin1'))

/** A file of random bytes; answers its content. */
export async function randomFile(at: string, bytes: number): Promise<Buffer> {
  const content = randomBytes(bytes)
  await mkdir(path.dirname(at), { recursive: true })
  await writeFile(at, content)
  return content
}
export const contentOf = (at: string): Promise<Buffer> => readFile(at)
