// An hour at a terminal in fast time: what people run, with the network cut, the page hidden and the window resized in between. Used in small by `npm test` and whole by `npm run test:long`.
import { readFileSync } from 'node:fs'
import graphemes from '@xterm/addon-unicode-graphemes'
import headless, { type ITerminalAddon, type Terminal } from '@xterm/headless'
import { WebSocket } from 'ws'
import type { SocketLike } from '#client/terminal-connection.ts'
import { TerminalStream } from '#client/terminal-stream.ts'
import type { Ended } from '#wire/terminal.ts'
import { waitUntil } from './wait.ts'

const encoder = new TextEncoder()
/** Of what the person's terminal may wait for a screen to show something. */
const withinMs = 30_000

/** Small numbers that look random and come again with the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

export function makeScreen(cols: number, rows: number): Terminal {
  const terminal = new headless.Terminal({ cols, rows, scrollback: 0, allowProposedApi: true, logLevel: 'off' })
  terminal.loadAddon(new graphemes.UnicodeGraphemesAddon() as unknown as ITerminalAddon)
  return terminal
}

export const written = (terminal: Terminal, data: string | Uint8Array): Promise<void> => new Promise((resolve) => terminal.write(data, resolve))

/** Every cell that is seen, with its colours and flags, and the cursor: equal for terminals that look the same. */
export function picture(terminal: Terminal): string[] {
  const { active } = terminal.buffer
  const rows = Array.from({ length: terminal.rows }, (_, at) => {
    const line = active.getLine(active.baseY + at)
    return Array.from({ length: terminal.cols }, (_each, column) => {
      const cell = line?.getCell(column)
      if (!cell) return '?'
      const look = [
        cell.getFgColorMode(),
        cell.getFgColor(),
        cell.getBgColorMode(),
        cell.getBgColor(),
        cell.isBold(),
        cell.isInverse(),
        cell.isUnderline(),
        cell.isItalic(),
      ]
      return `${cell.getChars() || ' '}${look.every((each) => each === 0 || each === -1) ? '' : `<${look.join(',')}>`}`
    }).join('')
  })
  return [`${active.type} ${active.cursorX},${active.cursorY}`, ...rows]
}

/** One person with a real client, whose lines can be cut. */
export class Person {
  readonly screen: Terminal
  readonly stream: TerminalStream
  cuts = 0
  screens = 0
  resumes = 0
  ended: Ended | undefined
  session = ''
  #socket: WebSocket | undefined
  #parsedBefore = 0
  #parsing = 0

  /** `session`: of a ticket to watch or to take over. */
  constructor(url: string, cookie: string | undefined, ticket: string, session?: string) {
    this.screen = makeScreen(100, 30)
    this.stream = new TerminalStream({
      url: `${url.replace(/^http/, 'ws')}/terminal`,
      ticket,
      ...(session === undefined ? {} : { session }),
      cols: 100,
      rows: 30,
      makeSocket: (address, subprotocol) => {
        const headers = { origin: url, ...(cookie === undefined ? {} : { cookie }) }
        const socket = new WebSocket(address, [subprotocol], { headers, perMessageDeflate: false })
        // `close` follows and is what the client looks at.
        socket.on('error', () => undefined)
        this.#socket = socket
        return socket as unknown as SocketLike
      },
      events: {
        welcome: (welcome) => {
          this.session = welcome.session
          this.#parsedBefore = welcome.parsedOffset
        },
        output: (bytes, end) => this.#show(bytes, end),
        screen: ({ offset, cols, rows, text }) => {
          this.screens += 1
          // In order with what is being parsed.
          this.screen.write('', () => {
            this.screen.reset()
            this.screen.resize(cols, rows)
          })
          this.#show(text, offset, true)
        },
        size: (cols, rows) => this.screen.write('', () => this.screen.resize(cols, rows)),
        resumed: () => {
          this.resumes += 1
        },
        ended: (ended) => {
          this.ended = ended
        },
      },
    })
    // Answers to what programs ask (cursor, colours, kind of terminal), unless a terminal gave them before.
    this.screen.onData((answer) => {
      if (this.#parsing > this.#parsedBefore) this.stream.input(encoder.encode(answer))
    })
  }

  #show(bytes: Uint8Array, end: number, isOld = false): void {
    this.screen.write('', () => {
      this.#parsing = isOld ? 0 : end
    })
    this.screen.write(bytes.slice(), () => this.stream.parsed(end))
  }

  get text(): string {
    const { active } = this.screen.buffer
    return Array.from({ length: this.screen.rows }, (_, at) => active.getLine(active.baseY + at)?.translateToString(true) ?? '').join('\n')
  }

  /** Waits, and shows the screen when that was in vain. */
  async awaits(what: string, ask: () => boolean): Promise<void> {
    try {
      await waitUntil(what, ask, { withinMs, everyMs: 20 })
    } catch (cause) {
      const { state } = this.stream
      throw new Error(
        `waited for ${what}; stream ${state}, ended ${JSON.stringify(this.ended)}, ${this.cuts} cuts, ${this.screens} screens, screen:\n${this.text}`,
        { cause },
      )
    }
  }

  sees(wanted: string): Promise<void> {
    return this.awaits(`${wanted} on the screen`, () => this.text.includes(wanted))
  }

  async type(text: string): Promise<void> {
    await waitUntil('input to be taken', () => this.stream.input(encoder.encode(text)), { withinMs, everyMs: 10 })
  }

  resize(cols: number, rows: number): void {
    this.screen.resize(cols, rows)
    this.stream.resize(cols, rows)
  }

  /** As a network that is gone without a word. */
  cut(): void {
    this.cuts += 1
    this.#socket?.terminate()
  }
}

/** A recording, or any events, shown again from the beginning: the screen at the end. */
export async function replay(v3: string): Promise<Terminal> {
  const [header = '', ...lines] = v3.trimEnd().split('\n')
  const { term } = JSON.parse(header) as { term: { cols: number; rows: number } }
  const screen = makeScreen(term.cols, term.rows)
  let isExact = false
  for (const line of lines) {
    if (line.startsWith('#')) continue
    const [, code, data] = JSON.parse(line) as [number, string, string]
    if (code === 'b') await written(screen, Buffer.from(data, 'base64'))
    else if (code === 'o' && !isExact) await written(screen, data)
    else if (code === 'r') {
      const [cols = 80, rows = 24] = data.split('x').map(Number)
      screen.resize(cols, rows)
    }
    isExact = code === 'b'
  }
  return screen
}

/** What the host's own `script` wrote down between its head and foot lines. */
export function hostBytes(file: string): Buffer {
  const all = readFileSync(file)
  const begin = all.indexOf(0x0a) + 1
  const foot = all.lastIndexOf('\nScript done')
  return all.subarray(begin, foot < 0 ? all.length : foot)
}
