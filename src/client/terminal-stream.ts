// The client's side of the terminal protocol (`docs/protocol/terminal.md`), without a terminal: one session over as many connections as it takes.
// Bytes in, bytes out, offsets counted. Runs in browsers and in Node; the WebSocket and the clock are passed in.
import type { TransferAct } from '#domain/terminal-transfer.ts'
import type { Hello, TerminalFrame, Welcome } from '#wire/terminal.ts'
import { closeLeft, closeTakenOver, encodeHidden, encodeJson, encodeOffset } from '#wire/terminal.ts'
import { Acknowledgement } from './acknowledgement.ts'
import { CutPattern, leastLifetimeMs } from './cut-pattern.ts'
import { asFailure } from './failure-answer.ts'
import { OutgoingInput } from './outgoing-input.ts'
import { Redial } from './redial.ts'
import type { ConnectionClose } from './terminal-connection.ts'
import { TerminalConnection, usualPace } from './terminal-connection.ts'
import type { StreamPace, TerminalEvents, TerminalStreamOptions } from './terminal-events.ts'
import type { TerminalTimers } from './terminal-timers.ts'
import { realTimers } from './terminal-timers.ts'

/** Before a WELCOME has said it. */
const usualGraceMs = 15 * 60_000

/** Starts at once; it never throws for what the other side sends. */
export class TerminalStream {
  readonly #options: TerminalStreamOptions
  readonly #events: Partial<TerminalEvents>
  readonly #timers: TerminalTimers
  readonly #pace: StreamPace
  readonly #input: OutgoingInput
  readonly #acks: Acknowledgement
  readonly #redial: Redial
  readonly #pattern: CutPattern
  #connection: TerminalConnection | undefined
  #state: 'opening' | 'open' | 'reconnecting' | 'ended' | 'closed' = 'opening'
  /** Who to say HELLO as. */
  #start: { ticket: string } | { session: string; key: string }
  #session: string | undefined
  #graceMs = usualGraceMs
  #size: { cols: number; rows: number }
  #isReadOnly = false
  #isHidden = false
  #isLeaving = false
  #cutAtMs = 0

