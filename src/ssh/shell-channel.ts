// One session channel with a PTY and a shell, RFC 4254: the window is enforced, nothing is read ahead of the reader, nothing is written ahead of the host.
import { Failure } from '#domain/failure.ts'
import { turnBytes, type ClientTransport } from './client-transport.ts'
import { isLent } from './host-socket.ts'
import type { ExitSignal } from './library.ts'
import { Outgoing } from './outgoing.ts'

/** What a host may have sent that nobody has taken yet: it bounds our memory while a person's terminal stands still. */
export const windowBytes = 512 * 1024
const maxPacketBytes = 32 * 1024
/** Of output handed over at once: what a frame takes. */
const pieceBytes = 64 * 1024
const channelId = 0
const stderrType = 1
/** RFC 4254 section 6.9 names, and what is made of a host's own. */
const signalName = /^[A-Z0-9]{1,16}$/

export type ShellExit = { exitStatus?: number; signal?: string }
export type ShellListener = {
  /** At most 64 KiB at once and 128 KiB per turn of the event loop, the host's stderr among it. The bytes are the receiver's. */
  output: (bytes: Uint8Array) => void
  /** Where they are written: makes this many bytes. */
  makeRoom?: (length: number) => Uint8Array
  room: () => void
  /** Everything has been handed over. `exit` is undefined when the connection broke before the channel was closed. */
  closed: (exit: ShellExit | undefined, cause: Failure | undefined) => void
}

export class ShellChannel {
  readonly #transport: ClientTransport
  #listener: ShellListener | undefined
  readonly #outgoing: Outgoing
  #window = windowBytes
  #taken = 0
  /** The last of them are lent during the turn in which they came. */
  #held: Uint8Array[] = []
  #heldBytes = 0
  #paused = true
  #scheduled: NodeJS.Immediate | undefined
  #ended = false
  #isOpen = false
  #gone: { exit: ShellExit | undefined; cause: Failure | undefined } | undefined
  #exit: ShellExit = {}
  #reply: ((isYes: boolean) => void) | undefined
  #told = false

  private constructor(transport: ClientTransport) {
    this.#transport = transport
    this.#outgoing = new Outgoing(transport, maxPacketBytes)
  }

