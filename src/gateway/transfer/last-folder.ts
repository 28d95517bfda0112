// Where the shell of a terminal stands, as its prompt says it (OSC 7): looked for only when somebody wants to know, in what was said last.

/** A prompt is short; what is longer is the output of a program, and is not kept. */
const mostPieceBytes = 4096
const mostPieces = 8
const mark = '\x1b]7;file://'

export class LastFolder {
  #pieces: Uint8Array[] = []

  /** Output on its way to the terminal; kept as it is, nothing is copied. */
  said(bytes: Uint8Array): void {
    if (bytes.length > mostPieceBytes) this.#pieces = []
    else if (this.#pieces.push(bytes) > mostPieces) this.#pieces.shift()
  }

  /** Absolute; undefined when nothing says it. */
  folder(): string | undefined {
    const text = Buffer.concat(this.#pieces).toString('latin1')
    const at = text.lastIndexOf(mark)
    if (at === -1) return undefined
    // A URL has no control character; the first one (BEL, or the ESC of ST) is the end.
    const said = /^[^/\p{Cc}]*(\/[^\p{Cc}]{0,4095})\p{Cc}/u.exec(text.slice(at + mark.length))?.[1]
    if (said === undefined) return undefined
    try {
      const folder = decodeURIComponent(Buffer.from(said, 'latin1').toString('utf8'))
      return /^\/[^\p{Cc}]*$/u.test(folder) ? folder : undefined
    } catch {
      return undefined // `%` without two digits behind it: nothing is known
    }
  }
}
