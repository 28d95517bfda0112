// Who types now, over all connections of this process: floods of others give way to them.
/** Between two keys of somebody who types slowly. */
const stillMs = 500

type Press = { by: number; atMs: number }

export class Typing {
  readonly #nowMs: () => number
  #last: Press = { by: 0, atMs: -Infinity }
  /** The last one by somebody else than who typed last. */
  #lastOther: Press = this.#last
  #given = 0

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** A name for a connection. */
  join(): number {
    this.#given += 1
    return this.#given
  }

  typed(by: number): void {
    if (by !== this.#last.by) this.#lastOther = this.#last
    this.#last = { by, atMs: this.#nowMs() }
  }

  /** Whether anybody else has typed within the last half second. */
  othersType(me: number): boolean {
    const { atMs } = this.#last.by === me ? this.#lastOther : this.#last
    return this.#nowMs() - atMs < stillMs
  }
}

export const typing = new Typing(() => performance.now())