  /** Opens the channel, asks for the PTY and the shell. Throws `Failure('channel_refused')` and what `ClientTransport.host` throws. The channel begins paused. */
  static async open(transport: ClientTransport, options: { term: string; cols: number; rows: number }, signal: AbortSignal): Promise<ShellChannel> {
    const channel = new ShellChannel(transport)
    const { engine, handlers } = transport
    await transport.host(
      signal,
      new Promise<void>((resolve, reject) => {
        handlers.CHANNEL_OPEN_CONFIRMATION = (_engine, info) => {
          if (info.recipient !== channelId || channel.#isOpen) return transport.cut('a channel was confirmed that was not asked for')
          if (!channel.#outgoing.confirmed(info)) return transport.cut('packets that small carry nothing')
          channel.#isOpen = true
          resolve()
        }
        handlers.CHANNEL_OPEN_FAILURE = () =>
          reject(new Failure('channel_refused', 'The host accepted the sign-in and refuses a terminal: its rules for this account allow none.'))
        channel.#handle()
        engine.session(channelId, windowBytes, maxPacketBytes)
      }),
    )
    const refused = (what: string) => new Failure('channel_refused', `The host accepted the sign-in and refuses ${what} for this account.`)
    const ask = (send: () => void) => transport.host(signal, new Promise<boolean>((resolve) => ((channel.#reply = resolve), send())))
    if (!(await ask(() => engine.pty(channel.#outgoing.farId, options.rows, options.cols, 0, 0, options.term, null, true)))) throw refused('a terminal')
    if (!(await ask(() => engine.shell(channel.#outgoing.farId, true)))) throw refused('a shell')
    return channel
  }

  /** Who receives; before the first `resume`. */
  listen(listener: ShellListener): void {
    this.#listener = listener
    this.#transport.takesTyping()
    this.#transport.onTurn = () => {
      this.#deliver()
      this.#own()
    }
    this.#transport.onRoom = () => this.#pump()
  }

  /** Bytes that wait for the host. False when the host takes no more for now: `room` follows. */
  write(bytes: Uint8Array): boolean {
    if (this.#gone || this.#ended) return true
    this.#transport.typed()
    this.#outgoing.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
    this.#pump()
    return this.#outgoing.length === 0
  }

  resize(size: { cols: number; rows: number }): void {
    if (!this.#gone && !this.#transport.isClosed) this.#transport.engine.windowChange(this.#outgoing.farId, size.rows, size.cols, 0, 0)
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#schedule()
  }

  /** Stops at once; what was not handed over is dropped and `closed` is not called. */
  close(): void {
    this.#told = true
    clearImmediate(this.#scheduled)
    this.#held = []
    this.#outgoing.drop()
    this.#heldBytes = 0
    this.#transport.close()
  }

  #handle(): void {
    const { handlers } = this.#transport
    const transport = this.#transport
    const ours = (recipient: number) => {
      if (recipient === channelId && this.#isOpen && !this.#gone) return true
      transport.cut('a message for a channel that is not open')
      return false
    }
    const data = (recipient: number, bytes: Buffer) => {
      if (!ours(recipient)) return
      if (this.#ended) return transport.cut('data after the end of data')
      if (bytes.length > maxPacketBytes) return transport.cut('a packet larger than agreed')
      if (bytes.length > this.#window) return transport.cut('data beyond the window')
      this.#window -= bytes.length
      this.#held.push(bytes)
      this.#heldBytes += bytes.length
    }
    handlers.CHANNEL_DATA = (_engine, recipient, bytes) => data(recipient, bytes)
    handlers.CHANNEL_EXTENDED_DATA = (_engine, recipient, bytes, type) =>
      type === stderrType ? data(recipient, bytes) : transport.cut('extended data of an unknown kind')
    handlers.CHANNEL_WINDOW_ADJUST = (_engine, recipient, amount) => {
      if (!ours(recipient)) return
      if (!this.#outgoing.adjusted(amount)) return transport.cut('a window beyond 2^32-1')
      this.#pump()
    }
    const reply = (recipient: number, isYes: boolean) => {
      if (!ours(recipient)) return
      const waiting = this.#reply
      this.#reply = undefined
      if (!waiting) return transport.cut('an answer to nothing')
      waiting(isYes)
    }
    handlers.CHANNEL_SUCCESS = (_engine, recipient) => reply(recipient, true)
    handlers.CHANNEL_FAILURE = (_engine, recipient) => reply(recipient, false)
    handlers.CHANNEL_REQUEST = (engine, recipient, type, wantsReply, value) => {
      if (!ours(recipient)) return
      if (type === 'exit-status' && typeof value === 'number') this.#exit = { exitStatus: value }
      else if (type === 'exit-signal') this.#exit = { signal: nameSignal((value as ExitSignal | undefined)?.signal) }
      // OpenSSH's keepalive comes here too; any answer will do.
      else if (wantsReply) engine.channelFailure(this.#outgoing.farId)
    }
    handlers.CHANNEL_EOF = (_engine, recipient) => {
      if (ours(recipient)) this.#ended = true
    }
    handlers.CHANNEL_CLOSE = (engine, recipient) => {
      if (!ours(recipient)) return
      engine.channelClose(this.#outgoing.farId)
      this.#reply?.(false)
      this.#leave(this.#exit, undefined)
    }
    transport.onClosed = (cause) =>
      this.#leave(
        this.#exit.exitStatus === undefined && this.#exit.signal === undefined ? undefined : this.#exit,
        cause ?? new Failure('host_protocol_error', 'The connection was closed.'),
      )
  }

  #leave(exit: ShellExit | undefined, cause: Failure | undefined): void {
    if (this.#gone) return
    this.#gone = { exit, cause }
    this.#outgoing.drop()
    this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled || this.#told) return
    this.#scheduled = setImmediate(() => {
      this.#scheduled = undefined
      this.#deliver()
    })
  }

  /** Hands over what one turn may; the window opens again by what was handed over, so `held` and `window` never exceed 512 KiB together. */
  #deliver(): void {
    if (this.#told || !this.#listener) return
    let budget = turnBytes
    while (!this.#paused && this.#heldBytes > 0 && budget > 0) {
      const bytes = this.#next(Math.min(budget, pieceBytes, this.#heldBytes))
      budget -= bytes.length
      this.#taken += bytes.length
      this.#listener.output(bytes)
    }
    if (this.#taken >= windowBytes / 4 && !this.#gone && !this.#ended && !this.#transport.isClosed) {
      this.#transport.engine.channelWindowAdjust(this.#outgoing.farId, this.#taken)
      this.#window += this.#taken
      this.#taken = 0
    }
    if (this.#heldBytes > 0) {
      if (!this.#paused) this.#schedule()
    } else if (this.#gone && !this.#told) {
      this.#told = true
      this.#listener.closed(this.#gone.exit, this.#gone.cause)
    }
  }

  /** The first `length` bytes that are held, as a copy. */
  #next(length: number): Uint8Array {
    const bytes = this.#listener?.makeRoom?.(length) ?? new Uint8Array(length)
    let at = 0
    let whole = 0
    for (const chunk of this.#held) {
      const part = Math.min(chunk.length, length - at)
      bytes.set(part < chunk.length ? chunk.subarray(0, part) : chunk, at)
      at += part
      if (part < chunk.length) this.#held[whole] = chunk.subarray(part)
      else whole += 1
      if (at === length) break
    }
    this.#held.splice(0, whole)
    this.#heldBytes -= length
    return bytes
  }

  /** What was not handed over in the turn in which it came is copied out of the buffer that was lent. */
  #own(): void {
    const from = this.#held.findIndex((chunk) => isLent(chunk))
    if (from !== -1) this.#held.push(Buffer.concat(this.#held.splice(from)))
  }

  #pump(): void {
    const hadWaiting = this.#outgoing.length > 0
    this.#outgoing.send()
    if (hadWaiting && this.#outgoing.length === 0) this.#listener?.room()
  }
}

function nameSignal(signal: string | undefined): string {
  return signal !== undefined && signalName.test(signal) ? signal : 'UNKNOWN'
}
