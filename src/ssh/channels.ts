// All channels of one connection of either role, RFC 4254: who may be addressed, who may open, and that nobody floods us with either.
import { Failure } from '#domain/failure.ts'
import type { Carrier } from './carrier.ts'
import { bulkWindowBytes, Channel, packetBytes } from './channel.ts'
import { openValue, readOpening, type OpenKind, type Opening } from './channel-wire.ts'
import { printable } from './client-transport.ts'
import { Message, readConfirmation, readOpen, readRefusal, readRequest } from './connection-messages.ts'
import { askGlobally } from './global-requests.ts'
import { sendMessage } from './library.ts'
import { ReplyOrder } from './reply-order.ts'
import { WireFault, wireString, wireUint32 } from './wire-reader.ts'

/** RFC 4254 section 5.1: reasons for which a channel is not opened. */
export const OpenRefusal = { prohibited: 1, connectFailed: 2, unknownType: 3, shortage: 4 } as const

// OpenSSH allows ten sessions; one shared by an editor and several terminals carries forwards beside them.
const defaultMaxChannels = 64
const maxUnansweredOpens = 16
const maxUnansweredRequests = 64
const openWithinMs = 15_000
// Resizing a window sends some hundred a second; nothing sends thousands.
const maxRequestsPerSecond = 5000
// A browser behind `-D` opens some hundred a second at most.
const openCost = 5
// What a key exchange makes wait: replies mostly. A peer that never finishes it must not fill our memory.
const maxQueuedMessages = 10_000

/** The far side asks for a channel. Answer once, at once or later; the connection may be over by then, which is told as usual. */
export type OpenRequest = {
  opening: Opening
  /** Begins paused. */
  accept(options?: { windowBytes?: number }): Channel
  refuse(reason: number, text: string): void
}
export type GlobalReply = (isYes: boolean, value?: Uint8Array) => void

export class Channels {
  /** Unset: every channel is refused. */
  onOpen: ((request: OpenRequest) => void) | undefined
  /** `reply` is there when an answer is wanted: call it once, now or later. Unset: refused. `channel-wire.ts` reads values; a `WireFault` cuts the connection. */
  onGlobalRequest: ((name: string, value: Buffer, reply: GlobalReply | undefined) => void) | undefined
  /** The connection is over; every channel is told on its own. */
  onClosed: ((cause: Failure | undefined) => void) | undefined
  /** A channel's number is taken or free again. */
  onSize: ((size: number) => void) | undefined
  readonly #carrier: Carrier
  readonly #maxChannels: number
  readonly #mayBeBulk: boolean
  #bulk = 0
  readonly #slots: (Channel | undefined)[] = []
  #size = 0
  readonly #opening = new Map<number, (outcome: Channel | Failure) => void>()
  readonly #due = new Set<Channel>()
  readonly #replies = new ReplyOrder()
  /** Without an answer yet. */
  readonly #askedGlobally = new Set<(answer: Buffer | undefined) => void>()
  #unanswered = 0
  #pumped = 0
  readonly #rate = { sinceMs: 0, count: 0 }

  /** The carrier has signed in, and carries nothing else from now on. `isBulk` false: its floods are read as a terminal's are, whatever its channels. */
  constructor(carrier: Carrier, options: { maxChannels?: number; isBulk?: boolean } = {}) {
    this.#carrier = carrier
    this.#maxChannels = options.maxChannels ?? defaultMaxChannels
    this.#mayBeBulk = options.isBulk ?? true
    carrier.handlers.CONNECTION = (_engine, payload) => this.#take(payload)
    carrier.onTurn = () => this.#turn()
    carrier.onRoom = () => this.#pump()
    carrier.onClosed = (cause) => this.#broken(cause)
  }

  /** Channels that are open, being opened or being closed. */
  get size(): number {
    return this.#size
  }

  /**
   * Opens a channel; it begins paused. Throws `Failure`: `channel_refused` (`detail.reason` of RFC 4254 section 5.1 and `detail.said`), `rate_limited` at the bound, `host_timeout` after 15 s
   * or `withinMs`, what ended the connection, or the signal's reason.
   */
  open(kind: OpenKind, signal: AbortSignal, options: { windowBytes?: number; withinMs?: number } = {}): Promise<Channel> {
    if (this.#carrier.isClosed) return Promise.reject(over(undefined))
    if (signal.aborted) return Promise.reject(reasonOf(signal))
    if (this.#size >= this.#maxChannels) return Promise.reject(new Failure('rate_limited', 'Too many channels over one connection at once.'))
    const windowBytes = options.windowBytes ?? bulkWindowBytes
    const channel = this.#channel(windowBytes, kind.type === 'session')
    return new Promise((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
      }
      // The channel may still be confirmed: its number stays taken, and it is closed then.
      const giveUp = (cause: Error) => {
        leave()
        channel.destroy()
        reject(cause)
      }
      const onAbort = () => giveUp(reasonOf(signal))
      const timer = setTimeout(() => giveUp(new Failure('host_timeout', 'The channel was not opened in time.')), options.withinMs ?? openWithinMs)
      signal.addEventListener('abort', onAbort, { once: true })
      this.#opening.set(channel.id, (outcome) => {
        leave()
        if (outcome instanceof Channel) resolve(outcome)
        else reject(outcome)
      })
      const head = [wireString(kind.type), wireUint32(channel.id), wireUint32(windowBytes), wireUint32(packetBytes)]
      sendMessage(this.#carrier.engine, Buffer.concat([Buffer.of(Message.channelOpen), ...head, openValue(kind)]))
    })
  }

