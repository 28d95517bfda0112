// Terminal bytes as text for asciicast, without losing any: whole characters as they are, the rest with its true bytes beside it.
import { isUtf8 } from 'node:buffer'

/** A piece becomes one line. 32 KiB that all need `\u00xx` are 192 KiB of JSON: below a block. */
export const maxPieceBytes = 32 * 1024
/** What is not UTF-8 is kept twice (base64 and U+FFFD), so only this much around it. */
export const maxBrokenBytes = 1024

export type Piece = { bytes: Buffer; isBroken: boolean }

/**
 * Cuts bytes into pieces that end between characters. `rest` is the beginning (at most 3 bytes) of a character at the end that may still become whole.
 */
export function cutPieces(bytes: Buffer): { pieces: Piece[]; rest: Buffer } {
  const whole = bytes.length - incompleteTail(bytes, bytes.length)
  const pieces: Piece[] = []
  for (let at = 0; at < whole;) {
    const end = boundary(bytes, at, Math.min(at + maxPieceBytes, whole), whole)
    const piece = bytes.subarray(at, end)
    if (isUtf8(piece)) pieces.push({ bytes: piece, isBroken: false })
    else cutBroken(piece, pieces)
    at = end
  }
  return { pieces, rest: bytes.subarray(whole) }
}

function cutBroken(bytes: Buffer, pieces: Piece[]): void {
  let goodFrom = 0
  for (let at = 0; at < bytes.length;) {
    const end = boundary(bytes, at, Math.min(at + maxBrokenBytes, bytes.length), bytes.length)
    if (!isUtf8(bytes.subarray(at, end))) {
      if (goodFrom < at) pieces.push({ bytes: bytes.subarray(goodFrom, at), isBroken: false })
      pieces.push({ bytes: bytes.subarray(at, end), isBroken: true })
      goodFrom = end
    }
    at = end
  }
  if (goodFrom < bytes.length) pieces.push({ bytes: bytes.subarray(goodFrom), isBroken: false })
}

/** Moves a cut back to the beginning of the character that it would split. */
function boundary(bytes: Buffer, from: number, cut: number, end: number): number {
  if (cut === end) return cut
  const back = cut - incompleteTail(bytes, cut)
  return back > from ? back : cut
}

/** How many of the last bytes before `end` (0 to 3) begin a character that is not complete but could be. */
export function incompleteTail(bytes: Uint8Array, end: number): number {
  for (let back = 1; back <= 3 && back <= end; back++) {
    const lead = bytes[end - back] ?? 0
    if ((lead & 0xc0) === 0x80) continue
    const length = lead >= 0xf0 && lead <= 0xf4 ? 4 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xc2 && lead < 0xe0 ? 2 : 1
    if (length <= back) return 0
    return back === 1 || isPossibleSecond(lead, bytes[end - back + 1] ?? 0) ? back : 0
  }
  return 0
}

/** RFC 3629 section 4: overlong forms, surrogates and what lies beyond U+10FFFF are refused by the second byte. */
function isPossibleSecond(lead: number, second: number): boolean {
  if (lead === 0xe0) return second >= 0xa0
  if (lead === 0xed) return second <= 0x9f
  if (lead === 0xf0) return second >= 0x90
  if (lead === 0xf4) return second <= 0x8f
  return true
}
