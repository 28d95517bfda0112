// Which bytes go over the line behind ZDLE (Forsberg, 7.2), and the loop that writes them.
import { rub0, rub1, zdle } from './frame.ts'

const plain = 0
const escaped = 1
// CR is escaped behind '@', and where a piece begins, since '@' may end what was before: networks of old took `@ CR` for a command.
const afterAt = 2
const rub = 3
export type EscapeTable = Uint8Array

/** ZDLE, DLE, XON and XOFF with and without their eighth bit, as every receiver expects. */
export const usualEscapes: EscapeTable = makeTable((low) => low === zdle || low === 0x10 || low === 0x11 || low === 0x13)
/** All of C0 and C1, for a receiver that asked for ESCCTL, and DEL for one that asked for ESC8. No form is defined for the eighth bit itself. */
export const controlEscapes: EscapeTable = makeTable((low) => low < 0x20)

function makeTable(isEscaped: (low: number) => boolean): EscapeTable {
  const all = isEscaped(0)
  return Uint8Array.from({ length: 256 }, (_, byte) => {
    const low = byte & 0x7f
    // ZDLE's own form with the eighth bit (0x98) is data to every receiver.
    if (isEscaped(low) && (all || byte !== 0x98)) return escaped
    if (low === 0x0d) return afterAt
    return all && low === 0x7f ? rub : plain
  })
}

/** Writes `from[start..end)` escaped to `to[at…]`, which must have room for twice as much; returns where it ended. */
export function writeEscaped(table: EscapeTable, from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): number {
  let read = start
  while (read < end) {
    let byte = 0
    while (read < end && table[(byte = from[read] as number)] === plain) {
      to[at] = byte
      at += 1
      read += 1
    }
    if (read === end) break
    const how = table[byte]
    if (how === afterAt && read > start && ((from[read - 1] as number) & 0x7f) !== 0x40) {
      to[at] = byte
      at += 1
    } else {
      to[at] = zdle
      to[at + 1] = how === rub ? (byte === 0x7f ? rub0 : rub1) : byte ^ 0x40
      at += 2
    }
    read += 1
  }
  return at
}
