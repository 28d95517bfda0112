// Header by header out of a stream of anything: hunts for pads, and gives what has a right checksum.
import { crc16, crc32 } from './crc.ts'
import { Frame, type Header, kindBin16, kindBin32, kindHex, zdle, zpad } from './frame.ts'

const hunting = 0
const padded = 1
const kindNext = 2
const inHex = 3
const inBinary = 4
const behindZdle = 5
/** Behind a hex header stand CR, LF (either with its eighth bit) and XON, none of which need be there; they are part of it, in that order, once each. Behind ZACK and ZFIN there is no XON. */
const withXon = [0x0d, 0x0a, 0x11]
const withoutXon = [0x0d, 0x0a]

export class HeaderReader {
  #state = hunting
  #kind: Header['kind'] = 'hex'
  /** Half a byte of a hex header, or -1. */
  #nibble = -1
  #filled = 0
  #trailer = withXon
  #trailerAt = withXon.length
  readonly #raw = new Uint8Array(9)

  /** Where the next byte would begin a header: what comes is no part of one. */
  get isHunting(): boolean {
    return this.#state === hunting
  }
  get isInTrailer(): boolean {
    return this.#trailerAt < this.#trailer.length
  }
  restart(): void {
    this.#state = hunting
  }

  /** How much of `bytes` from `at` on still belongs to the hex header before. */
  skipTrailer(bytes: Uint8Array, at: number): number {
    while (at < bytes.length && this.#trailerAt < this.#trailer.length) {
      const found = this.#trailer.indexOf((bytes[at] as number) & 0x7f, this.#trailerAt)
      if (found < 0) {
        this.#trailerAt = this.#trailer.length
        break
      }
      this.#trailerAt = found + 1
      at += 1
    }
    return at
  }

  /** Takes one byte: a header when it was the last of one, `bad` when it ends one whose digits or checksum are wrong. */
  take(byte: number): Header | 'bad' | undefined {
    switch (this.#state) {
      case padded:
        this.#state = byte === zdle ? kindNext : byte === zpad ? padded : hunting
        return undefined
      case kindNext:
        return this.#begin(byte)
      case inHex:
        return this.#hexDigit(byte & 0x7f)
      case inBinary:
        // Flow control of a line on the way: never sent unescaped.
        if (byte === zdle) this.#state = behindZdle
        else if ((byte & 0x7f) !== 0x11 && (byte & 0x7f) !== 0x13) return this.#add(byte)
        return undefined
      case behindZdle:
        this.#state = inBinary
        if ((byte & 0x60) === 0x40) return this.#add(byte ^ 0x40)
        if (byte === 0x6c) return this.#add(0x7f)
        if (byte === 0x6d) return this.#add(0xff)
        return this.#bad()
      default:
        this.#state = byte === zpad ? padded : hunting
        return undefined
    }
  }

  #begin(byte: number): undefined {
    this.#filled = 0
    this.#nibble = -1
    this.#state = byte === kindHex ? inHex : byte === kindBin16 || byte === kindBin32 ? inBinary : byte === zpad ? padded : hunting
    this.#kind = byte === kindHex ? 'hex' : byte === kindBin16 ? 'bin16' : 'bin32'
  }

  #hexDigit(character: number): Header | 'bad' | undefined {
    const digit = hexValue(character)
    if (digit < 0) return this.#bad()
    if (this.#nibble < 0) {
      this.#nibble = digit
      return undefined
    }
    const byte = this.#nibble * 16 + digit
    this.#nibble = -1
    return this.#add(byte)
  }

  #add(byte: number): Header | 'bad' | undefined {
    const raw = this.#raw
    raw[this.#filled] = byte
    this.#filled += 1
    if (this.#filled < (this.#kind === 'bin32' ? 9 : 7)) return undefined
    this.#state = hunting
    const [type = 0, b0 = 0, b1 = 0, b2 = 0, b3 = 0] = raw
    const [c0 = 0, c1 = 0, c2 = 0, c3 = 0] = raw.subarray(5)
    const isRight = this.#kind === 'bin32' ? crc32(raw, 0, 5) === (c0 | (c1 << 8) | (c2 << 16) | (c3 << 24)) >>> 0 : crc16(raw, 0, 5) === ((c0 << 8) | c1)
    if (!isRight) return 'bad'
    if (this.#kind === 'hex') {
      this.#trailer = type === Frame.ZACK || type === Frame.ZFIN ? withoutXon : withXon
      this.#trailerAt = 0
    }
    return { kind: this.#kind, type, value: (b0 | (b1 << 8) | (b2 << 16) | (b3 << 24)) >>> 0 }
  }

  #bad(): 'bad' {
    this.#state = hunting
    return 'bad'
  }
}

export const hexValue = (character: number): number =>
  character >= 0x30 && character <= 0x39
    ? character - 0x30
    : character >= 0x61 && character <= 0x66
      ? character - 0x57
      : character >= 0x41 && character <= 0x46
        ? character - 0x37
        : -1
