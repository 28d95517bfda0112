// How much output a terminal may have before it has parsed it: a little for any, more for one that acknowledges promptly. What is on its way stands before the prompt that
// Ctrl-C brings, so the window is measured in time: it grows while what was sent is parsed within `promptMs`, and shrinks when that takes longer than `lateMs`.

/** As WELCOME says. A client that never acknowledges gets no more. */
export const leastWindow = 256 * 1024
/** What is lost with a line that is cut, and what the program writes until its owner is back, is given back to the byte while it is no more than 1 MiB. */
export const mostWindow = 768 * 1024
const promptMs = 40
const lateMs = 80

export class OutputWindow {
  readonly #nowMs: () => number
  #bytes = leastWindow
  /** The end of something that was sent, and when. */
  #mark: { offset: number; atMs: number } | undefined
  #wasSpent = false

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }
  get bytes(): number {
    return this.#bytes
  }
  /** Once the window is spent the host is read again when no more than this is left unparsed: a quarter, and half of one that has grown, since its reader keeps up. */
  get againAt(): number {
    return this.#bytes === leastWindow ? this.#bytes / 4 : this.#bytes / 2
  }
  /** Nothing is known of the terminal any more. */
  reset(): void {
    this.#bytes = leastWindow
    this.#mark = undefined
    this.#wasSpent = false
  }
  /** The host stands still for want of room: more of it might be of use. */
  spent(): void {
    this.#wasSpent = true
  }
  sent(offset: number): void {
    this.#mark ??= { offset, atMs: this.#nowMs() }
  }
  acknowledged(offset: number): void {
    const mark = this.#mark
    if (!mark || offset < mark.offset) return
    this.#mark = undefined
    const tookMs = this.#nowMs() - mark.atMs
    if (tookMs > lateMs) this.#bytes = Math.max(leastWindow, this.#bytes / 2)
    else if (tookMs <= promptMs && this.#wasSpent) {
      this.#bytes = Math.min(mostWindow, this.#bytes * 2)
      this.#wasSpent = false
    }
  }
}
