// What the journal knows of typing: when a line was begun and when it was entered, never what was typed.

/**
 * One write to the host, without its content. `typed`: it began a line. `lineEnds`: how many CR or LF it held. `isOpen`: something followed the last of them.
 * `interrupted`: it held Ctrl-C.
 */
export type TypingMark = { typed: boolean; lineEnds: number; isOpen: boolean; interrupted: boolean }

/** As the journal's field holds them. */
export const maxLineEnds = 0xffff

const etx = 0x03
const lf = 0x0a
const cr = 0x0d

export class TypingMarks {
  #isAtStart = true

  /** What is to be noted of these bytes; undefined for keys inside a line, which leave no trace. */
  of(bytes: Uint8Array): TypingMark | undefined {
    let lineEnds = 0
    let last = -1
    let interrupted = false
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at]
      if (byte === cr || byte === lf) {
        lineEnds += 1
        last = at
      } else if (byte === etx) interrupted = true
    }
    if (bytes.length === 0) return undefined
    const wasAtStart = this.#isAtStart
    const isOpen = last < bytes.length - 1
    this.#isAtStart = interrupted || !isOpen
    const typed = wasAtStart && bytes[0] !== cr && bytes[0] !== lf && !(interrupted && bytes.length === 1)
    if (!typed && lineEnds === 0 && !interrupted) return undefined
    return { typed, lineEnds: Math.min(lineEnds, maxLineEnds), isOpen, interrupted }
  }
}
