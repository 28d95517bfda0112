// The rules that deny, as gateways are told of them: read by the clock, so that every control of a database comes to the same.
import type { DenyRule } from '#domain/command-rule.ts'
import type { Store } from '../store/open-store.ts'
import { readRules } from './rule-rows.ts'

/** A change is in force at most so much later, and the time between two beats. */
export const readDenyEveryMs = 5000

export class DenyRules {
  readonly #store: Store
  current: readonly DenyRule[] = []

  constructor(store: Store) {
    this.#store = store
  }

  async refresh(): Promise<void> {
    const rules = await readRules(this.#store.db)
    this.current = rules.filter(({ effect, enabled }) => enabled && effect === 'deny').map(({ name, match, pattern }) => ({ name, match, pattern }))
  }
}
