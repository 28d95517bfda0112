// One `direct-tcpip` channel, RFC 4254 section 7.2, as a line to the host behind: what comes is handed on as it comes, what is written waits for the window of the host between.
import { EventEmitter } from 'node:events'
import type { ClientTransport } from './client-transport.ts'
import type { HostLine, LineSocket } from './host-line.ts'
import { readBytes } from './host-socket.ts'
import { Outgoing } from './outgoing.ts'

/** Large, since the connection inside has a window of its own: this one only carries the round trip, some 40 MB/s over 50 ms. */
export const tunnelWindowBytes = 2 * 1024 * 1024
export const tunnelPacketBytes = 32 * 1024

/** Made by `Tunnels`, which hands it the messages of its channel. Its reading half begins held. Closing it closes the channel, not the connection that carries it. */
export class Tunnel extends EventEmitter implements HostLine, LineSocket {
  readonly id: number
  readonly #transport: ClientTransport
  readonly #forgotten: () => void
  readonly #outgoing: Outgoing
  #window = tunnelWindowBytes
  #taken = 0
  #reader: (bytes: Buffer) => void = () => undefined
  #isHeld = true
  #held: Buffer[] = []
  #heldBytes = 0
  /** How many of `#held` were in place before this turn of the connection: the others may be lent. */
  #owned = 0
  #isOpen = false
  #isEnding = false
  #hasSentClose = false
  #isDestroyed = false
  #hasEnded = false
  #hasToldEnd = false
  /** The channel is closed from afar, or the connection broke; told when what came before has been handed on. */
  #over: { cause: Error | undefined } | undefined

  /** `forgotten`: the channel's number is free again. */
  constructor(id: number, transport: ClientTransport, forgotten: () => void) {
    super()
    this.id = id
    this.#transport = transport
    this.#outgoing = new Outgoing(transport, tunnelPacketBytes)
    this.#forgotten = forgotten
  }

  /** Its number over there. */
  get farId(): number {
    return this.#outgoing.farId
  }
  get socket(): LineSocket {
    return this
  }
  get writable(): boolean {
    return this.#isOpen && !this.#isEnding && !this.#isDestroyed && !this.#over
  }
  get writableLength(): number {
    return this.#outgoing.length
  }
  get destroyed(): boolean {
    return this.#isDestroyed
  }
  setNoDelay(): void {
    // The connection that carries it has set it.
  }

  /** The host between has connected. False: what it says does not fit. */
  confirmed(info: { sender: number; window: number; packetSize: number }): boolean {
    if (!this.#outgoing.confirmed(info)) return false
    this.#isOpen = true
    if (this.#isDestroyed) this.#sendClose()
    return true
  }

  /** A reason why the message breaks the protocol, or undefined. The bytes may be lent for this turn. */
  data(bytes: Buffer): string | undefined {
    if (this.#hasEnded) return 'data after the end of data'
    if (bytes.length > tunnelPacketBytes) return 'a packet larger than agreed'
    if (bytes.length > this.#window) return 'data beyond the window'
    this.#window -= bytes.length
    // It may have been on its way when we closed.
    if (this.#isDestroyed) return undefined
    this.#held.push(bytes)
    this.#heldBytes += bytes.length
    return undefined
  }

  windowAdjusted(amount: number): string | undefined {
    if (!this.#outgoing.adjusted(amount)) return 'a window beyond 2^32-1'
    this.pump()
    return undefined
  }

  ended(): void {
    this.#hasEnded = true
  }

  /** The host between closed the channel, or (with a cause) its connection broke. Told after what came before. */
  over(cause?: Error): void {
    if (this.#over) return
    this.#over = { cause }
    if (cause === undefined) this.#sendClose()
    this.#outgoing.drop()
    this.#forgotten()
    this.turn()
  }

  /** The connection's turn is over: hands on what came, and keeps nothing that was lent. */
  turn(): void {
    this.#deliver()
    if (this.#held.length > this.#owned) this.#held.push(Buffer.concat(this.#held.splice(this.#owned)))
    this.#owned = this.#held.length
  }

  /** Sends what the host between has room for. */
  pump(): void {
    if (this.#outgoing.length === 0) return
    this.#outgoing.send()
    if (this.#outgoing.length > 0) return
    this.emit('drain')
    if (this.#isEnding) this.destroy()
  }

  write(bytes: Buffer): void {
    if (!this.writable) return
    this.#outgoing.write(bytes)
    this.#outgoing.send()
  }

  start(reader: (bytes: Buffer) => void): void {
    this.#reader = reader
    this.#isHeld = false
    this.#deliver()
  }

  hold(): void {
    this.#isHeld = true
  }

  goOn(): void {
    this.#isHeld = false
    this.#deliver()
  }

  stop(putBack: Buffer): void {
    this.#isHeld = true
    if (putBack.length === 0) return
    this.#held.unshift(putBack)
    this.#owned += 1
    this.#heldBytes += putBack.length
    // It is counted again when it is handed on again.
    this.#taken -= putBack.length
  }

  destroySoon(): void {
    this.#isEnding = true
    if (this.#outgoing.length === 0) this.destroy()
  }

  destroy(): void {
    if (this.#isDestroyed) return
    this.#isDestroyed = true
    this.#held = []
    this.#outgoing.drop()
    this.#owned = this.#heldBytes = 0
    this.#sendClose()
    this.emit('close')
  }

  #sendClose(): void {
    if (!this.#isOpen || this.#hasSentClose || this.#transport.isClosed) return
    this.#hasSentClose = true
    this.#transport.engine.channelClose(this.#outgoing.farId)
  }

  #deliver(): void {
    while (!this.#isHeld && this.#heldBytes > 0) {
      const bytes = this.#next()
      this.#taken += bytes.length
      this.#openWindow()
      this.#reader(bytes)
    }
    if (this.#isHeld || this.#isDestroyed || this.#heldBytes > 0) return
    const over = this.#over
    if (over?.cause && this.listenerCount('error') > 0) this.emit('error', over.cause)
    else if ((over || this.#hasEnded) && !this.#hasToldEnd) {
      this.#hasToldEnd = true
      this.emit('end')
    }
    if (over) this.destroy()
  }

  /** One piece of at most a read, and no view of what was lent: the reader's connection decrypts in place. */
  #next(): Buffer {
    let whole = 0
    let length = 0
    for (const piece of this.#held) {
      if (whole > 0 && length + piece.length > readBytes) break
      whole += 1
      length += piece.length
    }
    this.#owned = Math.max(0, this.#owned - whole)
    this.#heldBytes -= length
    return Buffer.concat(this.#held.splice(0, whole), length)
  }

  #openWindow(): void {
    if (this.#taken < tunnelWindowBytes / 4 || this.#over || this.#hasEnded || this.#isDestroyed || this.#transport.isClosed) return
    this.#transport.engine.channelWindowAdjust(this.#outgoing.farId, this.#taken)
    this.#window += this.#taken
    this.#taken = 0
  }
}
