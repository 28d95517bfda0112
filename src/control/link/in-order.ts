// Work of one link: in order for each session (a block before the one after it, the end after the last block), side by side for different ones, and never more at once than the bound.

/** What is under way or waiting on one link. At `full` the socket is not read until half of it is done: the gateway's own bounds (64 asks, 16 blocks) lie below. */
export const maxUnderWay = 128
/** A block is at most 2 MiB, and a gateway sends 2 MiB at once: this bounds one that does not keep to it. */
export const maxUnderWayBytes = 16 * 1024 * 1024

export class InOrder {
  readonly #tails = new Map<string, Promise<void>>()
  #underWay = 0
  #bytes = 0
  readonly #onFull: () => void
  readonly #onRoom: () => void
  #full = false

  constructor(onFull: () => void, onRoom: () => void) {
    this.#onFull = onFull
    this.#onRoom = onRoom
  }

  /** Runs `work` after everything given earlier under the same key; it holds `bytes` until it is done. `work` must not reject: it answers its own failures. */
  run(key: string, bytes: number, work: () => Promise<void>): void {
    this.#underWay += 1
    this.#bytes += bytes
    if ((this.#underWay >= maxUnderWay || this.#bytes >= maxUnderWayBytes) && !this.#full) {
      this.#full = true
      this.#onFull()
    }
    const before = this.#tails.get(key)
    const tail = (before ? before.then(work) : work()).finally(() => {
      this.#underWay -= 1
      this.#bytes -= bytes
      if (this.#tails.get(key) === tail) this.#tails.delete(key)
      if (this.#full && this.#underWay <= maxUnderWay / 2 && this.#bytes <= maxUnderWayBytes / 2) {
        this.#full = false
        this.#onRoom()
      }
    })
    this.#tails.set(key, tail)
  }

  /** Resolves when all that was given so far is done. */
  async settled(): Promise<void> {
    await Promise.all(this.#tails.values())
  }
}
