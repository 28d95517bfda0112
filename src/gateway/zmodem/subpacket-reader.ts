// One subpacket after the other out of the data of a frame. The loop over the bytes of files: it calls nothing per byte.
import { crc16, crc32, crc32More } from './crc.ts'
import { rub0, rub1, SubpacketEnd, zdle } from './frame.ts'

/** Forsberg says 1,024, lrzsz sends up to 8,192; more is taken for noise. */
export const mostSubpacketBytes = 32 * 1024

/** ZDLE, and flow control that a line on the way put in: senders escape what is theirs. */
const special = Uint8Array.from({ length: 256 }, (_, byte) => (byte === zdle || (byte & 0x7f) === 0x11 || (byte & 0x7f) === 0x13 ? 1 : 0))

export type Subpacket = {
  /** Lent: of the reader's own buffer, overwritten by the next. */
  bytes: Uint8Array
  /** ZCRCE, ZCRCG, ZCRCQ or ZCRCW. */
  end: number
}

export class SubpacketReader {
  readonly #out = new Uint8Array(mostSubpacketBytes)
  #filled = 0
  #isBehindZdle = false
  /** Which end was seen: its checksum is being read. 0 before. */
  #end = 0
  readonly #crc = new Uint8Array(4)
  #crcFilled = 0
  #crcBytes = 4
  /** Where `read` stopped. */
  at = 0

  /** Begins the data behind a header of this kind. */
  start(hasCrc32: boolean): void {
    this.#crcBytes = hasCrc32 ? 4 : 2
    this.#next()
  }
  #next(): void {
    this.#filled = 0
    this.#end = 0
    this.#crcFilled = 0
    this.#isBehindZdle = false
  }

  /** Reads from `from` on, and says in `at` how far: a subpacket, `bad` when there is one that is wrong, undefined when `bytes` are used up. */
  read(bytes: Uint8Array, from: number): Subpacket | 'bad' | undefined {
    const out = this.#out
    let filled = this.#filled
    let at = from
    while (at < bytes.length) {
      if (this.#end === 0 && !this.#isBehindZdle) {
        const until = Math.min(bytes.length, at + mostSubpacketBytes - filled)
        let byte = 0
        while (at < until && special[(byte = bytes[at] as number)] === 0) {
          out[filled] = byte
          filled += 1
          at += 1
        }
        if (at === bytes.length) break
        this.#filled = filled
        if (at === until && filled === mostSubpacketBytes && bytes[at] !== zdle) return this.#bad(at)
      }
      const byte = bytes[at] as number
      at += 1
      if (this.#isBehindZdle) {
        this.#isBehindZdle = false
        if (this.#end === 0 && byte >= SubpacketEnd.ZCRCE && byte <= SubpacketEnd.ZCRCW) {
          this.#end = byte
          continue
        }
        const meant = (byte & 0x60) === 0x40 ? byte ^ 0x40 : byte === rub0 ? 0x7f : byte === rub1 ? 0xff : -1
        if (meant < 0) return this.#bad(at)
        if (this.#end === 0) {
          if (filled === mostSubpacketBytes) return this.#bad(at)
          out[filled] = meant
          filled += 1
          this.#filled = filled
          continue
        }
        this.#crc[this.#crcFilled] = meant
        this.#crcFilled += 1
      } else if (special[byte] === 1) {
        if (byte === zdle) this.#isBehindZdle = true
        continue
      } else {
        this.#crc[this.#crcFilled] = byte
        this.#crcFilled += 1
      }
      if (this.#crcFilled === this.#crcBytes) return this.#whole(at)
    }
    this.#filled = filled
    this.at = at
    return undefined
  }

  #whole(at: number): Subpacket | 'bad' {
    const [c0 = 0, c1 = 0, c2 = 0, c3 = 0] = this.#crc
    const [end, filled] = [this.#end, this.#filled]
    const isRight =
      this.#crcBytes === 4
        ? crc32More(crc32(this.#out, 0, filled), end) === (c0 | (c1 << 8) | (c2 << 16) | (c3 << 24)) >>> 0
        : crc16(Uint8Array.of(end), 0, 1, crc16(this.#out, 0, filled)) === ((c0 << 8) | c1)
    if (!isRight) return this.#bad(at)
    this.at = at
    this.#next()
    return { bytes: this.#out.subarray(0, filled), end }
  }

  #bad(at: number): 'bad' {
    this.at = at
    this.#next()
    return 'bad'
  }
}
