// What waits to be sent on one channel: no more goes than the far side's window allows (RFC 4254 section 5.2) and its connection has room for.
import type { ClientTransport } from './client-transport.ts'

const maxWindow = 0xffff_ffff
// Smaller packets than any real host offers; zero would make the sender spin.
const minPacketBytes = 256

export class Outgoing {
  readonly #transport: ClientTransport
  readonly #maxPacketBytes: number
  #waiting: Buffer[] = []
  #bytes = 0
  #hostId = 0
  #window = 0
  #packet = 0

  /** Packets are never larger than `maxPacketBytes`, whatever the far side offers. */
  constructor(transport: ClientTransport, maxPacketBytes: number) {
    this.#transport = transport
    this.#maxPacketBytes = maxPacketBytes
  }

  /** The channel's number over there. */
  get hostId(): number {
    return this.#hostId
  }
  /** Bytes that wait. */
  get length(): number {
    return this.#bytes
  }

  /** What CHANNEL_OPEN_CONFIRMATION says. False when packets that small carry nothing. */
  confirmed(info: { sender: number; window: number; packetSize: number }): boolean {
    if (info.packetSize < minPacketBytes) return false
    this.#hostId = info.sender
    this.#window = info.window
    this.#packet = Math.min(info.packetSize, this.#maxPacketBytes)
    return true
  }

  /** False when the window is larger than it can be. The caller sends then. */
  adjusted(amount: number): boolean {
    this.#window += amount
    return this.#window <= maxWindow
  }

  add(bytes: Buffer): void {
    this.#waiting.push(bytes)
    this.#bytes += bytes.length
  }

  /** Sends what there is room for. */
  send(): void {
    while (this.#bytes > 0 && this.#window > 0 && this.#transport.hasRoom) {
      const first = this.#waiting[0]
      if (!first) break
      const length = Math.min(first.length, this.#window, this.#packet)
      if (length === first.length) this.#waiting.shift()
      else this.#waiting[0] = first.subarray(length)
      this.#bytes -= length
      this.#window -= length
      this.#transport.engine.channelData(this.#hostId, length === first.length ? first : first.subarray(0, length))
    }
  }

  drop(): void {
    this.#waiting = []
    this.#bytes = 0
  }
}
