// One channel of a connection of either role, RFC 4254 section 5: windows are enforced, nothing is read ahead of the reader, nothing is written ahead of the far side.
import { Failure } from '#domain/failure.ts'
import type { Carrier } from './carrier.ts'
import { Message } from './connection-messages.ts'
import { Incoming, type Receiver } from './incoming.ts'
import { sendMessage } from './library.ts'
import { Outgoing } from './outgoing.ts'
import { ReplyOrder } from './reply-order.ts'
import { wireString, wireUint32, WireFault } from './wire-reader.ts'

/** What OpenSSH offers for sessions without a terminal: some 40 MB/s over 50 ms. */
export const bulkWindowBytes = 2 * 1024 * 1024
export const packetBytes = 32 * 1024
const replyWithinMs = 15_000
// Clients send some ten requests before they wait for an answer.
const maxUnanswered = 64
const stderrType = 1

export type ChannelListener = Receiver & {
  /** The far side sends no more data; everything before was handed over. */
  eof?: () => void
  /** Nothing waits to be sent any more, after a `write` that said false. */
  room?: () => void
  /**
   * A request of the far side, at once; `exit-status` and `exit-signal` after the data before them. `reply` is there when an answer is wanted: call it once, now or later. The value is
   * what follows the three fields of every request: `channel-wire.ts` reads it; a `WireFault` cuts the connection. Without this every request is refused.
   */
  request?: (type: string, value: Buffer, reply: ((isYes: boolean) => void) | undefined) => void
  /** The far side closed the channel, or the connection is over: told at once, whatever is still held. */
  hungUp?: () => void
  /** The last call: both sides have closed it (`cause` undefined), or the connection is over (`cause` undefined when its end was ours). All data was handed over before. */
  closed: (cause: Failure | undefined, isBroken: boolean) => void
}

/** What `Channels` tells it to do and is told by it. */
export type ChannelPlace = {
  id: number
  carrier: Carrier
  windowBytes: number
  /** stderr may come: it is a session that we opened. */
  mayHaveStderr: boolean
  /** Both sides have closed it: the number is free. */
  free: () => void
  /** Something is held: `turn` is wanted when the turn's input is parsed. */
  due: () => void
}

type Waiting = { settle: (isYes: boolean) => void }

export class Channel {
  readonly id: number
  /**
   * A far side that closes is answered only by `close` or `destroy`: a client that has all the output closes before it has heard how what ran ended, and still takes that (OpenSSH's with
   * `ControlMaster`).
   */
  hasLastWords = false
  readonly #place: ChannelPlace
  readonly #carrier: Carrier
  readonly #outgoing: Outgoing
  readonly #incoming: Incoming
  readonly #replies = new ReplyOrder()
  #listener: ChannelListener | undefined
  #isPaused = true
  #isDelivering = false
  #scheduled: NodeJS.Immediate | undefined
  #isOpen = false
  #isDestroyed = false
  #hasSentEof = false
  #hasSentClose = false
  #wantsRoom = false
  /** Requests that came before anybody listened; those after them wait in the same line. */
  #unheard = 0
  /** The far side has closed it or the connection is over. */
  #isGone = false
  /** Sent when nothing waits any more, in this order. */
  #afterData: (() => void)[] = []
  #isClosing = false
  /** The far side has closed it, and our last words are still to come. */
  #isAwaitingLastWords = false
  #isHungUp = false
  readonly #asked: Waiting[] = []

  /** Made by `Channels`. */
  constructor(place: ChannelPlace) {
    this.id = place.id
    this.#place = place
    this.#carrier = place.carrier
    this.#outgoing = new Outgoing(place.carrier, packetBytes)
    this.#incoming = new Incoming(place.windowBytes, packetBytes)
  }

  /** Nothing can be sent any more: one side has closed it, or will when what waits is sent. */
  get isOver(): boolean {
    return this.#isClosing || this.#hasSentClose || this.#isGone || this.#isDestroyed
  }
  /** Bytes that wait to be sent. */
  get waitingBytes(): number {
    return this.#outgoing.length
  }
  /** Bytes that came and were not handed over. */
  get heldBytes(): number {
    return this.#incoming.heldBytes
  }

