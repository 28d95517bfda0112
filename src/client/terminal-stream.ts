// The client's side of the terminal protocol (`docs/protocol/terminal.md`), without a terminal: bytes in, bytes out, offsets counted.
// Runs in browsers and in Node; the WebSocket and the clock are passed in.
import type { Ended, Notice, Prompt, Stats, Welcome } from '#wire/terminal.ts'
import { decodeFrame, encodeHidden, encodeJson, encodeOffset, encodePing, terminalSubprotocol } from '#wire/terminal.ts'
import { OutgoingInput } from './outgoing-input.ts'

/** What is used of a WebSocket; the browser's own and that of `ws` both fit. */
export interface SocketLike {
  binaryType: string
  send(data: Uint8Array<ArrayBuffer>): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'open' | 'error', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  addEventListener(type: 'close', listener: (event: { code: number; reason: string }) => void): void
}

export type TerminalTimers = { nowMs(): number; after(delayMs: number, call: () => void): { cancel(): void } }
export const realTimers: TerminalTimers = {
  nowMs: () => performance.now(),
  after(delayMs, call) {
    const timer = setTimeout(call, delayMs)
    return { cancel: () => clearTimeout(timer) }
  },
}

export interface TerminalEvents {
  welcome(welcome: Welcome): void
  /** `end` is the absolute offset behind the last byte: hand it to `parsed` once the terminal has shown them. */
  output(bytes: Uint8Array, end: number): void
  prompt(prompt: Prompt): void
  notice(notice: Notice): void
  stats(stats: Stats): void
  size(cols: number, rows: number): void
  /** Round trip to the gateway in ms; undefined when it has not answered for 15 s. */
  latency(ms: number | undefined): void
  /** The session is over; nothing follows but `closed`. */
  ended(ended: Ended): void
  /** The connection is gone. `clean` when ENDED came before. The last event. */
  closed(close: { code: number; reason: string; clean: boolean }): void
}

export type TerminalStreamOptions = {
  /** `wss://host/terminal`. */
  url: string
  ticket: string
  cols: number
  rows: number
  term?: string
  makeSocket: (url: string, subprotocol: string) => SocketLike
  timers?: TerminalTimers
  events: Partial<TerminalEvents>
}

/** Acknowledge every 32 KiB, an eighth of the window, so that the host is never paused for want of an ACK that is due. */
export const ackEveryBytes = 32 * 1024
export const ackWithinMs = 50
const pingEveryMs = 5000
const silentAfterMs = 15_000

/** One WebSocket, one terminal. Starts at once; it never throws for what the other side sends, it closes. */
export class TerminalStream {
  #socket: SocketLike
  #events: Partial<TerminalEvents>
  #timers: TerminalTimers
  #input: OutgoingInput
  #state: 'opening' | 'open' | 'ended' | 'closed' = 'opening'
  #connected = false
  #received = 0
  #parsed = 0
  #acknowledged = 0
  #ackTimer: { cancel(): void } | undefined
  #pingTimer: { cancel(): void } | undefined
  #pings = new Map<number, number>()
  #lastPongMs: number
  #token = 0

