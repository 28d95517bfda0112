// The real OpenSSH client at the product's SSH door: run to its end, or at a terminal of its own.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import path from 'node:path'
import type { Product } from './product.ts'
import { descendants, isAlive, signalAll } from './process-tree.ts'
import { makeTempFolder } from './temp-folder.ts'
import { waitUntil } from './wait.ts'

const askpass = path.join(import.meta.dirname, 'askpass.sh')
const endsWithinMs = 30_000

export type SshRun = { code: number; stdout: string; stderr: string }
/** `password` answers whatever is asked; without one nothing is. `input`: until the end of stdin. */
export type SshOptions = { password?: string; key?: string; input?: string; env?: Readonly<Record<string, string>> }

export class SshClients {
  readonly folder: string
  readonly #product: Pick<Product, 'sshPort'>
  readonly #remove: () => Promise<void>
  readonly #terminals: SshTerminal[] = []

  private constructor(product: Pick<Product, 'sshPort'>, folder: { path: string; remove(): Promise<void> }) {
    this.#product = product
    this.folder = folder.path
    this.#remove = () => folder.remove()
  }

  /** A home of its own: known hosts, and sockets of shared connections. The first key of the door that it sees must stay. */
  static async make(product: Pick<Product, 'sshPort'>): Promise<SshClients> {
    return new SshClients(product, await makeTempFolder('ssh-client'))
  }

  /** Runs `ssh` with these arguments until it ends, 30 s at most. */
  run(args: readonly string[], options: SshOptions = {}): Promise<SshRun> {
    return new Promise((resolve, reject) => {
      const child = this.start(args, options)
      const out: Buffer[] = []
      const err: Buffer[] = []
      child.stdout?.on('data', (chunk: Buffer) => out.push(chunk))
      child.stderr?.on('data', (chunk: Buffer) => err.push(chunk))
      const timer = setTimeout(() => child.kill('SIGKILL'), endsWithinMs)
      child.on('error', reject)
      // Who was refused has not read it.
      child.stdin?.on('error', () => undefined)
      child.on('close', (code) => {
        clearTimeout(timer)
        resolve({ code: code ?? -1, stdout: Buffer.concat(out).toString('utf8'), stderr: Buffer.concat(err).toString('utf8') })
      })
      if (options.input !== undefined || options.password === undefined) child.stdin?.end(options.input ?? '')
    })
  }

