// A person who runs `sz` and `rz` in a terminal of the product, with a browser's part played over HTTP: fetches what is offered, sends what is asked for, and digests both as they stream.
import { createHash } from 'node:crypto'
import { type IncomingMessage, request } from 'node:http'
import type { TransferAct, TransferState } from '#domain/terminal-transfer.ts'
import { zmodemPath } from '#wire/files.ts'
import { encodeJson } from '#wire/terminal.ts'
import type { ApiClient } from './api-client.ts'
import type { Product } from './product.ts'
import { openTerminal, type SavedHost } from './saved-host.ts'
import type { TerminalClient } from './terminal-client.ts'
import { waitUntil } from './wait.ts'

export type Fetched = { status: number; headers: IncomingMessage['headers']; bytes: number; sha256: string; text: string; isWhole: boolean; kept: Buffer }
const finals: readonly TransferState['state'][] = ['done', 'failed', 'cancelled', 'refused']
export const isFinal = ({ state }: TransferState) => finals.includes(state)

export class TransferPerson {
  readonly terminal: TerminalClient
  readonly session: string
  readonly #product: Product
  readonly #api: ApiClient
  #prompts = 0

  private constructor(product: Product, api: ApiClient, terminal: TerminalClient, session: string) {
    this.#product = product
    this.#api = api
    this.terminal = terminal
    this.session = session
  }

  /** At a quiet prompt, in `folder`. */
  static async open(product: Product, api: ApiClient, host: SavedHost, folder: string): Promise<TransferPerson> {
    const terminal = await openTerminal(product, api, host, { cookie: api.cookie })
    const { session } = await terminal.waitForWelcome()
    const person = new TransferPerson(product, api, terminal, session)
    terminal.send(`PS1=; stty -echo; cd '${folder}'\n`)
    await person.prompt()
    return person
  }

  /** All states told so far, in order. */
  get states(): TransferState[] {
    return this.terminal.frames.flatMap((frame) => (frame.kind === 'transfer' ? [frame.state] : []))
  }
  get last(): TransferState | undefined {
    return this.states.at(-1)
  }

  /** Types a command and waits for the card of what it begins. */
  async run(command: string, withinMs = 15_000): Promise<TransferState> {
    const before = new Set(this.states.map(({ id }) => id))
    await this.prompt()
    this.terminal.send(`${command}\n`)
    return await waitUntil(`a card of ${command}`, () => this.states.findLast(({ id }) => !before.has(id)), { withinMs, everyMs: 5 })
  }
  /** The first state of this transfer that fits. */
  async until(id: string, fits: (state: TransferState) => boolean, withinMs = 30_000): Promise<TransferState> {
    const find = () => this.states.find((state) => state.id === id && fits(state))
    try {
      return await waitUntil('a state of the transfer', find, { withinMs, everyMs: 5 })
    } catch (cause) {
      throw new Error(`last ${JSON.stringify(this.last)}; the output ends with ${JSON.stringify(this.terminal.text.slice(-300))}`, { cause })
    }
  }
  final(id: string, withinMs = 30_000): Promise<TransferState> {
    return this.until(id, isFinal, withinMs)
  }
  act(act: TransferAct): void {
    this.terminal.raw(encodeJson('transfer', act))
  }

  /** The shell answers; what it is asked cannot stand in a file. `rz` drops what was typed until it has gone, so it is asked until it does. */
  async prompt(withinMs = 15_000): Promise<void> {
    const wanted = `ready-${this.#prompts + 1000}-`
    const until = performance.now() + withinMs
    const asked = `echo ready-$((${this.#prompts}+1000))-\n`
    this.#prompts += 1
    do this.terminal.send(asked)
    while (!(await this.terminal.waitFor(wanted, 1000).catch(() => undefined)) && performance.now() < until)
    await this.terminal.waitFor(wanted, 1)
  }
  /** What a command prints; without transfers. */
  async output(command: string, withinMs = 30_000): Promise<string> {
    await this.prompt()
    this.terminal.clear()
    const [begin, end] = [`begin-${this.#prompts + 1000}-`, `end-${this.#prompts + 1000}-`]
    this.terminal.send(`echo begin-$((${this.#prompts}+1000))-; ${command}; echo end-$((${this.#prompts}+1000))-\n`)
    this.#prompts += 1
    const text = await this.terminal.waitFor(end, withinMs)
    return text.slice(text.indexOf(begin) + begin.length, text.lastIndexOf(end)).trim()
  }
  sha256(file: string, withinMs = 60_000): Promise<string> {
    return this.output(`sha256sum < '${file}' | cut -c1-64`, withinMs)
  }

