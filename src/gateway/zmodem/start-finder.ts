// In what a host's terminal says: the first header of `sz` (ZRQINIT) and of `rz` (ZRINIT), and the marker of trzsz. On plain output it costs two searches by native code, and copies nothing.
import { crc16 } from './crc.ts'
import { Frame, type Header, kindHex, zdle, zpad } from './frame.ts'
import { hexValue } from './header-reader.ts'
import { StringState } from './string-state.ts'

export type Found =
  /** `raw`: the header as it came, as far as it did not go to the terminal. `rest` stands behind it and is for the receiver or sender. */
  | { kind: 'sz' | 'rz'; header: Header; raw: Uint8Array; rest: Uint8Array }
  /** The marker itself has gone to the terminal. `rest` stands behind it, and is output: to be pushed. */
  | { kind: 'trzsz'; rest: Uint8Array }

/** ZDLE, B, fourteen digits. */
const headerBytes = 16
const marker = Buffer.from('::TRZSZ:TRANSFER:')
const markerPattern = /::TRZSZ:TRANSFER:[SRD]:\d{1,4}\.\d{1,4}\.\d{1,4}/
/** The marker, its letter and three numbers. */
const mostMarkerBytes = marker.length + 2 + 14

export class StartFinder {
  readonly #pass: (bytes: Uint8Array) => void
  readonly #strings = new StringState()
  /** From ZDLE on: what may become a header. */
  #held: Uint8Array = new Uint8Array(0)
  /** Pads that went to the terminal last: a lone asterisk that is typed is not to wait. */
  #padsBefore = 0
  /** What went last, where it may begin the marker. */
  #markerTail = ''

  /** `pass` gets what is output of the terminal. Lent as it was given. */
  constructor(pass: (bytes: Uint8Array) => void) {
    this.#pass = pass
  }

  /** Something is held: `flush` is to be called 50 ms later. */
  get isHolding(): boolean {
    return this.#held.length > 0
  }
  /** What is held was no header. */
  flush(): void {
    const held = this.#held
    if (held.length === 0) return
    this.#held = new Uint8Array(0)
    this.#output(held)
  }

