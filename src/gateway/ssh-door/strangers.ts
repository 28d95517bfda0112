// Who has connected and not signed in: bounded in all and for each address, so that silent connections keep nobody else out. Who finds no place waits a moment in a line.

export const mostStrangers = 100
export const mostStrangersPerSource = 10
/** In line, of one address and in all; nothing is read from them. The oldest gives way to the next. */
export const mostInLinePerSource = 20
const mostInLine = 200
/** A client that means it has agreed on keys by then; one that has not makes room for the next. */
const staleAfterMs = 1000
const lookAgainMs = 250

/** One connection that has not signed in. */
export interface Stranger {
  readonly source: string
  /** When it was given its place, by `performance.now()`; set here. */
  enteredAtMs?: number
  /** Keys are agreed. */
  readonly isOpened: boolean
  /** It has a place. */
  enter(): void
  /** Cut for the sake of others, or turned away. */
  shed(): void
}

export class Strangers {
  readonly #nowMs: () => number
  /** Oldest first. */
  readonly #all = new Set<Stranger>()
  readonly #line = new Set<Stranger>()
  #timer: NodeJS.Timeout | undefined

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs
  }

  /** With a place. */
  get size(): number {
    return this.#all.size
  }
  get inLine(): number {
    return this.#line.size
  }

  /** Gives it a place now or in a moment, if need be that of one which has said nothing for a second: of its own address first. The caller `leave`s it once. */
  come(stranger: Stranger): void {
    if (this.#enters(stranger)) return
    const same = [...this.#line].filter(({ source }) => source === stranger.source)
    const oldest = same.length >= mostInLinePerSource ? same[0] : this.#line.size >= mostInLine ? this.#line.values().next().value : undefined
    if (oldest) {
      this.#line.delete(oldest)
      oldest.shed()
    }
    this.#line.add(stranger)
    this.#timer ??= setInterval(() => this.look(), lookAgainMs)
  }

  /** It has signed in, or is gone. Idempotent. */
  leave(stranger: Stranger): void {
    this.#line.delete(stranger)
    if (this.#all.delete(stranger)) this.look()
  }

  /** Lets in who waits and finds a place by now. */
  look(): void {
    for (const waiting of [...this.#line]) if (this.#line.has(waiting) && this.#enters(waiting)) this.#line.delete(waiting)
    if (this.#line.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** Nobody waits in line any more. */
  close(): void {
    clearInterval(this.#timer)
    const waiting = [...this.#line]
    this.#line.clear()
    for (const each of waiting) each.shed()
  }

  #enters(stranger: Stranger): boolean {
    const same = [...this.#all].filter(({ source }) => source === stranger.source)
    if (same.length >= mostStrangersPerSource && !this.#shedOneOf(same)) return false
    if (this.#all.size >= mostStrangers && !this.#shedOneOf(same) && !this.#shedOneOf([...this.#all])) return false
    stranger.enteredAtMs = this.#nowMs()
    this.#all.add(stranger)
    stranger.enter()
    return true
  }

  #shedOneOf(all: readonly Stranger[]): boolean {
    const stale = all.find((each) => this.#all.has(each) && !each.isOpened && this.#nowMs() - (each.enteredAtMs ?? 0) > staleAfterMs)
    if (!stale) return false
    this.#all.delete(stale)
    stale.shed()
    return true
  }
}
