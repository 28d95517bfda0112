// Headers and subpackets as bytes on the line.
import { crc16, crc32, crc32More } from './crc.ts'
import { type EscapeTable, usualEscapes, writeEscaped } from './escaping.ts'
import { Frame, kindBin16, kindBin32, kindHex, zdle, zpad } from './frame.ts'

const digits = Uint8Array.from(Buffer.from('0123456789abcdef'))
/** Two pads, kind, ten escaped bytes at most twice as long. */
export const maxHeaderBytes = 24
/** A subpacket of `bytes` with its end and checksum, everything escaped. */
export const maxSubpacketBytes = (bytes: number): number => 2 * bytes + 10

/** ZHEX: pads, ZDLE, B, fourteen digits, CR, LF with the eighth bit, and XON unless it is ZACK or ZFIN (Forsberg 7.3.3). */
export function hexHeader(type: number, value = 0): Uint8Array {
  const raw = rawHeader(type, value)
  const crc = crc16(raw, 0, 5)
  const hasXon = type !== Frame.ZACK && type !== Frame.ZFIN
  const bytes = new Uint8Array(hasXon ? 21 : 20)
  bytes.set([zpad, zpad, zdle, kindHex])
  for (let at = 0; at < 7; at += 1) {
    const byte = at < 5 ? (raw[at] as number) : at === 5 ? crc >>> 8 : crc & 0xff
    bytes[4 + 2 * at] = digits[byte >>> 4] as number
    bytes[5 + 2 * at] = digits[byte & 15] as number
  }
  bytes[18] = 0x0d
  bytes[19] = 0x8a
  if (hasXon) bytes[20] = 0x11
  return bytes
}

/** ZBIN or ZBIN32 at `to[at…]`; returns where it ended, at most `maxHeaderBytes` later. */
export function writeBinaryHeader(type: number, value: number, hasCrc32: boolean, escapes: EscapeTable, to: Uint8Array, at: number): number {
  const raw = rawHeader(type, value)
  to[at] = zpad
  to[at + 1] = zdle
  to[at + 2] = hasCrc32 ? kindBin32 : kindBin16
  const crc = hasCrc32 ? crc32(raw, 0, 5) : crc16(raw, 0, 5)
  return writeCrc(crc, hasCrc32, escapes, to, writeEscaped(escapes, raw, 0, 5, to, at + 3))
}

/** `from[start..end)` as one subpacket at `to[at…]`; returns where it ended. */
export function writeSubpacket(
  line: { hasCrc32: boolean; escapes: EscapeTable },
  from: Uint8Array,
  start: number,
  end: number,
  ending: number,
  to: Uint8Array,
  at: number,
): number {
  at = writeEscaped(line.escapes, from, start, end, to, at)
  to[at] = zdle
  to[at + 1] = ending
  lastByte[0] = ending
  const crc = line.hasCrc32 ? crc32More(crc32(from, start, end), ending) : crc16(lastByte, 0, 1, crc16(from, start, end))
  return writeCrc(crc, line.hasCrc32, line.escapes, to, at + 2)
}
const lastByte = new Uint8Array(1)

/** The checksum behind what it is of: CRC-32 begins with its low byte, CRC-16 with its high one. */
function writeCrc(crc: number, hasCrc32: boolean, escapes: EscapeTable, to: Uint8Array, at: number): number {
  scratch[0] = hasCrc32 ? crc : crc >>> 8
  scratch[1] = hasCrc32 ? crc >>> 8 : crc
  scratch[2] = crc >>> 16
  scratch[3] = crc >>> 24
  return writeEscaped(escapes, scratch, 0, hasCrc32 ? 4 : 2, to, at)
}
const scratch = new Uint8Array(4)

const rawHeader = (type: number, value: number): Uint8Array => Uint8Array.of(type, value, value >>> 8, value >>> 16, value >>> 24)

/** A header with its data in one piece, for frames that hold one subpacket (ZFILE, ZSINIT). */
export function frameWithData(type: number, value: number, data: Uint8Array, ending: number, line = { hasCrc32: true, escapes: usualEscapes }): Uint8Array {
  const to = new Uint8Array(maxHeaderBytes + maxSubpacketBytes(data.length))
  const at = writeBinaryHeader(type, value, line.hasCrc32, line.escapes, to, 0)
  return to.slice(0, writeSubpacket(line, data, 0, data.length, ending, to, at))
}
