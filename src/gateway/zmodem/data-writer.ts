// The data of one file as ZDATA frames: subpackets from what is kept, with the ends that the receiver's buffer allows, and back to where it asks.
import type { EscapeTable } from './escaping.ts'
import { Frame, SubpacketEnd } from './frame.ts'
import { maxSubpacketBytes, writeBinaryHeader, writeSubpacket } from './header-writer.ts'
import { KeptWindow } from './kept-window.ts'

/** What every receiver takes. */
const usualBytes = 1024
/** On a line that loses much, less is lost with one. */
const fewestBytes = 128
/** So many good ones in a row until they are longer again. */
const goodToGrow = 256
/** How often the receiver is asked how far it is, so that what it has need not be kept. */
const askEveryBytes = 64 * 1024
/** For one that cannot read while it writes to disk, and does not say how much it can hold. */
const cautiousBytes = 8 * 1024
const outBytes = 64 * 1024

export type DataLine = {
  hasCrc32: boolean
  escapes: EscapeTable
  /** The receiver can take data while it writes, and say something while it reads. */
  mayStream: boolean
  /** How much it holds before it must be waited for; 0: any amount. */
  bufferBytes: number
}

export class DataWriter {
  readonly #line: DataLine
  readonly #fileBytes: number
  readonly #kept = new KeptWindow()
  /** Offset of the next byte to send. */
  #at: number
  /** Highest offset that was sent. */
  #sent: number
  #needsHeader = true
  /** The last subpacket did not end its frame. */
  #isOpen = false
  /** A ZCRCW was sent: nothing more before its ZACK. */
  #isWaiting = false
  #sinceAsked = 0
  #subpacketBytes = usualBytes
  #good = 0
  readonly #segmentBytes: number

  constructor(line: DataLine, fileBytes: number, offset: number) {
    this.#line = line
    this.#fileBytes = fileBytes
    this.#kept.restart(offset)
    this.#at = offset
    this.#sent = offset
    this.#segmentBytes = line.bufferBytes > 0 ? line.bufferBytes : line.mayStream ? 0 : cautiousBytes
  }

  /** All of the file has been sent. */
  get isDone(): boolean {
    return this.#at === this.#fileBytes && !this.#isWaiting
  }
  /** Something was sent that the receiver has not confirmed, and nothing more can be before it does. */
  get isWaiting(): boolean {
    return this.#isWaiting || (!this.hasRoom && this.#at === this.#kept.to)
  }
  get hasRoom(): boolean {
    return this.#kept.hasRoom
  }
  /** How much of `bytes` was kept. */
  add(bytes: Uint8Array): number {
    return this.#kept.add(bytes)
  }

  /** ZACK. False when it says nothing that can be true. */
  confirm(offset: number): boolean {
    if (offset > this.#sent || offset < this.#kept.from) return false
    this.#kept.confirm(offset)
    if (this.#isWaiting && offset === this.#at) this.#isWaiting = false
    return true
  }

  /** ZRPOS. False when those bytes are not kept. */
  rewind(offset: number): boolean {
    if (offset > this.#sent || offset < this.#kept.from) return false
    this.#kept.confirm(offset)
    this.#at = offset
    this.#needsHeader = true
    this.#isWaiting = false
    this.#sinceAsked = 0
    this.#good = 0
    this.#subpacketBytes = Math.max(fewestBytes, this.#subpacketBytes >> 1)
    return true
  }

  /** What is to be sent next, at most 64 KiB, the caller's to keep; undefined when there is nothing now. */
  next(): Uint8Array | undefined {
    if (this.#isWaiting || this.#at >= this.#kept.to) return undefined
    const out = Buffer.allocUnsafeSlow(Math.min(outBytes, 2 * (this.#kept.to - this.#at) + 4096))
    let at = 0
    if (this.#needsHeader) {
      // A receiver that is still within the frame before would take the header for data.
      if (this.#isOpen) at = writeSubpacket(this.#line, out, 0, 0, SubpacketEnd.ZCRCE, out, at)
      at = writeBinaryHeader(Frame.ZDATA, this.#at, this.#line.hasCrc32, this.#line.escapes, out, at)
      this.#needsHeader = false
      this.#sinceAsked = 0
    }
    while (this.#at < this.#kept.to && !this.#isWaiting) {
      if (at + maxSubpacketBytes(Math.min(this.#subpacketBytes, this.#kept.to - this.#at)) > out.length) break
      at = this.#subpacket(out, at)
    }
    return out.subarray(0, at)
  }

  #subpacket(out: Uint8Array, at: number): number {
    const segmentLeft = this.#segmentBytes > 0 ? this.#segmentBytes - this.#sinceAsked : this.#subpacketBytes
    const { ring, start, end } = this.#kept.piece(this.#at, Math.min(this.#subpacketBytes, segmentLeft))
    this.#at += end - start
    this.#sent = Math.max(this.#sent, this.#at)
    this.#sinceAsked += end - start
    const ending = this.#ending()
    this.#isOpen = ending === SubpacketEnd.ZCRCG || ending === SubpacketEnd.ZCRCQ
    return writeSubpacket(this.#line, ring, start, end, ending, out, at)
  }

  #ending(): number {
    this.#good += 1
    if (this.#good % goodToGrow === 0) this.#subpacketBytes = Math.min(usualBytes, this.#subpacketBytes * 2)
    if (this.#at === this.#fileBytes) return SubpacketEnd.ZCRCE
    if (this.#segmentBytes > 0) {
      if (this.#sinceAsked < this.#segmentBytes) return SubpacketEnd.ZCRCG
      this.#sinceAsked = 0
      this.#isWaiting = true
      this.#needsHeader = true
      return SubpacketEnd.ZCRCW
    }
    if (this.#sinceAsked < askEveryBytes) return SubpacketEnd.ZCRCG
    this.#sinceAsked = 0
    return SubpacketEnd.ZCRCQ
  }
}
