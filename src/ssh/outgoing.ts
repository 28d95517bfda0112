// What waits to be sent on one channel: no more goes than the far side's window allows (RFC 4254 section 5.2) and its connection has room for.
import type { Carrier } from './carrier.ts'
import { sendData } from './data-packet.ts'

const maxWindow = 0xffff_ffff
// Smaller packets than any real peer offers; zero would make the sender spin.
const minPacketBytes = 256

/** Ordinary data and stderr wait in lines of their own and take turns: they share one window, and neither may starve the other. */
export class Outgoing {
  readonly #carrier: Carrier
  readonly #maxPacketBytes: number
  readonly #lines: [Buffer[], Buffer[]] = [[], []]
  /** The line whose turn it is. */
  #turn: 0 | 1 = 0
  #bytes = 0
  #farId = 0
  #window = 0
  #packet = 0

  /** Packets are never larger than `maxPacketBytes`, whatever the far side offers. */
  constructor(carrier: Carrier, maxPacketBytes: number) {
    this.#carrier = carrier
    this.#maxPacketBytes = maxPacketBytes
  }

  /** The channel's number over there. */
  get farId(): number {
    return this.#farId
  }
  /** Bytes that wait. */
  get length(): number {
    return this.#bytes
  }

  /** What opening the channel says of the far side. False when packets that small carry nothing. */
  confirmed(info: { sender: number; window: number; packetSize: number }): boolean {
    if (info.packetSize < minPacketBytes) return false
    this.#farId = info.sender
    this.#window = info.window
    this.#packet = Math.min(info.packetSize, this.#maxPacketBytes)
    return true
  }

  /** False when the window is larger than it can be. The caller sends then. */
  adjusted(amount: number): boolean {
    this.#window += amount
    return this.#window <= maxWindow
  }

  /** Sends what there is room for and keeps a copy of the rest; the rest itself when it stays as it is (`isLasting`). */
  write(bytes: Buffer, isStderr = false, isLasting = false): void {
    let at = 0
    // What came before goes first.
    if (this.#bytes > 0) this.send()
    while (this.#bytes === 0 && at < bytes.length && this.#window > 0 && this.#carrier.hasRoom) {
      const length = Math.min(bytes.length - at, this.#window, this.#packet)
      this.#packetOf(at === 0 && length === bytes.length ? bytes : bytes.subarray(at, at + length), isStderr)
      at += length
    }
    if (at === bytes.length) return
    this.#lines[isStderr ? 1 : 0].push(isLasting ? bytes.subarray(at) : Buffer.from(bytes.subarray(at)))
    this.#bytes += bytes.length - at
  }

  /** Sends what there is room for. */
  send(): void {
    while (this.#bytes > 0 && this.#window > 0 && this.#carrier.hasRoom) {
      if (this.#lines[this.#turn].length === 0) this.#turn = this.#turn === 0 ? 1 : 0
      const line = this.#lines[this.#turn]
      const first = line[0]
      if (!first) break
      const length = Math.min(first.length, this.#window, this.#packet)
      if (length === first.length) line.shift()
      else line[0] = first.subarray(length)
      this.#bytes -= length
      this.#packetOf(length === first.length ? first : first.subarray(0, length), this.#turn === 1)
      this.#turn = this.#turn === 0 ? 1 : 0
    }
  }

  drop(): void {
    this.#lines[0] = []
    this.#lines[1] = []
    this.#bytes = 0
  }

  #packetOf(bytes: Buffer, isStderr: boolean): void {
    this.#window -= bytes.length
    sendData(this.#carrier, this.#farId, bytes, isStderr)
  }
}
