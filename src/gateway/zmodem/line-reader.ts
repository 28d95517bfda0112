// What the other side says, as frames: hunts for headers, reads the data of those that have some, and hears five CAN wherever they stand.
import { cansToCancel, hasData, type Header, zdle, zpad } from './frame.ts'
import { HeaderReader } from './header-reader.ts'
import { type Subpacket, SubpacketReader } from './subpacket-reader.ts'

export type LineEvents = {
  header: (header: Header) => void
  /** Of the frame of the last header. What it lends ends with the call. */
  data: (subpacket: Subpacket) => void
  /** A header or a subpacket whose checksum is wrong; what follows is skipped to the next header. */
  bad: (what: 'header' | 'data') => void
  /** Five CAN in a row. */
  cancelled: () => void
}

export class LineReader {
  readonly #events: LineEvents
  readonly #headers = new HeaderReader()
  readonly #subpackets = new SubpacketReader()
  #isInData = false
  #cans = 0
  /** What was wrong where CAN stand: not told before it is clear that they are not five, for an answer would reach a shell. */
  #held: 'header' | 'data' | undefined
  #isStopped = false
  constructor(events: LineEvents) {
    this.#events = events
  }

  /** Behind a header whose data is not wanted, or none can be right: skips to the next header. */
  hunt(): void {
    this.#isInData = false
    this.#headers.restart()
  }
  /** From within an event: `input` returns at once. */
  stop(): void {
    this.#isStopped = true
  }
  /** A hex header may have its line end still to come. */
  get isInTrailer(): boolean {
    return this.#headers.isInTrailer
  }
  /** See HeaderReader. */
  skipTrailer(bytes: Uint8Array, at = 0): number {
    return this.#headers.skipTrailer(bytes, at)
  }

  /** Takes what came; returns where it stopped, which is the end unless an event called `stop`. */
  input(bytes: Uint8Array): number {
    let at = this.#headers.skipTrailer(bytes, 0)
    while (at < bytes.length && !this.#isStopped) {
      if (this.#held !== undefined && bytes[at] !== zdle) this.#tellHeld()
      else if (this.#isInData) at = this.#readData(bytes, at)
      else at = this.#readHeader(bytes, at)
    }
    return at
  }

  /** For a header that another has read (the start finder). */
  begin(header: Header): void {
    this.#header(header)
  }

  #readHeader(bytes: Uint8Array, at: number): number {
    if (this.#headers.isHunting) at = this.#toPad(bytes, at)
    while (at < bytes.length) {
      const byte = bytes[at] as number
      at += 1
      if (this.#hasCancelled(byte)) return at
      const header = this.#headers.take(byte)
      if (header === 'bad') this.#wrong('header')
      else if (header !== undefined) {
        at = this.#headers.skipTrailer(bytes, at)
        this.#header(header)
        return at
      }
      if (this.#headers.isHunting) return at
    }
    return at
  }

  /** Over what is no header, as fast as native code searches. */
  #toPad(bytes: Uint8Array, at: number): number {
    const pad = bytes.indexOf(zpad, at)
    const until = pad < 0 ? bytes.length : pad
    // Not beyond the pad: a chunk of many pads would be searched once for each.
    const part = bytes.subarray(0, until)
    while (at < until) {
      const can = part.indexOf(zdle, at)
      if (can !== at) this.#cans = 0
      if (can < 0) return until
      at = can + 1
      if (this.#hasCancelled(zdle)) return at
    }
    return until
  }

  #readData(bytes: Uint8Array, at: number): number {
    const found = this.#subpackets.read(bytes, at)
    const to = this.#subpackets.at
    if (found === undefined || found === 'bad') {
      // In right data two CAN never stand side by side, so a run can only reach to what is wrong, or to the end of what came.
      const cans = trailingCans(bytes, at, to)
      this.#cans = cans === to - at ? this.#cans + cans : cans
    } else this.#cans = 0
    if (this.#cans >= cansToCancel) {
      this.#cancelled()
      return to
    }
    if (found === 'bad') this.#wrong('data')
    else if (found !== undefined) {
      if (found.end === 0x68 || found.end === 0x6b) this.#isInData = false
      this.#events.data(found)
    }
    return to
  }

  #wrong(what: 'header' | 'data'): void {
    this.hunt()
    this.#held = what
    if (this.#cans < 2) this.#tellHeld()
  }
  #tellHeld(): void {
    const what = this.#held ?? 'data'
    this.#held = undefined
    this.#events.bad(what)
  }

  #header(header: Header): void {
    if (hasData(header.type)) {
      this.#isInData = true
      this.#subpackets.start(header.kind === 'bin32')
    }
    this.#events.header(header)
  }

  #hasCancelled(byte: number): boolean {
    this.#cans = byte === zdle ? this.#cans + 1 : 0
    if (this.#cans < cansToCancel) return false
    this.#cancelled()
    return true
  }
  #cancelled(): void {
    this.#cans = 0
    this.#held = undefined
    this.#isInData = false
    this.#headers.restart()
    this.#events.cancelled()
  }
}

function trailingCans(bytes: Uint8Array, from: number, to: number): number {
  let at = to
  while (at > from && bytes[at - 1] === zdle) at -= 1
  return to - at
}