  path(id: string, what: 'next' | 'zip' | number): string {
    return zmodemPath(this.session, id, what)
  }

  /** `cutAfter`: hangs up after so many bytes. `keep`: the bytes too, for small ones. `slow`: waits that long before it reads. */
  fetch(id: string, what: 'next' | 'zip' = 'next', { cutAfter = Infinity, keep = false, slow = 0 } = {}): Promise<Fetched> {
    return new Promise((resolve, reject) => {
      const asking = request(new URL(this.path(id, what), this.#product.url), { agent: false, headers: { cookie: this.#api.cookie } })
      const nothing = { status: 0, headers: {}, bytes: 0, sha256: '', text: '', isWhole: false, kept: Buffer.alloc(0) }
      // Cut before its headers were read, which says the same.
      asking.on('error', (error) => ('code' in error && error.code === 'ECONNRESET' ? resolve(nothing) : reject(error)))
      asking.on('response', (response) => {
        const hash = createHash('sha256')
        const pieces: Buffer[] = []
        let bytes = 0
        const over = () => {
          const kept = Buffer.concat(pieces)
          const isWhole = response.complete && bytes <= cutAfter
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            bytes,
            sha256: hash.digest('hex'),
            text: kept.toString('utf8'),
            isWhole,
            kept,
          })
        }
        const read = () =>
          response.on('data', (piece: Buffer) => {
            bytes += piece.length
            hash.update(piece)
            if (keep || (response.statusCode ?? 0) >= 400) pieces.push(piece)
            if (bytes > cutAfter) asking.destroy()
          })
        if (slow > 0) setTimeout(read, slow)
        else read()
        response.on('error', () => undefined)
        response.on('close', over)
      })
      asking.end()
    })
  }

  /** One piece, as a page sends it. */
  put(id: string, index: number, offset: number, bytes: Uint8Array, headers: Record<string, string> = {}): Promise<{ status: number; json: unknown }> {
    return new Promise((resolve, reject) => {
      const url = new URL(`${this.path(id, index)}?offset=${offset}`, this.#product.url)
      const all = { cookie: this.#api.cookie, origin: this.#product.url, 'x-sallyport': '1', 'content-type': 'application/octet-stream', ...headers }
      const asking = request(url, { method: 'PUT', agent: false, headers: { ...all, 'content-length': String(bytes.length) } })
      asking.on('error', reject)
      asking.on('response', (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (piece: string) => (text += piece))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, json: text === '' ? undefined : JSON.parse(text) }))
        response.on('error', reject)
      })
      asking.end(bytes)
    })
  }

  /** Accepts with these files and sends what the host takes, in pieces. Answers the last state. */
  async send(id: string, files: readonly SentFile[], { folder, pieceBytes = 8 * 1024 * 1024, withinMs = 60_000 }: SendOptions = {}): Promise<TransferState> {
    this.act({
      act: 'accept',
      id,
      files: files.map(({ name, bytes, mtime }) => ({ name, bytes, ...(mtime === undefined ? {} : { mtime }) })),
      ...(folder === undefined ? {} : { folder }),
    })
    const begun = (index: number) => (state: TransferState) =>
      isFinal(state) || ['running', 'skipped', 'failed', 'done'].includes(state.files[index]?.state ?? '')
    for (const [index, file] of files.entries()) {
      const state = await this.until(id, begun(index), withinMs)
      if (isFinal(state)) return state
      const told = state.files[index]
      if (told?.state !== 'running') continue
      for (let at = told.from ?? 0; at < file.bytes; at += pieceBytes) {
        const piece = file.read(at, Math.min(pieceBytes, file.bytes - at))
        const answer = await this.put(id, index, at, piece)
        if (answer.status !== 200) return await this.final(id, withinMs)
      }
    }
    return await this.final(id, withinMs)
  }

  close(): void {
    this.terminal.close()
  }
}

type SendOptions = { folder?: string; pieceBytes?: number; withinMs?: number }
export type SentFile = { name: string; bytes: number; mtime?: number; read(from: number, length: number): Uint8Array }
export const fileOf = (name: string, bytes: Uint8Array): SentFile => ({
  name,
  bytes: bytes.length,
  read: (from, length) => bytes.subarray(from, from + length),
})
export const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
