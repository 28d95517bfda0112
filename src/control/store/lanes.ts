// Who may run a transaction now. Side by side while they do not meet; one that met another runs again alone, so that it meets nobody of this process and the crowd ends.
import { Failure } from '#domain/failure.ts'

type Waiting = { alone: boolean; start: () => void }

/** Beyond what one control can do in half a minute; more are refused with `rate_limited`. */
const maxWaiting = 2000

export class Lanes {
  readonly #width: number
  #running = 0
  #isOneAlone = false
  readonly #waiting: Waiting[] = []
  /** `width` transactions run side by side. */
  constructor(width: number) {
    this.#width = width
  }

  /** Runs `work` when its turn comes, first come first served; `alone` waits until nothing else runs. */
  async run<T>(alone: boolean, work: () => Promise<T>): Promise<T> {
    if (this.#waiting.length >= maxWaiting) throw new Failure('rate_limited', 'The database is busy. Try again in a moment.')
    await new Promise<void>((resolve) => {
      this.#waiting.push({ alone, start: resolve })
      this.#admit()
    })
    try {
      return await work()
    } finally {
      this.#running -= 1
      this.#isOneAlone = false
      this.#admit()
    }
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      // Nobody passes the first in the row: otherwise one that wants to be alone would wait forever.
      if (next.alone ? this.#running > 0 : this.#isOneAlone || this.#running >= this.#width) return
      this.#waiting.shift()
      this.#running += 1
      this.#isOneAlone = next.alone
      next.start()
    }
  }
}
