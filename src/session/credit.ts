import { Failure } from '#domain/failure.ts'

/** How much output a terminal may have before it has parsed it: 256 KiB, as WELCOME says. The host is read again when a quarter of it is left unparsed. */
export const creditWindow = 256 * 1024

/** Output that one terminal has been given and has not parsed. Absolute offsets; bounded by the window and one chunk. */
export class Credit {
  readonly #window: number
  #produced: number
  #shown: number
  #acknowledged: number
  #isSpent = false

  /** `from` is the output offset where this terminal begins. */
  constructor(from = 0, window = creditWindow) {
    this.#window = window
    this.#produced = this.#shown = this.#acknowledged = from
  }
  /** True from the moment the window is passed until a quarter of it or less is outstanding. */
  get isSpent(): boolean {
    return this.#isSpent
  }
  /** Bytes on their way to the terminal or in it, not parsed yet. */
  get outstanding(): number {
    return this.#produced - this.#acknowledged
  }
  /** The end of what the terminal has been sent. */
  get sentTo(): number {
    return this.#shown
  }
  get parsedTo(): number {
    return this.#acknowledged
  }
  /** The host has produced this many bytes in all. */
  produced(offset: number): void {
    this.#produced = offset
    if (this.outstanding >= this.#window) this.#isSpent = true
  }
  /** Of these the terminal has been sent this many. */
  shown(offset: number): void {
    this.#shown = offset
    if (offset > this.#produced) this.produced(offset)
  }
  /** Throws `Failure('ack_beyond_output')` for an offset that was never sent. An older offset than the last says nothing new. */
  acknowledged(offset: number): void {
    if (offset > this.#shown) throw new Failure('ack_beyond_output', `The terminal acknowledged ${offset} bytes of ${this.#shown} that it was sent.`)
    if (offset <= this.#acknowledged) return
    this.#acknowledged = offset
    if (this.outstanding <= this.#window / 4) this.#isSpent = false
  }
}
