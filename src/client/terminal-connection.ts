// One WebSocket of a terminal: HELLO, frames, pings. Knows no session; a connection that is silent is given up.
import type { Hello, TerminalFrame } from '#wire/terminal.ts'
import { decodeFrame, encodeJson, encodePing, terminalSubprotocol } from '#wire/terminal.ts'
import type { TerminalTimers } from './terminal-timers.ts'

/** What is used of a WebSocket; the browser's own and that of `ws` both fit. */
export interface SocketLike {
  binaryType: string
  send(data: Uint8Array<ArrayBuffer>): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'open' | 'error', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  addEventListener(type: 'close', listener: (event: { code: number; reason: string }) => void): void
}

/** How long a connection may take, in ms. */
export type ConnectionPace = { pingEveryMs: number; silentAfterMs: number; openWithinMs: number; probeWithinMs: number }
export const usualPace: ConnectionPace = { pingEveryMs: 5000, silentAfterMs: 15_000, openWithinMs: 15_000, probeWithinMs: 4000 }

export type ConnectionClose = {
  /** 1006 when nobody said a code: refused, cut, silent. */
  code: number
  reason: string
  /** From the upgrade to the end; undefined when there was no upgrade. */
  livedMs: number | undefined
  /** The server sent what is no frame: there is no point in asking it again. */
  broken: boolean
}

export type ConnectionOptions = {
  url: string
  makeSocket: (url: string, subprotocol: string) => SocketLike
  timers: TerminalTimers
  pace: ConnectionPace
  hello: () => Hello
  frame: (frame: TerminalFrame) => void
  /** Round trip to the gateway in ms. */
  latency: (ms: number) => void
  /** Once, and the last call. */
  closed: (close: ConnectionClose) => void
}

const goneWithoutWord = 1006
const serverBrokeProtocol = 4002
/** Nobody will answer: any code but 1000, which would end the session should it arrive after all. */
const givenUp = 4000

export class TerminalConnection {
  readonly #options: ConnectionOptions
  readonly #socket: SocketLike
  #state: 'dialling' | 'open' | 'over' = 'dialling'
  #openedAtMs = 0
  #heardAtMs = 0
  #pings = new Map<number, number>()
  #token = 0
  #pingTimer: { cancel(): void } | undefined
  #limit: { cancel(): void } | undefined

  constructor(options: ConnectionOptions) {
    this.#options = options
    const { timers, pace } = options
    this.#limit = timers.after(pace.openWithinMs, () => this.#giveUp('no answer'))
    this.#socket = options.makeSocket(options.url, terminalSubprotocol)
    this.#socket.binaryType = 'arraybuffer'
    this.#socket.addEventListener('open', () => this.#opened())
    this.#socket.addEventListener('message', (event) => this.#receive(event.data))
    this.#socket.addEventListener('error', () => undefined) // `close` follows and says what there is to say
    this.#socket.addEventListener('close', (event) => this.#over({ code: event.code, reason: event.reason, broken: false }))
  }

  send(frame: Uint8Array<ArrayBuffer>): void {
    if (this.#state === 'open') this.#socket.send(frame)
  }

  /** Asks at once whether the other side is there, and gives the connection up soon when it is not. */
  probe(): void {
    if (this.#state !== 'open' || this.#limit) return
    const askedAtMs = this.#options.timers.nowMs()
    this.#ping()
    this.#limit = this.#options.timers.after(this.#options.pace.probeWithinMs, () => {
      this.#limit = undefined
      if (this.#heardAtMs <= askedAtMs) this.#giveUp('silent')
    })
  }

  /** Says goodbye; `closed` follows when the other side has answered. */
  close(code: number): void {
    if (this.#state !== 'over') this.#socket.close(code, '')
  }

  #opened(): void {
    if (this.#state !== 'dialling') return
    this.#limit?.cancel()
    this.#limit = undefined
    this.#state = 'open'
    this.#openedAtMs = this.#heardAtMs = this.#options.timers.nowMs()
    this.send(encodeJson('hello', this.#options.hello()))
    this.#beat()
  }

  #beat(): void {
    const { timers, pace } = this.#options
    // Counted from a ping that nothing followed, not from the last word: a hidden page's timers may sleep for a minute.
    const unanswered = [...this.#pings.values()].find((sentAtMs) => sentAtMs >= this.#heardAtMs)
    if (unanswered !== undefined && timers.nowMs() - unanswered >= pace.silentAfterMs) return this.#giveUp('silent')
    this.#ping()
    this.#pingTimer = timers.after(pace.pingEveryMs, () => this.#beat())
  }

  #ping(): void {
    // Eight unanswered pings are of no use for a round trip any more.
    if (this.#pings.size >= 8) this.#pings.delete(this.#pings.keys().next().value ?? 0)
    this.#token = (this.#token + 1) >>> 0
    this.#pings.set(this.#token, this.#options.timers.nowMs())
    this.send(encodePing('ping', this.#token))
  }

  #receive(data: unknown): void {
    if (this.#state !== 'open') return
    const now = this.#options.timers.nowMs()
    this.#heardAtMs = now
    const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data instanceof Uint8Array ? data : undefined
    const decoded = bytes ? decodeFrame(bytes) : undefined
    if (!decoded?.ok) {
      this.#over({ code: serverBrokeProtocol, reason: decoded?.why ?? 'not a binary message', broken: true })
      return this.#socket.close(serverBrokeProtocol, 'protocol error')
    }
    const { frame } = decoded
    if (frame.kind === 'ping') return this.send(encodePing('pong', frame.token))
    if (frame.kind !== 'pong') return this.#options.frame(frame)
    const sentAtMs = this.#pings.get(frame.token)
    if (sentAtMs === undefined) return
    // Answers come in order: what was asked before this one is not answered any more.
    for (const token of [...this.#pings.keys()]) {
      this.#pings.delete(token)
      if (token === frame.token) break
    }
    this.#options.latency(now - sentAtMs)
  }

  /** Not waited for: a browser may need minutes to notice that a network is gone. */
  #giveUp(reason: string): void {
    this.#over({ code: goneWithoutWord, reason, broken: false })
    this.#socket.close(givenUp, reason)
  }

  #over(close: Omit<ConnectionClose, 'livedMs'>): void {
    if (this.#state === 'over') return
    const livedMs = this.#state === 'open' ? this.#options.timers.nowMs() - this.#openedAtMs : undefined
    this.#state = 'over'
    this.#limit?.cancel()
    this.#pingTimer?.cancel()
    this.#pings.clear()
    this.#options.closed({ ...close, livedMs })
  }
}