  /** Who receives. What came before is kept; the channel is paused until `resume`. */
  listen(listener: ChannelListener): void {
    this.#listener = listener
    if (!this.#incoming.isEmpty) this.#schedule()
  }

  pause(): void {
    this.#isPaused = true
  }

  /** What is held is handed over in turns of the event loop that follow, at most 128 KiB in each. */
  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    if (!this.#incoming.isEmpty) this.#schedule()
  }

  /** Bytes that were handed over come back (not lent), and are the next to be handed over. */
  putBack(bytes: Buffer): void {
    this.#incoming.putBack(bytes)
  }

  /**
   * Sends at once what the far side has room for and keeps a copy of the rest. False when something waits: `room` follows. `isLasting`: nobody changes the bytes before the far side has
   * answered to them, so that no copy is needed.
   */
  write(bytes: Uint8Array, isStderr = false, isLasting = false): boolean {
    if (this.#hasSentEof || this.isOver || !this.#isOpen || this.#isAwaitingLastWords) return true
    this.#outgoing.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), isStderr, isLasting)
    if (this.#outgoing.length > 0) this.#wantsRoom = true
    return this.#outgoing.length === 0
  }

  /**
   * Asks the far side; true when it agrees, or when no answer is wanted. False also when the channel ends first. Throws `Failure('host_timeout')` after 15 s. `exit-status` and
   * `exit-signal` go when what waits is sent, everything else at once.
   */
  request(type: string, value: Uint8Array = Buffer.alloc(0), wantsReply = true): Promise<boolean> {
    if (this.isOver || !this.#isOpen) return Promise.resolve(false)
    const message = Buffer.concat([Buffer.of(Message.request), wireUint32(this.#outgoing.farId), wireString(type), Buffer.of(wantsReply ? 1 : 0), value])
    const send = () => {
      if (!this.#hasSentClose && !this.#carrier.isClosed) sendMessage(this.#carrier.engine, message)
    }
    if (isLastWord(type)) this.#after(send)
    else send()
    return wantsReply ? this.#answer() : Promise.resolve(true)
  }

  /** No more data: EOF goes when what waits is sent. The other direction stays. */
  end(): void {
    if (this.isOver) return
    this.#after(() => this.#sendEof())
  }

  /** Closes when what waits is sent. `closed` follows. */
  close(): void {
    if (this.isOver) return
    this.#after(() => {
      this.#sendEof()
      this.#sendClose()
    })
    this.#isClosing = true
    if (this.#isAwaitingLastWords) this.#freed()
  }

  /** Closes at once: what waits is dropped, and nobody is told anything more. Idempotent. */
  destroy(): void {
    if (this.#isDestroyed) return
    this.#isDestroyed = true
    this.#listener = undefined
    clearImmediate(this.#scheduled)
    this.#incoming.drop()
    this.#quit()
    this.#sendClose()
    if (this.#isAwaitingLastWords) this.#freed()
  }

  // From here on: what `Channels` calls.

  /** False: what the far side says of itself does not fit. */
  confirmed(info: { sender: number; window: number; packetSize: number }): boolean {
    if (!this.#outgoing.confirmed(info)) return false
    this.#isOpen = true
    if (this.#isDestroyed) this.#sendClose()
    return true
  }

  /** A reason why the message breaks the protocol, or undefined. */
  take(bytes: Buffer, extendedType: number): string | undefined {
    if (extendedType !== 0 && (extendedType !== stderrType || !this.#place.mayHaveStderr)) return 'extended data where none belongs'
    const fault = this.#incoming.take(bytes, extendedType !== 0, !this.#isDestroyed && !this.#hasSentClose)
    if (fault === undefined) this.#place.due()
    return fault
  }

  adjusted(amount: number): string | undefined {
    if (!this.#outgoing.adjusted(amount)) return 'a window beyond 2^32-1'
    this.pump()
    return undefined
  }

  ended(): string | undefined {
    // Said again it means nothing, and nobody is told again.
    if (!this.#incoming.ended()) return undefined
    return this.#inTurn(() => this.#listener?.eof?.())
  }

  asked(type: string, value: Buffer, wantsReply: boolean): string | undefined {
    if (this.#replies.length >= maxUnanswered) return 'too many requests without waiting for an answer'
    const answer = wantsReply && !this.#hasSentClose ? this.#replies.place() : undefined
    const reply =
      answer &&
      ((isYes: boolean) =>
        answer(() => {
          if (this.#hasSentClose || this.#isGone || this.#carrier.isClosed) return
          if (isYes) this.#carrier.engine.channelSuccess(this.#outgoing.farId)
          else this.#carrier.engine.channelFailure(this.#outgoing.farId)
        }))
    const tell = () => {
      if (this.#listener?.request) this.#carefully(() => this.#listener?.request?.(type, value, reply))
      else reply?.(false)
    }
    if (this.#isDestroyed) return void tell()
    if (isLastWord(type)) return this.#inTurn(tell)
    if (this.#listener && this.#unheard === 0) return void tell()
    this.#unheard += 1
    return this.#inTurn(() => {
      this.#unheard -= 1
      tell()
    })
  }

  answered(isYes: boolean): string | undefined {
    const waiting = this.#asked.shift()
    if (!waiting) return 'an answer to nothing'
    waiting.settle(isYes)
    return undefined
  }

  /** It was never opened: the number is free. */
  free(): void {
    this.#place.free()
  }

  /** The far side closed it: so do we, at once unless there are last words (RFC 4254 section 5.3). */
  closed(): void {
    if (this.hasLastWords && !this.#hasSentClose && !this.#isDestroyed) {
      this.#isAwaitingLastWords = true
      // It takes no more data.
      this.#outgoing.drop()
      this.pump()
      this.#tellHungUp()
      return
    }
    this.#sendClose()
    this.#freed()
  }

  /** The connection is over. No turn follows it. */
  broken(cause: Failure | undefined): void {
    this.#hasSentClose = true
    this.#isAwaitingLastWords = false
    this.#leave(cause, true)
    this.turn()
  }

  /** The connection's turn is over: hands on what came, and keeps nothing that was lent. */
  turn(): void {
    this.#deliver()
    this.#incoming.own()
  }

  /** Sends what the far side has room for. */
  pump(): void {
    if (this.#outgoing.length > 0) this.#outgoing.send()
    if (this.#outgoing.length > 0) return
    for (const act of this.#afterData.splice(0)) act()
    if (!this.#wantsRoom) return
    this.#wantsRoom = false
    this.#listener?.room?.()
  }

  /** The far side has closed it, and says nothing more on it. */
  get isClosedThere(): boolean {
    return this.#isAwaitingLastWords
  }

  /** Both sides have closed it. */
  #freed(): void {
    this.#isAwaitingLastWords = false
    this.#place.free()
    this.#leave(undefined, false)
  }

  #answer(): Promise<boolean> {
    return new Promise((resolve, reject) => {
      // Its place in the line of answers stays.
      const timer = setTimeout(() => reject(new Failure('host_timeout', 'The host does not answer a request.')), replyWithinMs)
      this.#asked.push({
        settle: (isYes) => {
          clearTimeout(timer)
          resolve(isYes)
        },
      })
    })
  }

  #after(act: () => void): void {
    if (this.#outgoing.length === 0 && this.#afterData.length === 0) act()
    else this.#afterData.push(act)
  }

  #sendEof(): void {
    if (this.#hasSentEof || this.#hasSentClose || !this.#isOpen || this.#carrier.isClosed) return
    this.#hasSentEof = true
    this.#carrier.engine.channelEOF(this.#outgoing.farId)
  }

  #sendClose(): void {
    if (!this.#isOpen || this.#hasSentClose || this.#carrier.isClosed) return
    this.#hasSentClose = true
    this.#carrier.engine.channelClose(this.#outgoing.farId)
  }

  /** Nothing goes out any more. */
  #quit(): void {
    this.#outgoing.drop()
    this.#afterData = []
    for (const waiting of this.#asked) waiting.settle(false)
    // After our CLOSE answers may still come, to be matched with what asked for them.
    if (this.#isGone) this.#asked.length = 0
  }

  #leave(cause: Failure | undefined, isBroken: boolean): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#quit()
    if (this.#isDestroyed) return
    this.#tellHungUp()
    this.#inTurn(() => {
      const listener = this.#listener
      this.#listener = undefined
      listener?.closed(cause, isBroken)
    })
    this.#schedule()
  }

  #tellHungUp(): void {
    if (this.#isHungUp) return
    this.#isHungUp = true
    this.#listener?.hungUp?.()
  }

  /** In its place among the data. */
  #inTurn(event: () => void): string | undefined {
    if (this.#isDestroyed) return undefined
    if (!this.#incoming.after(event)) return 'requests without end'
    this.#place.due()
    return undefined
  }

  #schedule(): void {
    if (this.#scheduled || this.#isDestroyed) return
    this.#scheduled = setImmediate(() => {
      this.#scheduled = undefined
      this.#deliver()
    })
  }

  #deliver(): void {
    // What is called here may write, resume, or end things, and come back.
    if (this.#isDelivering || !this.#listener) return
    this.#isDelivering = true
    try {
      this.#incoming.deliver(this.#listener, () => this.#isPaused || this.#isDestroyed)
    } finally {
      this.#isDelivering = false
    }
    const grant = this.#isGone || this.#isAwaitingLastWords || this.#hasSentClose || this.#carrier.isClosed ? 0 : this.#incoming.grant()
    if (grant > 0) this.#carrier.engine.channelWindowAdjust(this.#outgoing.farId, grant)
    if (!this.#isPaused && !this.#incoming.isEmpty) this.#schedule()
  }

  #carefully(act: () => void): void {
    try {
      act()
    } catch (cause) {
      if (!(cause instanceof WireFault)) throw cause
      this.#carrier.cut(`a malformed request: ${cause.message}`)
    }
  }
}

const isLastWord = (type: string) => type === 'exit-status' || type === 'exit-signal'
