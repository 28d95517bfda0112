// How far a receiver outside has been told, and whether it can be told at all. Changes of that are said in the ledger, once each.
import { plainText } from './plain-text.ts'
import { record } from './ledger.ts'
import type { Store, Trx } from '../store/open-store.ts'

/** Attempts that fail one after the other before it is said: the first may be a receiver that is being restarted. */
export const failuresBeforeSaid = 3
/** A receiver that comes and goes does not fill the ledger that it is sent. */
const saidAtMostEveryMs = 60_000

/** Of one receiver; `name` stands in the ledger and on the page, so it holds no secret. */
export class Sink {
  readonly name: string
  readonly #store: Store
  readonly #now: () => number
  #failures = 0
  constructor(store: Store, name: string, now: () => number) {
    this.name = name
    this.#store = store
    this.#now = now
  }

  /** Attempts that have failed since the last that did not. */
  get failures(): number {
    return this.#failures
  }

  /** The last number that it is known to have; 0 for a new one. */
  async sentNumber(): Promise<number> {
    return (await rowOf(this.#store.db, this.name))?.sentNumber ?? 0
  }

  /** Moves the cursor, also backwards when the ledger itself went back. */
  async delivered(sentNumber: number): Promise<void> {
    this.#failures = 0
    await this.#write(async (trx, at, before) => {
      const next = { sentNumber, lastAt: at, failure: null }
      if (before?.failure == null) return next
      await record(trx, { code: 'audit.forwarding_resumed', outcome: 'done', object: this.name, detail: { number: sentNumber } }, at)
      return { ...next, saidAt: at }
    })
  }

  /** `why`: words without secrets; said from the `saidFrom`th failure in a row. Resolves with whether it was said now. */
  async failed(why: string, saidFrom = failuresBeforeSaid): Promise<boolean> {
    this.#failures += 1
    if (this.#failures < saidFrom) return false
    const failure = plainText(why, 300)
    let isSaid = false
    await this.#write(async (trx, at, before) => {
      isSaid = false
      if (before?.failure != null || at - (before?.saidAt ?? -Infinity) < saidAtMostEveryMs) return undefined
      isSaid = true
      await record(
        trx,
        { code: 'audit.forwarding_failed', outcome: 'failed', object: this.name, detail: { why: failure, number: before?.sentNumber ?? 0 } },
        at,
      )
      return { failure, saidAt: at }
    })
    return isSaid
  }

  #write(change: (trx: Trx, at: number, before: SinkRow | undefined) => Promise<Partial<SinkRow> | undefined>): Promise<void> {
    return this.#store.transaction(async (trx) => {
      const before = await rowOf(trx, this.name)
      const next = await change(trx, this.#now(), before)
      if (next === undefined) return
      if (before) await trx.updateTable('auditSinks').set(next).where('name', '=', this.name).execute()
      else
        await trx
          .insertInto('auditSinks')
          .values({ sentNumber: 0, lastAt: null, failure: null, saidAt: null, ...next, name: this.name })
          .execute()
    })
  }
}

type SinkRow = { name: string; sentNumber: number; lastAt: number | null; failure: string | null; saidAt: number | null }
const rowOf = (db: Pick<Trx, 'selectFrom'>, name: string): Promise<SinkRow | undefined> =>
  db.selectFrom('auditSinks').selectAll().where('name', '=', name).executeTakeFirst()
