// Which hosts and accounts somebody sees: administrators all, everybody else what some grant lets them use, now or at other hours and from other places. Seeing is not connecting: each act asks `decide`.
import { isRefusal, decide, missingTime, type Asker, type Question } from '#domain/access.ts'
import type { Grant } from '#domain/grant.ts'
import { grantsOf } from './grant-rows.ts'
import type { Reading } from './named.ts'

export type SeenHost = Pick<NonNullable<Question['asset']>, 'tags'> & { id: string }

/** What the grants of one person name, made for asking about thousands of hosts. */
export class Reach {
  readonly #everywhere = new Names()
  readonly #byAsset = new Map<string, Names>()
  readonly #byTag = new Map<string, Names>()
  /** Whether some grant names single accounts: those of each host have then to be known. */
  readonly namesAccounts: boolean

  /** `grants`: all that name the person. Those that are over, or have yet to begin, show nothing; hours and networks come and go. */
  constructor(grants: readonly Grant[], nowMs: number) {
    const holding = grants.filter(({ terms }) => missingTime(terms, nowMs).every((missing) => missing === 'hours'))
    for (const { assets, tags, terms } of holding) {
      if (assets === 'all') this.#everywhere.add(terms.accounts)
      else for (const asset of assets) namesAt(this.#byAsset, asset).add(terms.accounts)
      for (const tag of tags) namesAt(this.#byTag, tag).add(terms.accounts)
    }
    this.namesAccounts = holding.some(({ terms }) => terms.accounts !== 'all')
  }

  /** Every account of every host. */
  get isWhole(): boolean {
    return this.#everywhere.areAll
  }

  seesAccount(host: SeenHost, username: string): boolean {
    return this.#namesOf(host).some((names) => names.has(username))
  }

  /** `usernames`: the accounts that the host has. One without any is theirs when a grant names the host. */
  sees(host: SeenHost, usernames: readonly string[]): boolean {
    const names = this.#namesOf(host)
    if (names.length === 0) return false
    return usernames.length === 0 || names.some(({ areAll }) => areAll) || usernames.some((username) => names.some((each) => each.has(username)))
  }

  #namesOf(host: SeenHost): Names[] {
    return [this.#everywhere, this.#byAsset.get(host.id), ...host.tags.map((tag) => this.#byTag.get(tag))].filter(
      (names): names is Names => names?.isEmpty === false,
    )
  }
}

/** Names of accounts, or all of them. */
class Names {
  areAll = false
  readonly #names = new Set<string>()
  add(accounts: 'all' | readonly string[]): void {
    if (accounts === 'all') this.areAll = true
    else for (const account of accounts) this.#names.add(account)
  }
  has = (username: string): boolean => this.areAll || this.#names.has(username)
  get isEmpty(): boolean {
    return !this.areAll && this.#names.size === 0
  }
}

function namesAt(map: Map<string, Names>, key: string): Names {
  const names = map.get(key) ?? new Names()
  map.set(key, names)
  return names
}

/** Who looks, and what they see: `all` with everything that is the administrator's business. */
export type Viewer = { operator: string; sight: 'all' | Reach }

export async function viewerOf(from: Reading, asker: Asker, nowMs: number): Promise<Viewer> {
  const isAdministrator = !isRefusal(decide({ operator: asker, action: 'administer', door: 'web', source: '' }, [], nowMs))
  return { operator: asker.id, sight: isAdministrator ? 'all' : new Reach(asker.enabled ? await grantsOf(from, asker) : [], nowMs) }
}
