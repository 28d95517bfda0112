// The two checksums of ZMODEM. CRC-32 is that of ZIP, by zlib's native code; CRC-16 has the polynomial of XMODEM.
import { crc32 as zlibCrc32 } from 'node:zlib'

const table16 = makeTable16()
const table32 = makeTable32()

/** CRC-16 (0x1021, from zero) of `bytes[from..to)`, going on from `crc`. */
export function crc16(bytes: Uint8Array, from: number, to: number, crc = 0): number {
  for (let at = from; at < to; at += 1) crc = ((crc << 8) & 0xffff) ^ (table16[(crc >>> 8) ^ (bytes[at] as number)] as number)
  return crc
}
/** CRC-32 of `bytes[from..to)`. */
export const crc32 = (bytes: Uint8Array, from: number, to: number): number => zlibCrc32(bytes.subarray(from, to))
/** CRC-32 of what `crc` is of, and one more byte: cheaper than another call into zlib. */
export const crc32More = (crc: number, byte: number): number => ((table32[(~crc ^ byte) & 0xff] as number) ^ (~crc >>> 8) ^ -1) >>> 0

function makeTable16(): Uint16Array {
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    let crc = byte << 8
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021
    return crc & 0xffff
  })
}
function makeTable32(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0xedb88320
    return crc >>> 0
  })
}