  constructor(options: TerminalStreamOptions) {
    this.#options = options
    this.#events = options.events
    this.#timers = options.timers ?? realTimers
    this.#pace = { ...usualPace, leastLifetimeMs, ...options.pace }
    this.#size = { cols: options.cols, rows: options.rows }
    this.#input = new OutgoingInput((frame) => this.#connection?.send(frame))
    this.#acks = new Acknowledgement((offset) => this.#connection?.send(encodeOffset('ack', offset)), this.#timers)
    this.#pattern = new CutPattern(this.#pace.leastLifetimeMs)
    this.#redial = new Redial({
      timers: this.#timers,
      random: options.random ?? (() => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32),
      dial: () => void this.#redialled(),
      waiting: (attempt, nextInMs) => this.#tell('reconnecting', { attempt, nextInMs }),
      gaveUp: () => this.#finish({ code: 1006, reason: 'nobody answered in time' }, false),
    })
    if ('resume' in options) {
      const { session, key, outputOffset } = options.resume
      this.#start = { session, key }
      this.#session = session
      this.#received = outputOffset
    } else {
      this.#start = { ticket: options.ticket }
      this.#session = options.session
    }
    this.#dial()
  }

  /** Before the first WELCOME: what the caller's terminal has. */
  #received = 0

  get state(): 'opening' | 'open' | 'reconnecting' | 'ended' | 'closed' {
    return this.#state
  }
  /** Absolute offset of output received so far. */
  get received(): number {
    return Math.max(this.#received, this.#acks.received)
  }

  /**
   * Types; while the connection is gone it waits for the next. False when nothing was taken: the session is not open, is only watched, or more than 8 MiB wait to be
   * taken by the host.
   */
  input(bytes: Uint8Array): boolean {
    const isMine = this.#state === 'open' || this.#state === 'reconnecting' || (this.#state === 'opening' && this.#isOwner)
    return isMine && !this.#isReadOnly && this.#input.bytes(bytes)
  }

  /** Takes effect in order with what was typed. Before WELCOME the size waits; only the last one counts. */
  resize(cols: number, rows: number): void {
    this.#size = { cols, rows }
    if (!this.#isReadOnly && this.#state !== 'ended' && this.#state !== 'closed') this.#input.resize(cols, rows)
  }

  /** The terminal has parsed everything before `offset`. The server hears of it every 32 KiB or 50 ms. */
  parsed(offset: number): void {
    this.#acks.parsed(offset)
  }

  /** `null` declines. */
  answer(id: number, answers: string[] | null): void {
    this.#connection?.send(encodeJson('answer', { id, answers }))
  }

  /** False: the connection is gone just now, and the gateway was not told. */
  transfer(act: TransferAct): boolean {
    if (this.#state !== 'open' || !this.#connection) return false
    this.#connection.send(encodeJson('transfer', act))
    return true
  }

  /** Nobody looks at the page, or somebody does again. */
  hidden(hidden: boolean): void {
    if (this.#isHidden === hidden) return
    this.#isHidden = hidden
    if (this.#state === 'open') this.#connection?.send(encodeHidden(hidden))
  }

  /** The network may be back, or somebody looks: does not wait any longer, and asks whether a connection that seems open is. */
  tryNow(): void {
    if (this.#state === 'reconnecting') this.#redial.now()
    else this.#connection?.probe()
  }

  /** Leaves for good: the session ends. A connection that is gone is made once more to say so, without further events but `closed`. */
  close(): void {
    this.#isLeaving = true
    if (this.#state === 'reconnecting' && this.#isOwner) return this.#redial.now()
    this.#redial.stop()
    if (this.#connection) this.#connection.close(closeLeft)
    else this.#finish({ code: closeLeft, reason: '' }, false)
  }

  /** Tries nothing any more, and says nothing to the gateway: the session lives on without us, if it lives. */
  abandon(): void {
    this.#giveUp('abandoned')
  }

  /** With a key there is something to come back with, as long as the session lives. */
  get #isOwner(): boolean {
    return 'key' in this.#start
  }

  #tell<Event extends keyof TerminalEvents>(event: Event, ...what: Parameters<TerminalEvents[Event]>): void {
    if (this.#isLeaving && event !== 'closed') return
    const listener = this.#events[event] as ((...what: Parameters<TerminalEvents[Event]>) => void) | undefined
    listener?.(...what)
  }

  #dial(): void {
    const { url, makeSocket } = this.#options
    const connection: TerminalConnection = new TerminalConnection({
      url: this.#session === undefined ? url : `${url}/${encodeURIComponent(this.#session)}`,
      makeSocket,
      timers: this.#timers,
      pace: this.#pace,
      hello: () => this.#hello(),
      frame: (frame) => {
        if (this.#connection === connection) this.#take(frame)
      },
      latency: (ms) => this.#tell('latency', ms),
      closed: (close) => {
        if (this.#connection === connection) this.#lost(close)
      },
    })
    this.#connection = connection
  }

  async #redialled(): Promise<void> {
    const { renew } = 'renew' in this.#options ? this.#options : {}
    if (!renew || !this.#isReadOnly) return this.#dial()
    try {
      this.#start = { ticket: await renew() }
    } catch (error) {
      if (this.#state !== 'reconnecting') return
      const failure = asFailure(error)
      if (failure.code === 'control_unreachable' || failure.code === 'gateway_unavailable') return this.#redial.failed()
      this.#tell('ended', { reason: 'owner_gone', message: failure.message, failure: failure.code })
      return this.#finish({ code: 1006, reason: failure.code }, true)
    }
    if (this.#state === 'reconnecting') this.#dial()
  }

  #hello(): Hello {
    const { term } = this.#options
    const { cols, rows } = this.#size
    this.#input.forgetSizes()
    if ('ticket' in this.#start) return { ticket: this.#start.ticket, cols, rows, ...(term === undefined ? {} : { term }) }
    return { resume: { ...this.#start, outputOffset: this.received }, cols, rows }
  }

  #take(frame: TerminalFrame): void {
    if (frame.kind === 'welcome') return this.#welcomed(frame.welcome)
    if (frame.kind === 'ended') {
      this.#state = 'ended'
      this.#stop()
      return this.#tell('ended', frame.ended)
    }
    if (frame.kind === 'prompt') return this.#tell('prompt', frame.prompt)
    if (frame.kind === 'notice') return this.#tell('notice', frame.notice)
    if (this.#state !== 'open') return
    switch (frame.kind) {
      case 'output':
        return this.#tell('output', frame.bytes, this.#acks.output(frame.bytes.length))
      case 'screen': {
        const { offset, cols, rows, text } = frame
        this.#acks.screen(offset)
        return this.#tell('screen', { offset, cols, rows, text })
      }
      case 'taken':
        return this.#input.taken(frame.offset)
      case 'stats':
        return this.#tell('stats', frame.stats)
      case 'size':
        return this.#tell('size', frame.cols, frame.rows)
      case 'transfer':
        return this.#tell('transfer', frame.state)
      case 'watchers':
        return this.#tell('watchers', frame.watchers.names)
      default:
        return // kinds that only clients send: nothing to do with them, and no harm in them
    }
  }

  #welcomed(welcome: Welcome): void {
    if (this.#state !== 'opening' && this.#state !== 'reconnecting') return
    const isBack = this.#state === 'reconnecting'
    if (this.#isLeaving) return this.#connection?.close(closeLeft)
    this.#state = 'open'
    this.#session = welcome.session
    this.#isReadOnly = welcome.readOnly === true
    if (welcome.key !== '') this.#start = { session: welcome.session, key: welcome.key }
    this.#graceMs = welcome.graceSeconds * 1000
    this.#redial.stop()
    this.#received = 0
    // The key is kept before the ACK makes the gateway forget the one before it.
    this.#tell('welcome', welcome)
    this.#acks.begin(welcome.outputOffset)
    if (this.#isHidden) this.#connection?.send(encodeHidden(true))
    if (isBack) this.#tell('resumed')
    if (!this.#isReadOnly && !this.#input.open(welcome.inputOffset)) {
      // The gateway counts what was typed otherwise than we do: going on would lose keys or type them twice. Nobody is told 1000, so the session can be attached.
      return this.#giveUp(`input stands at ${welcome.inputOffset}`)
    }
    const afterSeconds = isBack ? this.#pattern.answered(this.#timers.nowMs() - this.#cutAtMs) : undefined
    if (afterSeconds !== undefined) this.#tell('proxySuspected', { afterSeconds })
  }

  #lost(close: ConnectionClose): void {
    const { code, reason, livedMs, broken } = close
    this.#connection = undefined
    if (this.#state === 'closed') return
    if (this.#state === 'ended') return this.#finish({ code, reason }, true)
    if (code === closeTakenOver) {
      this.#tell('takenOver')
      return this.#finish({ code, reason }, false)
    }
    // A ticket is good for one connection: without a key, or a way to get another ticket, there is nothing to come back with.
    const mayReturn = this.#isOwner || (this.#isReadOnly && 'renew' in this.#options && !this.#isLeaving)
    if (broken || !mayReturn || (this.#isLeaving && code === closeLeft)) return this.#finish({ code, reason }, false)
    if (this.#state === 'reconnecting') return this.#redial.failed()
    this.#cutAtMs = this.#timers.nowMs()
    if (this.#state === 'open' && livedMs !== undefined) this.#pattern.cut(livedMs)
    this.#state = 'reconnecting'
    this.#acks.stop()
    this.#input.pause()
    this.#tell('latency', undefined)
    this.#redial.begin(this.#graceMs, livedMs)
  }

  #giveUp(reason: string): void {
    const connection = this.#connection
    this.#connection = undefined
    connection?.close(4002)
    this.#finish({ code: 4002, reason }, false)
  }

  #stop(): void {
    this.#redial.stop()
    this.#acks.stop()
    this.#input.stop()
  }

  #finish(close: { code: number; reason: string }, clean: boolean): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#stop()
    this.#tell('closed', { ...close, clean })
  }
}
