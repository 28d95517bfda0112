// A program that speaks the terminal protocol over a real WebSocket, as the page does; and, when a test wants, wrongly.
import { WebSocket } from 'ws'
import {
  decodeFrame,
  encodeBytes,
  encodeHidden,
  encodeJson,
  encodeOffset,
  encodeSize,
  type Ended,
  type Notice,
  type Prompt,
  type TerminalFrame,
  terminalSubprotocol,
  type Welcome,
} from '#wire/terminal.ts'
import { waitUntil } from './wait.ts'

/** The newest output is kept up to this; all of it is counted. */
const maxKeptBytes = 32 * 1024 * 1024

export type TerminalOptions = {
  /** Of the product: `http://127.0.0.1:8022`. */
  url: string
  /** Of a new session, or to attach or watch one; absent with `resume`. */
  ticket?: string
  /** The live session that is asked for, in the address. Default: that of `resume`, else none. */
  session?: string
  resume?: { session: string; key: string; outputOffset: number }
  cols?: number
  rows?: number
  term?: string
  /** Default: the product's own; undefined cannot be said, '' leaves the header out. */
  origin?: string
  cookie?: string
  /** An API token, as programs bring one. */
  token?: string
  /** False: never acknowledges, as a stalled browser. Default: at once. */
  acknowledges?: boolean
  /** False: sends no HELLO. Default: true. */
  says?: boolean
  subprotocol?: string | null
}

/** The upgrade was answered with a status instead of 101. */
export class UpgradeRefused extends Error {
  readonly status: number
  readonly body: string
  constructor(status: number, body: string) {
    super(`upgrade refused: ${status} ${body.slice(0, 300)}`)
    this.status = status
    this.body = body
  }
}

export class TerminalClient {
  readonly #socket: WebSocket
  #chunks: Buffer[] = []
  #kept = 0
  #inputOffset = 0
  #answered = 0
  /** Absolute offset behind the output so far: a resume begins where it says, a SCREEN moves it on. */
  received = 0
  /** Absolute input offset that the server said it gave to the host. */
  taken = 0
  acknowledges: boolean
  welcome: Welcome | undefined
  ended: Ended | undefined
  closed: { code: number; reason: string } | undefined
  readonly prompts: Prompt[] = []
  readonly notices: Notice[] = []
  readonly screens: Extract<TerminalFrame, { kind: 'screen' }>[] = []
  /** The names of the last WATCHERS. */
  watchers: string[] = []
  /** Every frame but OUTPUT, in order. */
  readonly frames: TerminalFrame[] = []