  /** Asks for something that concerns the whole connection; undefined: refused, or the connection ended first. */
  globalRequest(name: string, value: Uint8Array = Buffer.alloc(0)): Promise<Buffer | undefined> {
    return new Promise((resolve) => {
      const answered = (answer: Buffer | undefined) => {
        this.#askedGlobally.delete(answered)
        resolve(answer)
      }
      this.#askedGlobally.add(answered)
      if (!askGlobally(this.#carrier, name, Buffer.from(value), answered)) answered(undefined)
    })
  }

  #channel(windowBytes: number, mayHaveStderr: boolean): Channel {
    const free = this.#slots.indexOf(undefined)
    const id = free === -1 ? this.#slots.length : free
    const channel: Channel = new Channel({
      id,
      carrier: this.#carrier,
      windowBytes,
      mayHaveStderr,
      free: () => {
        this.#release(id, windowBytes)
      },
      due: () => void this.#due.add(channel),
    })
    this.#slots[id] = channel
    this.#count(1, windowBytes)
    return channel
  }

  #release(id: number, windowBytes: number): void {
    this.#slots[id] = undefined
    this.#count(-1, windowBytes)
  }

  #count(change: 1 | -1, windowBytes: number): void {
    if (this.#mayBeBulk && windowBytes >= bulkWindowBytes) this.#countBulk(change)
    this.#size += change
    this.onSize?.(this.#size)
  }

  /** A channel that is small for a terminal's sake carries files for a while: all the speed there is, until what is returned is called. */
  claimBulk(): () => void {
    let isClaimed = true
    this.#countBulk(1)
    return () => {
      if (isClaimed) this.#countBulk(-1)
      isClaimed = false
    }
  }

  #countBulk(change: 1 | -1): void {
    this.#bulk += change
    if (this.#bulk <= 1) this.#carrier.carriesBulk?.(this.#bulk > 0)
  }

  #take(payload: Buffer): void {
    try {
      const fault = this.#fault(payload)
      if (fault !== undefined) this.#carrier.cut(fault)
    } catch (cause) {
      if (!(cause instanceof WireFault)) throw cause
      this.#carrier.cut(`a malformed message: ${cause.message}`)
    }
  }

