// Whether a place in terminal output stands within an OSC, DCS, APC, PM or SOS string: what is there is no output of a program's own.

const escape = 0x1b
const bell = 7
const can = 0x18
const sub = 0x1a
/** Longer than any title, link or clipboard text. One that does not end would hide all that comes. */
const mostBytes = 256 * 1024

export class StringState {
  #isIn = false
  #length = 0
  /** The output ended with ESC. */
  #isBehindEscape = false

  /** Of `at` in a chunk that has not been followed yet. */
  isWithin(chunk: Uint8Array, at: number): boolean {
    return this.#stateAt(chunk, at).isIn
  }
  follow(chunk: Uint8Array): void {
    const { isIn, from, isBehindEscape } = this.#stateAt(chunk, chunk.length)
    this.#length = isIn ? (from < 0 ? this.#length : 0) + chunk.length - Math.max(0, from) : 0
    this.#isIn = isIn && this.#length < mostBytes
    this.#isBehindEscape = isBehindEscape
  }

  /** The last ESC before `end` decides; of a string that it or a chunk before began, also BEL, CAN and SUB behind. */
  #stateAt(chunk: Uint8Array, end: number): { isIn: boolean; from: number; isBehindEscape: boolean } {
    let from = end > 0 ? chunk.lastIndexOf(escape, end - 1) : -1
    let isIn = this.#isIn
    let isBehindEscape = end === 0 && this.#isBehindEscape
    if (from === end - 1 && from >= 0) {
      isIn = false
      isBehindEscape = true
    } else if (from >= 0) isIn = beginsString(chunk[from + 1])
    else if (this.#isBehindEscape && end > 0) isIn = beginsString(chunk[0])
    if (isIn && hasEnd(chunk, Math.max(0, from), end)) isIn = false
    if (isIn && from < 0 && this.#isBehindEscape) from = 0
    return { isIn, from, isBehindEscape }
  }
}

const beginsString = (byte: number | undefined) => byte === 0x5d || byte === 0x50 || byte === 0x5f || byte === 0x5e || byte === 0x58
function hasEnd(chunk: Uint8Array, from: number, end: number): boolean {
  const part = chunk.subarray(from, end)
  return part.includes(bell) || part.includes(can) || part.includes(sub)
}