  /** The process, its three streams as pipes. */
  start(args: readonly string[], options: SshOptions = {}): ChildProcess {
    return spawn('ssh', this.#args(args, options), { env: { ...this.#env(options), ...options.env }, stdio: 'pipe' })
  }

  /** At a terminal of this size, as a person sits at one. */
  terminal(args: readonly string[], options: SshOptions & { cols?: number; rows?: number } = {}): SshTerminal {
    const { cols = 80, rows = 24 } = options
    const quoted = ['ssh', ...this.#args(args, options)].map((arg) => `'${arg.replaceAll("'", `'\\''`)}'`).join(' ')
    const child = spawn('script', ['-qefc', `stty rows ${rows} cols ${cols}; exec ${quoted}`, '/dev/null'], {
      env: { ...this.#env(options), TERM: 'xterm-256color', SHELL: '/bin/sh', ...options.env },
      stdio: 'pipe',
    })
    const terminal = new SshTerminal(child)
    this.#terminals.push(terminal)
    return terminal
  }

  /** Ends every terminal that is still there, and removes the folder. */
  async close(): Promise<void> {
    for (const terminal of this.#terminals) await terminal.kill()
    await this.#remove()
  }

  #args(args: readonly string[], { key, password }: SshOptions): string[] {
    const known = ['-o', `UserKnownHostsFile=${path.join(this.folder, 'known_hosts')}`, '-o', 'StrictHostKeyChecking=accept-new']
    const identity = key === undefined ? ['-o', 'PubkeyAuthentication=no'] : ['-i', key, '-o', 'IdentitiesOnly=yes']
    // What a dialog of signing in says is of level INFO. Without a password nobody is to be asked.
    const quiet = password === undefined ? ['-o', 'LogLevel=ERROR', '-o', 'BatchMode=yes'] : ['-o', `LogLevel=${password === '' ? 'INFO' : 'ERROR'}`]
    return ['-F', 'none', '-p', `${this.#product.sshPort}`, ...known, '-o', 'ConnectTimeout=20', ...quiet, ...identity, ...args]
  }

  #env({ password }: SshOptions): Record<string, string> {
    const answers = password === undefined ? {} : { SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force', SALLYTEST_PASSWORD: password }
    return { PATH: process.env['PATH'] ?? '', HOME: this.folder, ...answers }
  }
}

export class SshTerminal {
  /** Everything that the terminal was given to show. */
  text = ''
  exitCode: number | undefined
  readonly #child: ChildProcess

  constructor(child: ChildProcess) {
    this.#child = child
    child.stdout?.on('data', (chunk: Buffer) => (this.text += chunk.toString('utf8')))
    child.stderr?.on('data', (chunk: Buffer) => (this.text += chunk.toString('utf8')))
    child.on('exit', (code) => (this.exitCode = code ?? -1))
    child.stdin?.on('error', () => undefined)
  }

  type(text: string): void {
    this.#child.stdin?.write(text)
  }

  /** Waits until the output holds this; forgets what stood before it. */
  async waitFor(wanted: string | RegExp, withinMs = 20_000): Promise<string> {
    try {
      return await waitUntil(
        `${wanted}`,
        () => {
          const found = typeof wanted === 'string' ? this.text.indexOf(wanted) : (wanted.exec(this.text)?.index ?? -1)
          const length = typeof wanted === 'string' ? wanted.length : (wanted.exec(this.text)?.[0].length ?? 0)
          if (found < 0) {
            if (this.exitCode !== undefined) throw new Error(`ssh ended with ${this.exitCode} before ${wanted}`)
            return undefined
          }
          const text = this.text.slice(0, found + length)
          this.text = this.text.slice(found + length)
          return text
        },
        { withinMs, everyMs: 20 },
      )
    } catch (cause) {
      throw new Error(`${cause instanceof Error ? cause.message : 'failed'}; the terminal ends with ${JSON.stringify(this.text.slice(-600))}`, { cause })
    }
  }

  waitForExit(withinMs = 20_000): Promise<number> {
    return waitUntil('ssh to end', () => (this.exitCode === undefined ? undefined : { code: this.exitCode }), { withinMs, everyMs: 20 }).then(
      ({ code }) => code,
    )
  }

  /** The window gets another size, as when a person drags its corner. */
  resize(cols: number, rows: number): void {
    const terminal = readlinkSync(`/proc/${this.sshPid()}/fd/0`)
    const done = spawnSync('stty', ['-F', terminal, 'rows', `${rows}`, 'cols', `${cols}`])
    if (done.status !== 0) throw new Error(`stty: ${done.stderr.toString()}`)
  }

  /** Of the ssh process itself. */
  sshPid(): number {
    const pid = descendants(this.#child.pid ?? -1).find((each) => nameOf(each) === 'ssh')
    if (pid === undefined) throw new Error('no ssh runs')
    return pid
  }

  /** SIGKILL to ssh: its connection is lost without a word. */
  async kill(): Promise<void> {
    // ssh before what holds its terminal: one that hangs up would have it say goodbye.
    const pids = [...descendants(this.#child.pid ?? -1).toReversed(), this.#child.pid ?? -1].filter((pid) => pid > 0)
    signalAll(pids, 'SIGKILL')
    await waitUntil('ssh to be gone', () => !pids.some(isAlive), { everyMs: 20 })
  }
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  } catch {
    return '' // it has ended meanwhile
  }
}
