// The data of one file as ZDATA frames: subpackets from what is kept, with the ends that the receiver's buffer allows, and back to where it asks.
import type { EscapeTable } from './escaping.ts'
import { Frame, SubpacketEnd } from './frame.ts'
import { maxSubpacketBytes, writeBinaryHeader, writeSubpacket } from './header-writer.ts'
import { KeptWindow, mostKeptBytes } from './kept-window.ts'

/** What every receiver takes. */
const usualBytes = 1024
/** On a line that loses much, less is lost with one. */
const fewestBytes = 128
/** So many good ones in a row until they are longer again. */
const goodToGrow = 256
/**
 * What may be on its way unconfirmed. lrzsz gives up when some 70 KB of data stand between what it could not read and where it asked to go on, so it begins below that; it grows by half of all that
 * was confirmed, up to what is kept, and stays small where something was lost.
 */
const firstWindow = 48 * 1024
const lossyWindow = 16 * 1024
/** So many times in a window the receiver is asked how far it is. */
const asksInWindow = 4
const mostAskBytes = 64 * 1024
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
  #window = firstWindow
  #isLossy = false
  #confirmed = 0
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
    return this.#isWaiting || this.#at - this.#kept.from >= this.#window
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
    this.#confirmed += offset - this.#kept.from
    if (!this.#isLossy) this.#window = Math.max(firstWindow, Math.min(mostKeptBytes, this.#confirmed >> 1))
    this.#kept.confirm(offset)
    // What was on its way when it went back may be confirmed after all.
    if (offset > this.#at) this.#goTo(offset)
    if (this.#isWaiting && offset === this.#at) this.#isWaiting = false
    return true
  }

  /** ZRPOS. False when those bytes are not kept. */
  rewind(offset: number): boolean {
    if (offset > this.#sent || offset < this.#kept.from) return false
    this.#kept.confirm(offset)
    this.#goTo(offset)
    this.#good = 0
    this.#isLossy = true
    this.#window = lossyWindow
    this.#subpacketBytes = Math.max(fewestBytes, this.#subpacketBytes >> 1)
    return true
  }

  #goTo(offset: number): void {
    this.#at = offset
    this.#needsHeader = true
    this.#isWaiting = false
    this.#sinceAsked = 0
  }

  /** What is to be sent next, at most 64 KiB, the caller's to keep; undefined when there is nothing now. */
  next(): Uint8Array | undefined {
    const until = Math.min(this.#kept.to, this.#kept.from + this.#window)
    if (this.#isWaiting || this.#at >= until) return undefined
    const out = Buffer.allocUnsafeSlow(Math.min(outBytes, 2 * (until - this.#at) + 4096))
    let at = 0
    if (this.#needsHeader) {
      // A receiver that is still within the frame before would take the header for data.
      if (this.#isOpen) at = writeSubpacket(this.#line, out, 0, 0, SubpacketEnd.ZCRCE, out, at)
      at = writeBinaryHeader(Frame.ZDATA, this.#at, this.#line.hasCrc32, this.#line.escapes, out, at)
      this.#needsHeader = false
      this.#sinceAsked = 0
    }
    while (this.#at < until && !this.#isWaiting) {
      if (at + maxSubpacketBytes(Math.min(this.#subpacketBytes, until - this.#at)) > out.length) break
      at = this.#subpacket(until, out, at)
    }
    return out.subarray(0, at)
  }

  #subpacket(until: number, out: Uint8Array, at: number): number {
    const segmentLeft = this.#segmentBytes > 0 ? this.#segmentBytes - this.#sinceAsked : this.#subpacketBytes
    const { ring, start, end } = this.#kept.piece(this.#at, Math.min(this.#subpacketBytes, segmentLeft, until - this.#at))
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
    if (this.#sinceAsked < Math.min(mostAskBytes, this.#window / asksInWindow)) return SubpacketEnd.ZCRCG
    this.#sinceAsked = 0
    return SubpacketEnd.ZCRCQ
  }
}
