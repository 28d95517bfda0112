// One request, as the routes see it: who asks, from where, and where the cookie of the answer goes.
import { Failure } from '#domain/failure.ts'
import type { TokenScope } from '#wire/api/second-factor.ts'
import type { Identified } from '../sign-in/sign-ins.ts'
import type { Actor } from './desks.ts'
import type { RouteScope } from './route-scopes.ts'

/** By a cookie, or by an API token with its scopes. */
export type Me = Identified &
  ({ readonly cookie: string; readonly scopes?: undefined } | { readonly cookie?: undefined; readonly scopes: readonly TokenScope[] })

export class Call {
  /** The person's address, as the gateway that took the connection says. */
  readonly source: string
  /** Names this request in the ledger and in the log. */
  readonly requestId: string
  /** Whether the person came over TLS. */
  readonly secure: boolean
  readonly agent: string
  /** Aborted when the asking side goes away. */
  readonly signal: AbortSignal
  readonly #me: Me | undefined
  /** What the answer does with the cookie: a new token, `null` to clear it, undefined to leave it. */
  cookie: string | null | undefined = undefined

  constructor(facts: { source: string; requestId: string; secure: boolean; agent: string; signal: AbortSignal; me: Me | undefined }) {
    this.source = facts.source
    this.requestId = facts.requestId
    this.secure = facts.secure
    this.agent = facts.agent
    this.signal = facts.signal
    this.#me = facts.me
  }

  /** Throws `unauthenticated`. */
  get me(): Me {
    if (!this.#me) throw new Failure('unauthenticated', 'Sign in first.')
    return this.#me
  }

  /** The cookie of the sign-in that holds, if there is one. */
  get shownCookie(): string | undefined {
    return this.#me?.cookie
  }

  /** Throws `token_not_allowed` when an API token asks whose scopes do not reach so far; `person` is for nobody's token. */
  needScope(scope: RouteScope): void {
    const scopes = this.#me?.scopes
    if (scopes === undefined || (scope !== 'person' && scopes.includes(scope))) return
    const why = scope === 'person' ? 'This is for people who are signed in, not for API tokens.' : `This API token has not the scope ${scope}.`
    throw new Failure('token_not_allowed', why)
  }

  get actor(): Actor {
    return { operator: this.me.asker, source: this.source, requestId: this.requestId }
  }
}
