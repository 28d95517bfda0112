// Access that time ends or changes, without anybody's act: looked for by the clock.
import { GrantTerms } from '#domain/grant.ts'
import { holdsAt } from '#domain/weekly-hours.ts'
import type { PendingEnd } from '../sessions/end-with-sign-in.ts'
import type { Store } from '../store/open-store.ts'
import type { Where } from '../store/row-types.ts'
import { decideAgain, endForbidden, livingSessions } from './enforce.ts'
import { maxGrants } from './grant-rows.ts'

/** How often `turn` is to be called, in ms: an end that has come is true within 5 s also where no gateway knew of it. */
export const turnEveryMs = 1_000
/** Gateways know the ends and need no order; whoever did not end by then is told to. */
const ownEndMs = 1_500
/** How often hours and first days are looked at: they begin and end with the minute. */
const lookEveryMs = 5_000

/** What is neither time nor a second factor: rows that were changed while control was away. */
const text = 'Your access to this host was changed.'

export class PassingTime {
  readonly #store: Store
  readonly #now: () => number
  readonly #push: (ends: readonly PendingEnd[]) => void
  /** Whether the times of each grant that has any hold, as of the last look; undefined before the first. */
  #held: ReadonlyMap<string, boolean> | undefined
  #lookedAt = -Infinity

  /** `push` tells gateways after the commit. */
  constructor(store: Store, now: () => number, push: (ends: readonly PendingEnd[]) => void) {
    this.#store = store
    this.#now = now
    this.#push = push
  }

  /** Ends, or lets go on, the sessions whose end has come; and decides again about all where the times of a grant have begun or ceased to hold, as they may while control was away. */
  async turn(): Promise<void> {
    const now = this.#now()
    const held = now - this.#lookedAt < lookEveryMs && now >= this.#lookedAt ? undefined : await this.#timesThatHold(now)
    const isFirst = this.#held === undefined
    const hasChanged = held !== undefined && (isFirst || [...held].some(([id, holds]) => this.#held?.get(id) !== holds))
    if (hasChanged) this.#push(await this.#store.transaction((trx) => endForbidden(trx, { text }, now)))
    else if ((await livingSessions(this.#store.db, now - ownEndMs)).length > 0)
      this.#push(await this.#store.transaction(async (trx) => decideAgain(trx, await livingSessions(trx, now - ownEndMs), { text }, now)))
    // Only now: what failed is to be looked at again.
    if (held === undefined) return
    this.#held = held
    this.#lookedAt = now
  }

  async #timesThatHold(now: number): Promise<ReadonlyMap<string, boolean>> {
    // A quote within a text of JSON is escaped, so these are names of fields: of the terms, or of their hours.
    const timed = (eb: Where<'grants'>) => eb.or(['from', 'until', 'hours'].map((field) => eb('terms', 'like', `%"${field}":%`)))
    const grants = await this.#store.db.selectFrom('grants').select(['id', 'terms']).where(timed).limit(maxGrants).execute()
    return new Map(grants.map(({ id, terms }) => [id, holds(GrantTerms.parse(JSON.parse(terms)), now)]))
  }
}

const holds = ({ from, until, hours }: GrantTerms, now: number): boolean =>
  (from === undefined || now >= Date.parse(from)) && (until === undefined || now < Date.parse(until)) && (hours === undefined || holdsAt(hours, now))