  /** Why the message breaks the protocol, or undefined. */
  #fault(payload: Buffer): string | undefined {
    const type = payload[0]
    if (type === Message.globalRequest) return this.#globallyAsked(payload)
    if (type === Message.channelOpen) return this.#askedToOpen(payload)
    if (payload.length < 5) return 'a message that is cut short'
    const recipient = payload.readUInt32BE(1)
    if (type === Message.channelOpenConfirmation || type === Message.channelOpenFailure) return this.#answeredOpen(recipient, type, payload)
    const channel = this.#opening.has(recipient) ? undefined : this.#slots[recipient]
    if (!channel) return 'a message for a channel that is not open'
    // Answers and windows may have been on their way; nothing else.
    if (channel.isClosedThere && type !== Message.windowAdjust && type !== Message.success && type !== Message.failure)
      return 'a message after the channel was closed'
    switch (type) {
      case Message.data:
        return dataAt(payload, 5, (bytes) => channel.take(bytes, 0))
      case Message.extendedData:
        return payload.length < 9 ? 'a message that is cut short' : dataAt(payload, 9, (bytes) => channel.take(bytes, payload.readUInt32BE(5)))
      case Message.windowAdjust:
        return payload.length === 9 ? channel.adjusted(payload.readUInt32BE(5)) : 'a message of the wrong length'
      case Message.eof:
        return channel.ended()
      case Message.close:
        return void channel.closed()
      case Message.success:
      case Message.failure:
        return channel.answered(type === Message.success)
      default: {
        const request = readRequest(payload, 5)
        return this.#isFlood() ? 'requests without end' : channel.asked(request.type, request.value, request.wantsReply)
      }
    }
  }

  #answeredOpen(recipient: number, type: number, payload: Buffer): string | undefined {
    const settle = this.#opening.get(recipient)
    const channel = this.#slots[recipient]
    if (!settle || !channel) return 'an answer for a channel that was not asked for'
    if (type === Message.channelOpenConfirmation) {
      if (!channel.confirmed(readConfirmation(payload))) return 'packets that small carry nothing'
      this.#opening.delete(recipient)
      settle(channel)
      return undefined
    }
    const { reason, text } = readRefusal(payload)
    this.#opening.delete(recipient)
    channel.destroy()
    channel.free()
    const said = printable(text, 200)
    settle(new Failure('channel_refused', `The channel is refused${said ? `: ${said}` : ''}.`, { detail: { reason, said } }))
    return undefined
  }

  #askedToOpen(payload: Buffer): string | undefined {
    const message = readOpen(payload)
    if (this.#isFlood(openCost)) return 'requests without end'
    const { engine } = this.#carrier
    const refuse = (reason: number, text: string) => {
      if (!this.#carrier.isClosed) engine.channelOpenFail(message.sender, reason, text)
    }
    if (!this.onOpen) return void refuse(OpenRefusal.prohibited, 'not offered')
    if (this.#unanswered >= maxUnansweredOpens || this.#size + this.#unanswered >= this.#maxChannels)
      return void refuse(OpenRefusal.shortage, 'too many channels')
    const opening = readOpening(message.type, message.value)
    this.#unanswered += 1
    let isAnswered = false
    const answer = () => {
      if (isAnswered) throw new Error('a channel was answered twice')
      isAnswered = true
      this.#unanswered -= 1
    }
    const fits = message.packet
    this.onOpen({
      opening,
      accept: (options = {}) => {
        answer()
        const windowBytes = options.windowBytes ?? bulkWindowBytes
        const channel = this.#channel(windowBytes, false)
        const isSane = channel.confirmed({ sender: message.sender, window: message.window, packetSize: fits })
        if (this.#carrier.isClosed) channel.broken(undefined)
        else if (isSane) engine.channelOpenConfirm(message.sender, channel.id, windowBytes, packetBytes)
        else this.#carrier.cut('packets that small carry nothing')
        return channel
      },
      refuse: (reason, text) => {
        answer()
        refuse(reason, text)
      },
    })
    return undefined
  }

  #globallyAsked(payload: Buffer): string | undefined {
    const { type, value, wantsReply } = readRequest(payload, 1)
    if (this.#isFlood() || this.#replies.length >= maxUnansweredRequests) return 'requests without end'
    const answer = wantsReply ? this.#replies.place() : undefined
    const reply: GlobalReply | undefined =
      answer &&
      ((isYes, data) =>
        answer(() => {
          if (this.#carrier.isClosed) return
          if (isYes) this.#carrier.engine.requestSuccess(data && Buffer.from(data))
          else this.#carrier.engine.requestFailure()
        }))
    if (this.onGlobalRequest) this.onGlobalRequest(type, value, reply)
    else reply?.(false)
    return undefined
  }

  #isFlood(cost = 1): boolean {
    const now = performance.now()
    if (now - this.#rate.sinceMs > 1000) Object.assign(this.#rate, { sinceMs: now, count: 0 })
    this.#rate.count += cost
    return this.#rate.count > maxRequestsPerSecond || (this.#carrier.engine._queue?.length ?? 0) > maxQueuedMessages
  }

  #turn(): void {
    if (this.#due.size === 0) return
    const due = [...this.#due]
    this.#due.clear()
    for (const channel of due) channel.turn()
  }

  /** Each time another channel is first to fill the room. */
  #pump(): void {
    const all = [...this.#slots]
    this.#pumped = all.length === 0 ? 0 : (this.#pumped + 1) % all.length
    for (const [at] of all.entries()) all[(this.#pumped + at) % all.length]?.pump()
  }

  #broken(cause: Failure | undefined): void {
    const failure = over(cause)
    for (const settle of this.#opening.values()) settle(failure)
    this.#opening.clear()
    for (const channel of this.#slots.splice(0)) channel?.broken(cause)
    this.#size = 0
    this.#due.clear()
    for (const answered of [...this.#askedGlobally]) answered(undefined)
    this.onClosed?.(cause)
  }
}

function dataAt(payload: Buffer, at: number, take: (bytes: Buffer) => string | undefined): string | undefined {
  if (payload.length < at + 4 || payload.readUInt32BE(at) !== payload.length - at - 4) return 'data of another length than announced'
  return take(payload.subarray(at + 4))
}

const over = (cause: Failure | undefined): Failure => cause ?? new Failure('host_protocol_error', 'The connection is closed.')
const reasonOf = (signal: AbortSignal): Error => (signal.reason instanceof Error ? signal.reason : new Error('it was given up'))
