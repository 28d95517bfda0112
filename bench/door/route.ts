// The three ways of a native client to one host: directly, through an OpenSSH jump host, and through the door.
import { spawn } from 'node:child_process'
import { open } from 'node:fs/promises'
import path from 'node:path'
import type { ApiClient } from '../../test/harness/api-client.ts'
import { type Product, testOperator } from '../../test/harness/product.ts'
import type { SavedHost } from '../../test/harness/saved-host.ts'
import { startSshd, type TestSshd } from '../../test/harness/sshd.ts'
import { cpuSeconds, family } from '../cost.ts'
import { opensshSide, type OpensshTarget } from '../openssh.ts'
import type { Side } from '../shell.ts'

export type Route = { name: 'direct' | 'jump' | 'door'; options: string[]; port: number; user: string; target: OpensshTarget }
export type Native = {
  direct: Route
  jump: Route
  door: Route
  /** A folder of the host's account, and what is on it: see `files.ts`. */
  remote: string
  /** Of all Sallyport's processes, in CPU seconds so far. */
  cpu(): number
  product: Product
  api: ApiClient
  host: SavedHost
  close(): Promise<void>
}

export async function openNative(product: Product, api: ApiClient, sshd: TestSshd, host: SavedHost): Promise<Native> {
  const jumpHost = await startSshd()
  const key = sshd.userKeys.ed25519
  await jumpHost.authorize(key.publicKey)
  await api.call('POST', '/me/keys', { line: key.publicKey, name: 'bench' })
  const base = ['-F', 'none', '-i', key.privateKeyFile, '-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=no']
  const options = [...base, '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR', '-c', 'aes128-gcm@openssh.com']
  const proxy = ['-o', `ProxyCommand=ssh ${options.join(' ')} -p ${jumpHost.port} -W %h:%p ${jumpHost.user}@127.0.0.1`]
  const route = (name: Route['name'], port: number, user: string, more: string[] = []): Route => ({
    name,
    options: [...options, ...more],
    port,
    user,
    target: { port, username: user, keyFile: key.privateKeyFile },
  })
  return {
    direct: route('direct', sshd.port, sshd.user),
    jump: route('jump', sshd.port, sshd.user, proxy),
    door: route('door', product.sshPort, `${testOperator.username}+${host.account}+${host.name}`),
    remote: path.join(sshd.home, `bench-${process.pid}`),
    cpu: () => cpuSeconds(family(product.pid)),
    product,
    api,
    host,
    close: () => jumpHost.stop(),
  }
}

/** Then it is killed. */
const longestMs = 120_000

/** Runs `ssh` to its end, its output into a file of the system; answers how long it took, in ms. Throws when it does not end with 0. */
export function timed(program: 'ssh' | 'sftp', route: Route, args: readonly string[], input?: string): Promise<number> {
  const port = program === 'ssh' ? ['-p', `${route.port}`] : ['-P', `${route.port}`]
  const goal = `${route.user}@127.0.0.1`
  const words = program === 'ssh' ? [...route.options, ...port, goal, ...args] : [...route.options, ...port, ...args, goal]
  return run(program, words, route.name, input)
}

async function run(program: string, words: readonly string[], name: string, input: string | undefined): Promise<number> {
  const nowhere = await open('/dev/null', 'w')
  try {
    const startedAt = performance.now()
    const child = spawn(program, words, { stdio: ['pipe', nowhere.fd, 'pipe'], timeout: longestMs, killSignal: 'SIGKILL' })
    let said = ''
    child.stderr?.on('data', (bytes: Buffer) => (said = (said + bytes.toString()).slice(-1000)))
    child.stdin?.end(input)
    const ended = await new Promise<string>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => resolve(signal ?? String(code)))
    })
    if (ended !== '0') throw new Error(`${program} by ${name} ended with ${ended}: ${said}`)
    return performance.now() - startedAt
  } finally {
    await nowhere.close()
  }
}

/** A terminal by the native client, as `echo` measures it. */
export const sideOf = (route: Route): Side => opensshSide(route.target)
