// Ledger rows about what gateways were refused, bounded: whoever reaches the socket could otherwise fill the ledger.
import { recordAlone } from '../audit/ledger.ts'
import type { Store } from '../store/open-store.ts'

const perMinute = 30

export class Refusals {
  readonly #store: Store
  readonly #now: () => number
  readonly #log: (event: string, facts: Record<string, unknown>) => void
  #minute = 0
  #written = 0
  #unwritten = 0
  #last: Promise<void> = Promise.resolve()

  constructor(store: Store, now: () => number, log: (event: string, facts: Record<string, unknown>) => void) {
    this.#store = store
    this.#now = now
    this.#log = log
  }

  /** Resolves when the row is written; never rejects. At most 30 rows a minute; the next row after a flood says how many were left out. */
  note(gateway: string | undefined, why: string, object: string | undefined = gateway): Promise<void> {
    const now = this.#now()
    return this.within((unwritten) => {
      const detail = { gateway, why, ...(unwritten > 0 ? { unwritten } : {}) }
      return recordAlone(this.#store, { code: 'gateway.refused', outcome: 'refused', object, detail }, now)
    })
  }

  /** Runs `write` within the same bound, after those before it; left out when the minute is full. */
  within(write: (unwritten: number) => Promise<unknown>): Promise<void> {
    const minute = Math.floor(this.#now() / 60_000)
    if (minute !== this.#minute) [this.#minute, this.#written] = [minute, 0]
    if (this.#written >= perMinute) {
      this.#unwritten += 1
      return Promise.resolve()
    }
    this.#written += 1
    const unwritten = this.#unwritten
    this.#unwritten = 0
    this.#last = this.#last.then(async () => {
      try {
        await write(unwritten)
      } catch (error) {
        this.#log('ledger.failed', { error })
      }
    })
    return this.#last
  }

  /** All rows noted so far are written. */
  settled(): Promise<void> {
    return this.#last
  }
}
