import { Failure } from '#domain/failure.ts'
import { leastWindow, type OutputWindow } from './output-window.ts'

/** Output that one terminal has been given and has not parsed. Absolute offsets; bounded by the window and one chunk. */
export class Credit {
  readonly #window: OutputWindow | undefined
  #produced: number
  #shown: number
  #acknowledged: number
  #isSpent = false

  /** `from` is the output offset where this terminal begins. Without a window of its own it has the least one. */
  constructor(from = 0, window?: OutputWindow) {
    this.#window = window
    this.#produced = this.#shown = this.#acknowledged = from
  }
  /** True from the moment the window is passed until a quarter of it or less is outstanding; half of one that has grown. */
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
    if (this.#isSpent || this.outstanding < (this.#window?.bytes ?? leastWindow)) return
    this.#isSpent = true
    this.#window?.spent()
  }
  /** Of these the terminal has been sent this many. */
  shown(offset: number): void {
    this.#shown = offset
    this.#window?.sent(offset)
    if (offset > this.#produced) this.produced(offset)
  }
  /** Throws `Failure('ack_beyond_output')` for an offset that was never sent. An older offset than the last says nothing new. */
  acknowledged(offset: number): void {
    if (offset > this.#shown) throw new Failure('ack_beyond_output', `The terminal acknowledged ${offset} bytes of ${this.#shown} that it was sent.`)
    if (offset <= this.#acknowledged) return
    this.#acknowledged = offset
    this.#window?.acknowledged(offset)
    if (this.outstanding <= (this.#window?.againAt ?? leastWindow / 4)) this.#isSpent = false
  }
}