  /** Takes output. Nothing of what stands behind a find is looked at. */
  push(bytes: Uint8Array): Found | undefined {
    let chunk = bytes
    if (this.#held.length > 0) {
      chunk = Buffer.concat([this.#held, bytes])
      this.#held = new Uint8Array(0)
    }
    const at = this.#findHeader(chunk)
    const found = this.#findMarker(at === undefined ? chunk : chunk.subarray(0, at.from))
    if (found) return { kind: 'trzsz', rest: chunk.subarray(found) }
    if (at === undefined) {
      this.#output(chunk)
      return undefined
    }
    this.#output(chunk.subarray(0, at.from))
    if (at.header === undefined) {
      // Copied, since what comes is lent; at most 15 bytes.
      this.#held = chunk.slice(at.zdle)
      return undefined
    }
    this.#padsBefore = 0
    const end = behindTrailer(chunk, at.zdle + headerBytes)
    return { kind: at.header.type === Frame.ZRQINIT ? 'sz' : 'rz', header: at.header, raw: chunk.subarray(at.from, end), rest: chunk.subarray(end) }
  }

  /** `from`: where its pads begin that are still here. Without `header`: the chunk ends within what may be one, of which the pads are not held. */
  #findHeader(chunk: Uint8Array): { from: number; zdle: number; header?: Header } | undefined {
    for (let at = chunk.indexOf(zdle); at >= 0; at = chunk.indexOf(zdle, at + 1)) {
      if (padsAcross(chunk, at, this.#padsBefore) < 2) continue
      const end = Math.min(chunk.length, at + headerBytes)
      if (!mayBeHeader(chunk, at, end) || this.#strings.isWithin(chunk, at)) continue
      if (end - at < headerBytes) return { from: at, zdle: at }
      const header = readStart(chunk, at)
      if (header) return { from: Math.max(0, at - 2), zdle: at, header }
    }
    return undefined
  }

  /** Where the marker ends, when it is whole; then all up to there has gone to the terminal. */
  #findMarker(chunk: Uint8Array): number | undefined {
    const tail = this.#markerTail
    if (tail === '' && Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).indexOf(marker) < 0) {
      this.#markerTail = mayBegin(chunk)
      return undefined
    }
    const text = tail + Buffer.from(chunk).toString('latin1')
    const match = markerPattern.exec(text)
    const end = match ? match.index + match[0].length - tail.length : 0
    // At the end of the chunk its last number may go on, but it is known.
    if (!match || end <= 0) {
      this.#markerTail = mayBegin(Buffer.from(text.slice(-mostMarkerBytes), 'latin1'))
      return undefined
    }
    this.#output(chunk.subarray(0, end))
    this.#markerTail = ''
    return end
  }

  #output(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.#strings.follow(bytes)
    this.#padsBefore = padsAcross(bytes, bytes.length, this.#padsBefore)
    this.#pass(bytes)
  }
}

/** Pads that stand right before `at`, those at the end of the chunk before included; 2 stands for any more. */
function padsAcross(chunk: Uint8Array, at: number, before: number): number {
  let pads = 0
  while (pads < 2 && at - pads > 0 && chunk[at - pads - 1] === zpad) pads += 1
  return pads === at ? Math.min(2, pads + before) : pads
}

/** Of `[zdle, end)`: the first bytes of a ZRQINIT or ZRINIT in hex. */
function mayBeHeader(chunk: Uint8Array, zdleAt: number, end: number): boolean {
  for (let at = zdleAt + 1; at < end; at += 1) {
    const byte = chunk[at] as number
    const isFit =
      at === zdleAt + 1 ? byte === kindHex : at === zdleAt + 2 ? byte === 0x30 : at === zdleAt + 3 ? byte === 0x30 || byte === 0x31 : hexValue(byte) >= 0
    if (!isFit) return false
  }
  return true
}

function readStart(chunk: Uint8Array, zdleAt: number): Header | undefined {
  const raw = new Uint8Array(7)
  for (let at = 0; at < 7; at += 1) raw[at] = hexValue(chunk[zdleAt + 2 + 2 * at] as number) * 16 + hexValue(chunk[zdleAt + 3 + 2 * at] as number)
  const [type = 0, b0 = 0, b1 = 0, b2 = 0, b3 = 0, c0 = 0, c1 = 0] = raw
  if (crc16(raw, 0, 5) !== ((c0 << 8) | c1)) return undefined
  return { kind: 'hex', type, value: (b0 | (b1 << 8) | (b2 << 16) | (b3 << 24)) >>> 0 }
}

/** CR, LF (with or without its eighth bit) and XON belong to the header, as far as they are here; the engine skips those that come later. */
function behindTrailer(chunk: Uint8Array, at: number): number {
  for (const low of [0x0d, 0x0a, 0x11]) if (at < chunk.length && ((chunk[at] as number) & 0x7f) === low) at += 1
  return at
}

/** The end of `chunk`, as text, where the marker may have begun. */
function mayBegin(chunk: Uint8Array): string {
  const from = chunk.lastIndexOf(0x3a)
  if (from < chunk.length - mostMarkerBytes || from < 0) return ''
  const text = Buffer.from(chunk.subarray(Math.max(0, chunk.length - mostMarkerBytes))).toString('latin1')
  for (let at = text.indexOf(':'); at >= 0; at = text.indexOf(':', at + 1)) {
    const part = text.slice(at)
    if (part.length < marker.length ? marker.toString('latin1').startsWith(part) : /^::TRZSZ:TRANSFER:([SRD](:[\d.]*)?)?$/.test(part)) return part
  }
  return ''
}