  constructor(options: TerminalStreamOptions) {
    this.#events = options.events
    this.#timers = options.timers ?? realTimers
    this.#lastPongMs = this.#timers.nowMs()
    this.#socket = options.makeSocket(options.url, terminalSubprotocol)
    this.#socket.binaryType = 'arraybuffer'
    this.#input = new OutgoingInput((frame) => this.#send(frame))
    this.#socket.addEventListener('open', () => {
      this.#connected = true
      const { ticket, cols, rows, term } = options
      this.#send(encodeJson('hello', { ticket, cols, rows, ...(term === undefined ? {} : { term }) }))
      this.#ping()
    })
    this.#socket.addEventListener('message', (event) => this.#receive(event.data))
    this.#socket.addEventListener('error', () => undefined) // `close` follows and says what there is to say
    this.#socket.addEventListener('close', (event) => this.#closed(event.code, event.reason))
  }

  get state(): 'opening' | 'open' | 'ended' | 'closed' {
    return this.#state
  }
  /** Absolute offset of output received so far. */
  get received(): number {
    return this.#received
  }

  /** Types. False when nothing was taken: the session is not open, or more than 8 MiB wait to be taken by the host. */
  input(bytes: Uint8Array): boolean {
    return this.#state === 'open' && this.#input.bytes(bytes)
  }

  /** Takes effect in order with what was typed. Before WELCOME the size waits; only the last one counts. */
  resize(cols: number, rows: number): void {
    if (this.#state === 'opening' || this.#state === 'open') this.#input.resize(cols, rows)
  }

  /** The terminal has parsed everything before `offset`. The server hears of it every 32 KiB or 50 ms. */
  parsed(offset: number): void {
    if (this.#state !== 'open' || offset <= this.#parsed) return
    this.#parsed = Math.min(offset, this.#received)
    if (this.#parsed - this.#acknowledged >= ackEveryBytes) this.#acknowledge()
    else
      this.#ackTimer ??= this.#timers.after(ackWithinMs, () => {
        this.#ackTimer = undefined
        this.#acknowledge()
      })
  }

  /** `null` declines. */
  answer(id: number, answers: string[] | null): void {
    this.#send(encodeJson('answer', { id, answers }))
  }

  hidden(hidden: boolean): void {
    if (this.#state === 'open') this.#send(encodeHidden(hidden))
  }

  close(): void {
    this.#socket.close(1000, '')
  }

  #send(frame: Uint8Array<ArrayBuffer>): void {
    if (this.#connected) this.#socket.send(frame)
  }

  #acknowledge(): void {
    this.#ackTimer?.cancel()
    this.#ackTimer = undefined
    if (this.#state !== 'open' || this.#parsed === this.#acknowledged) return
    this.#acknowledged = this.#parsed
    this.#send(encodeOffset('ack', this.#acknowledged))
  }

  #ping(): void {
    if (!this.#connected) return
    const now = this.#timers.nowMs()
    if (now - this.#lastPongMs > silentAfterMs) this.#events.latency?.(undefined)
    // Eight unanswered pings are 40 s: the oldest is of no use for a round trip any more.
    if (this.#pings.size >= 8) this.#pings.delete(this.#pings.keys().next().value ?? 0)
    this.#token = (this.#token + 1) >>> 0
    this.#pings.set(this.#token, now)
    this.#send(encodePing('ping', this.#token))
    this.#pingTimer = this.#timers.after(pingEveryMs, () => this.#ping())
  }

  #receive(data: unknown): void {
    if (this.#state === 'ended' || this.#state === 'closed') return
    const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data instanceof Uint8Array ? data : undefined
    const decoded = bytes ? decodeFrame(bytes) : undefined
    // A server that breaks the protocol is not spoken with any further.
    if (!decoded?.ok) return this.#socket.close(1000, 'protocol error')
    const frame = decoded.frame
    switch (frame.kind) {
      case 'welcome':
        if (this.#state !== 'opening') return
        this.#state = 'open'
        this.#received = this.#parsed = this.#acknowledged = frame.welcome.outputOffset
        this.#events.welcome?.(frame.welcome)
        this.#input.open(frame.welcome.inputOffset)
        return
      case 'output':
        if (this.#state !== 'open') return
        this.#received += frame.bytes.length
        this.#events.output?.(frame.bytes, this.#received)
        return
      case 'taken':
        this.#input.taken(frame.offset)
        return
      case 'prompt':
        this.#events.prompt?.(frame.prompt)
        return
      case 'notice':
        this.#events.notice?.(frame.notice)
        return
      case 'stats':
        this.#events.stats?.(frame.stats)
        return
      case 'size':
        this.#events.size?.(frame.cols, frame.rows)
        return
      case 'ping':
        this.#send(encodePing('pong', frame.token))
        return
      case 'pong': {
        const sent = this.#pings.get(frame.token)
        this.#pings.delete(frame.token)
        this.#lastPongMs = this.#timers.nowMs()
        if (sent !== undefined) this.#events.latency?.(this.#lastPongMs - sent)
        return
      }
      case 'ended':
        this.#state = 'ended'
        this.#stop()
        this.#events.ended?.(frame.ended)
        return
      default:
        return // kinds that only clients send: nothing to do with them, and no harm in them
    }
  }

  #stop(): void {
    this.#ackTimer?.cancel()
    this.#pingTimer?.cancel()
    this.#ackTimer = this.#pingTimer = undefined
    this.#pings.clear()
    this.#input.stop()
  }

  #closed(code: number, reason: string): void {
    if (this.#state === 'closed') return
    const clean = this.#state === 'ended'
    this.#state = 'closed'
    this.#connected = false
    this.#stop()
    this.#events.closed?.({ code, reason, clean })
  }
}
