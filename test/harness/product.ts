// The product as people start it: the real command line, its own ports and folder, two gateways.
import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { ApiClient } from './api-client.ts'
import { freePort } from './free-port.ts'
import { commandLine, descendants, isAlive, signalAll } from './process-tree.ts'
import { makeTempFolder } from './temp-folder.ts'
import { waitUntil } from './wait.ts'

export const checkout = path.resolve(import.meta.dirname, '../..')
const maxOutputChars = 2_000_000
const startWithinMs = 30_000
const stopWithinMs = 20_000

export type ProductOptions = {
  /** Default: 2, as all product tests run. */
  gateways?: number
  flags?: readonly string[]
  env?: Readonly<Record<string, string>>
  /** `postgres://…`; default: SQLite in the data folder. */
  database?: string
  /** Data folder of an earlier start, kept at the end. Default: a new one, removed at the end. */
  data?: string
  /** Default: a free one. */
  port?: number
  /** Of the SSH door. Default: a free one. */
  sshPort?: number
  /** Shows the product's own stderr as it comes. */
  echo?: boolean
  /** What is started; default: this checkout. */
  command?: { program: string; args: readonly string[] }
}

export type Product = {
  /** `http://127.0.0.1:PORT`, or `https:` with `--tls`. */
  url: string
  port: number
  /** Of the SSH door, on 127.0.0.1. */
  sshPort: number
  data: string
  /** Printed until the product has been claimed. */
  claimLink: string | undefined
  claimToken: string | undefined
  /** The supervisor; its parent may be the starter of the pinned Node. */
  pid: number
  controlPids(): number[]
  gatewayPids(): number[]
  stdout(): string
  stderr(): string
  /** A client that is not signed in. */
  api(): ApiClient
  /** Claims with this name and password and answers the signed-in client. */
  claim(username?: string, password?: string): Promise<ApiClient>
  signIn(username?: string, password?: string): Promise<ApiClient>
  /** SIGTERM; throws when it has not ended after 20 s, and ends it then. Idempotent. Answers the exit code. */
  stop(): Promise<number>
  /** SIGKILL to everything. */
  kill(): Promise<void>
}

export const testOperator = { username: 'ada', password: 'correct horse battery staple' } as const

/** Resolves when `/readyz` answers 200; throws with what the product printed when it does not come to that. */
export async function startProduct(options: ProductOptions = {}): Promise<Product> {
  const port = options.port ?? (await freePort())
  const sshPort = options.sshPort ?? (await freePort())
  const folder = options.data === undefined ? await makeTempFolder('product') : undefined
  const data = options.data ?? path.join(folder?.path ?? '', 'data')
  const { program, args } = options.command ?? { program: process.execPath, args: [path.join(checkout, 'bin', 'sallyport.mjs')] }
  const flags = [
    '--data',
    data,
    '--http',
    `127.0.0.1:${port}`,
    '--ssh',
    `127.0.0.1:${sshPort}`,
    '--gateways',
    `${options.gateways ?? 2}`,
    ...(options.database ? ['--database', options.database] : []),
    ...(options.flags ?? []),
  ]
  // The caller's own settings must not reach the product under test.
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(SALLYPORT_|SSH_|VITEST|NODE_OPTIONS|NODE_ENV)/.test(name)))
  const child: ChildProcess = spawn(program, [...args, 'serve', ...flags], {
    cwd: folder?.path ?? data,
    env: { ...inherited, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout = (stdout + chunk.toString('utf8')).slice(-maxOutputChars)
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(-maxOutputChars)
    if (options.echo) process.stderr.write(chunk)
  })
  let exitCode: number | undefined
  const over = new Promise<number>((resolve) => {
    child.on('error', (error) => {
      stderr += `${error.message}\n`
      exitCode = 127
      resolve(127)
    })
    child.on('exit', (code, signal) => {
      exitCode = code ?? 128
      if (signal) stderr += `[ended by ${signal}]\n`
      resolve(exitCode)
    })
  })
  const everything = () => [child.pid ?? -1, ...descendants(child.pid ?? -1)].filter((pid) => pid > 0)
  const kill = async () => {
    const pids = everything()
    signalAll(pids, 'SIGKILL')
    await waitUntil('the product to be gone', () => !pids.some(isAlive))
    await folder?.remove()
  }
  const processes = (role: 'control' | 'gateway') =>
    everything().filter((pid) => new RegExp(`/main/(?:[\\w-]*-)?${role}(?:-[\\w-]*)?\\.(?:ts|js)(?: |$)`).test(commandLine(pid)))

  const scheme = flags.includes('--tls') || flags.includes('--tls-cert') ? 'https' : 'http'
  const url = `${scheme}://127.0.0.1:${port}`
  try {
    await waitUntil(
      'the product to be ready',
      async () => {
        if (exitCode !== undefined) throw new Error(`the product ended with ${exitCode}`)
        if (!stdout.includes('is ready')) return false
        return (await new ApiClient(url).request('GET', '/readyz').catch(() => undefined))?.status === 200
      },
      { withinMs: startWithinMs, everyMs: 50 },
    )
  } catch (cause) {
    const said = `stdout:\n${stdout}\nstderr:\n${stderr}`
    await kill()
    throw new Error(`${cause instanceof Error ? cause.message : 'it did not start'}\n${said}`, { cause })
  }
  const claimLink = /https?:\/\/\S+#\S+/.exec(stdout)?.[0]
  const claimToken = claimLink === undefined ? undefined : /[\w-]{20,}$/.exec(claimLink)?.[0]
  let stopped: Promise<number> | undefined
  const product: Product = {
    url,
    port,
    sshPort,
    data,
    claimLink,
    claimToken,
    pid: child.pid ?? -1,
    controlPids: () => processes('control'),
    gatewayPids: () => processes('gateway'),
    stdout: () => stdout,
    stderr: () => stderr,
    api: () => new ApiClient(url),
    async claim(username = testOperator.username, password = testOperator.password) {
      const client = new ApiClient(url)
      await client.claim(claimToken ?? '', username, password)
      return client
    },
    async signIn(username = testOperator.username, password = testOperator.password) {
      const client = new ApiClient(url)
      await client.signIn(username, password)
      return client
    },
    stop() {
      stopped ??= (async () => {
        const pids = everything()
        child.kill('SIGTERM')
        const late = new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), stopWithinMs).unref())
        const code = await Promise.race([over, late])
        const left = pids.filter(isAlive)
        signalAll(left, 'SIGKILL')
        await folder?.remove()
        if (code === 'late') throw new Error(`the product did not stop in ${stopWithinMs} ms:\n${stderr.slice(-4000)}`)
        if (left.length > 0) throw new Error(`the product left processes behind: ${left.join(', ')}`)
        return code
      })()
      return stopped
    },
    kill,
  }
  return product
}