  private constructor(socket: WebSocket, acknowledges: boolean) {
    this.#socket = socket
    this.acknowledges = acknowledges
    socket.on('message', (data: Buffer) => this.#take(data))
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString('utf8') }
    })
    // A reset is followed by `close`, which is what tests look at.
    socket.on('error', () => {})
  }

  /** Opens the WebSocket and says HELLO. Throws `UpgradeRefused`. */
  static connect(options: TerminalOptions): Promise<TerminalClient> {
    const {
      url,
      ticket = '',
      resume,
      session = resume?.session,
      cols = 80,
      rows = 24,
      term = 'xterm-256color',
      acknowledges = true,
      says = true,
      subprotocol = terminalSubprotocol,
    } = options
    const origin = options.origin ?? url
    const headers = {
      ...(origin === '' ? {} : { origin }),
      ...(options.cookie ? { cookie: options.cookie } : {}),
      ...(options.token ? { authorization: `Bearer ${options.token}` } : {}),
    }
    const target = `${url.replace(/^http/, 'ws').replace(/\/$/, '')}/terminal${session === undefined ? '' : `/${session}`}`
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(target, subprotocol === null ? [] : [subprotocol], { headers, perMessageDeflate: false, rejectUnauthorized: false })
      const client = new TerminalClient(socket, acknowledges)
      socket.on('unexpected-response', (_request, response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => reject(new UpgradeRefused(response.statusCode ?? 0, Buffer.concat(chunks).toString('utf8'))))
      })
      socket.once('error', reject)
      socket.once('open', () => {
        if (says) client.raw(encodeJson('hello', resume ? { resume, cols, rows } : { ticket, cols, rows, term }))
        resolve(client)
      })
    })
  }

  /** The newest output as text; a character cut by the limit shows as U+FFFD. */
  get text(): string {
    return Buffer.concat(this.#chunks).toString('utf8')
  }
  /** The newest output, up to 32 MiB. */
  get bytes(): Buffer {
    return Buffer.concat(this.#chunks)
  }
  /** Forgets the output so far, so that `waitFor` sees only what comes. */
  clear(): void {
    this.#chunks = []
    this.#kept = 0
  }

  send(text: string | Uint8Array): void {
    const bytes = typeof text === 'string' ? Buffer.from(text, 'utf8') : text
    for (let at = 0; at < bytes.length; at += 65_536) this.raw(encodeBytes('input', bytes.subarray(at, at + 65_536)))
    this.#inputOffset += bytes.length
  }
  /** Absolute offset of the next input byte. */
  get inputOffset(): number {
    return this.#inputOffset
  }
  resize(cols: number, rows: number): void {
    this.raw(encodeSize('resize', cols, rows))
  }
  hide(hidden = true): void {
    this.raw(encodeHidden(hidden))
  }
  acknowledge(offset = this.received): void {
    this.raw(encodeOffset('ack', offset))
  }
  answer(prompt: Prompt, answers: string[] | null): void {
    this.raw(encodeJson('answer', { id: prompt.id, answers }))
  }
  /** Any message, right or wrong. A string goes as a text message. */
  raw(message: Uint8Array | string): void {
    this.#socket.send(message)
  }

  /** Throws when the session ended first, with its reason. */
  async waitForWelcome(withinMs = 15_000): Promise<Welcome> {
    return waitUntil('WELCOME', () => this.welcome ?? this.#refuseWhenOver('WELCOME'), { withinMs, everyMs: 5 })
  }
  async waitForPrompt(withinMs = 15_000): Promise<Prompt> {
    const prompt = await waitUntil('a PROMPT', () => this.prompts[this.#answered] ?? this.#refuseWhenOver('a PROMPT'), { withinMs, everyMs: 5 })
    this.#answered += 1
    return prompt
  }
  /** Waits until the output holds this; answers the text up to its end. */
  async waitFor(wanted: string | RegExp, withinMs = 15_000): Promise<string> {
    const find = () => {
      const text = this.text
      if (typeof wanted === 'string') {
        const at = text.indexOf(wanted)
        return at < 0 ? undefined : { text: text.slice(0, at + wanted.length) }
      }
      const match = wanted.exec(text)
      return match ? { text: text.slice(0, match.index + match[0].length) } : undefined
    }
    try {
      return (await waitUntil(`${wanted}`, () => find() ?? this.#refuseWhenOver(`${wanted}`), { withinMs, everyMs: 10 })).text
    } catch (cause) {
      throw new Error(`${cause instanceof Error ? cause.message : 'failed'}; the output ends with ${JSON.stringify(this.text.slice(-400))}`, { cause })
    }
  }
  /** Waits for ENDED; throws when the socket closes without it. */
  async waitForEnded(withinMs = 15_000): Promise<Ended> {
    return waitUntil(
      'ENDED',
      () => {
        if (!this.ended && this.closed) throw new Error(`closed with ${this.closed.code} ${this.closed.reason} without ENDED`)
        return this.ended
      },
      { withinMs, everyMs: 5 },
    )
  }
  async waitForClose(withinMs = 15_000): Promise<{ code: number; reason: string }> {
    return waitUntil('the socket to close', () => this.closed, { withinMs, everyMs: 5 })
  }

  /** What a connection says that goes on with this session. Throws before WELCOME. */
  get resume(): { session: string; key: string; outputOffset: number } {
    if (!this.welcome) throw new Error('there was no WELCOME')
    return { session: this.welcome.session, key: this.welcome.key, outputOffset: this.received }
  }

  /** Closes as a terminal that is closed: the session ends. */
  close(): void {
    this.#socket.close(1000)
  }
  /** Cuts the line without a word, as a lost network. */
  cut(): void {
    this.#socket.terminate()
  }
  /** Stops reading the socket, as a browser that hangs; `false` reads on. */
  stall(stalled = true): void {
    if (stalled) this.#socket.pause()
    else this.#socket.resume()
  }

  #refuseWhenOver(what: string): undefined {
    if (this.ended) throw new Error(`ended before ${what}: ${JSON.stringify(this.ended)}`)
    if (this.closed) throw new Error(`closed with ${this.closed.code} ${this.closed.reason} before ${what}`)
    return undefined
  }

  #take(data: Buffer): void {
    const decoded = decodeFrame(data)
    if (!decoded.ok) throw new Error(`the server sent a bad frame: ${decoded.fault}, ${decoded.why}`)
    const { frame } = decoded
    if (frame.kind === 'output') {
      this.received += frame.bytes.length
      this.#chunks.push(Buffer.from(frame.bytes))
      this.#kept += frame.bytes.length
      while (this.#kept > maxKeptBytes) this.#kept -= this.#chunks.shift()?.length ?? 0
      if (this.acknowledges) this.acknowledge()
      return
    }
    this.frames.push(frame)
    if (frame.kind === 'welcome') {
      this.welcome = frame.welcome
      this.received = frame.welcome.outputOffset
      this.#inputOffset = this.taken = frame.welcome.inputOffset
      if (this.acknowledges) this.acknowledge()
    } else if (frame.kind === 'screen') {
      // The text is a view of the message; the test may look at it later.
      this.screens.push({ ...frame, text: frame.text.slice() })
      this.received = frame.offset
      if (this.acknowledges) this.acknowledge()
    } else if (frame.kind === 'watchers') this.watchers = frame.watchers.names
    else if (frame.kind === 'ended') this.ended = frame.ended
    else if (frame.kind === 'prompt') this.prompts.push(frame.prompt)
    else if (frame.kind === 'notice') this.notices.push(frame.notice)
    else if (frame.kind === 'taken') this.taken = frame.offset
    else if (frame.kind === 'ping') this.raw(Uint8Array.of(0x7f, ...data.subarray(1)))
  }
}
