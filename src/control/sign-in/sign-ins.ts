// Sign-ins live on the server: the browser holds 256 random bits, the database their digest. Ending one here ends it everywhere at once.
import { randomBytes } from 'node:crypto'
import type { Asker } from '#domain/access.ts'
import { Failure, isFailure } from '#domain/failure.ts'
import { Role } from '#domain/operator.ts'
import type { Secret } from '#domain/secret.ts'
import type { OperatorView } from '#wire/api/people.ts'
import { groupsOf } from '../access/grant-rows.ts'
import { record } from '../audit/ledger.ts'
import { plainText } from '../audit/plain-text.ts'
import { endWithSignIns, type PendingEnd } from '../sessions/end-with-sign-in.ts'
import type { Store, Trx } from '../store/open-store.ts'
import { digestOf, makeToken, type Random, shownId } from './opaque-token.ts'
import { languageOf } from './door-texts.ts'
import type { Passwords } from './passwords.ts'
import { countTry, forgiveTry, sweepTries } from './slowing.ts'

export const signInMaxMs = 12 * 3_600_000
export const signInIdleMs = 2 * 3_600_000
/** `lastSeenAt` is written at most this often: a busy page must not become a busy disk. */
const seenEveryMs = 60_000
/** Of one operator; the oldest ends when there is one more. */
export const maxSignInsPerOperator = 50

/** `source` is the address that asks, `agent` the browser's own name. */
export type From = { source: string; agent: string }
export type SignedIn = { cookie: string; signInId: string; /** ms since the epoch */ expiresAt: number; operator: OperatorView }
export type Identified = { asker: Asker; signInId: string; operator: OperatorView }
export type OperatorRow = {
  id: string
  username: string
  name: string
  role: string
  mayWatch: number
  enabled: number
  passwordHash: string
  language: string | null
}
/** An operator by a sign-in. `secondFactorAt`: when it showed a second factor, null when it has not. */
export type SignedInRow = OperatorRow & { lastSeenAt: number; secondFactorAt: number | null; door: string; gatewayId: string | null }

export class SignIns {
  readonly #store: Store
  readonly #passwords: Passwords
  readonly #now: () => number
  readonly #random: Random
  readonly #push: (ends: readonly PendingEnd[]) => void
  /** `now` gives ms since the epoch. `push` tells gateways of sessions and watches that end with a sign-in, after the commit. */
  constructor(
    store: Store,
    passwords: Passwords,
    now: () => number = Date.now,
    random: Random = randomBytes,
    push: (ends: readonly PendingEnd[]) => void = () => undefined,
  ) {
    this.#store = store
    this.#passwords = passwords
    this.#now = now
    this.#random = random
    this.#push = push
  }

  /** Begins a sign-in for an operator who has just proved who they are; `secondFactorAt` when they have shown a second factor too. The ledger row is the caller's. */
  async begin(trx: Trx, operator: OperatorRow, from: From & { secondFactorAt?: number }): Promise<SignedIn> {
    const now = this.#now()
    const cookie = makeToken(this.#random)
    const id = digestOf(cookie)
    const expiresAt = now + signInMaxMs
    const facts = { source: plainText(from.source, 64), agent: plainText(from.agent, 256) }
    await trx
      .insertInto('signIns')
      .values({ id, operatorId: operator.id, createdAt: now, lastSeenAt: now, expiresAt, ...facts, secondFactorAt: from.secondFactorAt ?? null })
      .execute()
    await trx.updateTable('operators').set({ lastSignInAt: now }).where('id', '=', operator.id).execute()
    const surplus = await trx
      .selectFrom('signIns')
      .select('id')
      .where('operatorId', '=', operator.id)
      // A loop of ssh connections must not sign its browser out.
      .where('door', '=', 'web')
      .orderBy('createdAt', 'desc')
      .orderBy('id')
      .offset(maxSignInsPerOperator)
      .limit(100)
      .execute()
    const ended = surplus.map((row) => row.id).filter((other) => other !== id)
    if (ended.length > 0) await trx.deleteFrom('signIns').where('id', 'in', ended).execute()
    return { cookie, signInId: id, expiresAt, operator: viewOf(operator) }
  }

  /** Who holds this cookie; undefined when it is unknown, has expired, was idle for 2 h, or its operator is disabled. */
  async identify(cookie: string): Promise<Identified | undefined> {
    if (cookie.length !== 43) return undefined
    const now = this.#now()
    const signInId = digestOf(cookie)
    const found = await findSignIn(this.#store.db, signInId, now)
    if (!found || found.door !== 'web') return undefined
    if (now - found.lastSeenAt >= seenEveryMs) await this.#seen(signInId, now)
    return { asker: await askerOf(this.#store.db, found, found.secondFactorAt !== null), signInId, operator: viewOf(found) }
  }

  /** Ends the sign-in at once, and the sessions and watches that were opened from it. An unknown cookie is no error: it is ended already. */
  async signOut(cookie: string, source: string): Promise<void> {
    const now = this.#now()
    const id = digestOf(cookie)
    this.#push(await this.#store.transaction((trx) => this.#end(trx, { id, source, text: 'You signed out.' }, now)))
  }

  /** The same to the cookie that a browser had before it signed in anew, in that transaction; returns what to push. */
  endReplaced(trx: Trx, cookie: string, source: string): Promise<PendingEnd[]> {
    return this.#end(trx, { id: digestOf(cookie), source, text: 'You signed in again with this browser.' }, this.#now())
  }

  /** Ends all of the operator's but this one, with what was opened from them, in the transaction of a change of how they sign in. Returns what to push. */
  async endOthersWithin(
    trx: Trx,
    given: { operatorId: string; name: string; signInId: string; source: string; text: string },
  ): Promise<{ ends: PendingEnd[]; count: number }> {
    const { operatorId, name, source, text } = given
    const others = await trx.deleteFrom('signIns').where('operatorId', '=', operatorId).where('id', '!=', given.signInId).returning('id').execute()
    const signIns = others.map((row) => row.id)
    return { ends: await endWithSignIns(trx, { signIns, operator: operatorId, name, source, text }, this.#now()), count: signIns.length }
  }

  /** Ends one of the operator's own, named by its `shownId`. Throws `not_found`. */
  async endOwn(given: { operatorId: string; id: string; source: string }): Promise<void> {
    const now = this.#now()
    const text = 'This sign-in was ended from another browser.'
    const ends = await this.#store.transaction(async (trx) => {
      const own = await trx.selectFrom('signIns').select('id').where('operatorId', '=', given.operatorId).execute()
      const found = own.find(({ id }) => shownId(id) === given.id)
      if (!found) throw new Failure('not_found', 'There is no such sign-in (any more).')
      return this.#end(trx, { id: found.id, source: given.source, text, code: 'operator.sign_in_ended' }, now)
    })
    this.#push(ends)
  }

  /** Ends all of the operator's but the one that asks; returns how many. */
  async endOthers(given: { operatorId: string; signInId: string; source: string }): Promise<number> {
    const now = this.#now()
    const text = 'This sign-in was ended from another browser.'
    const { ends, count } = await this.#store.transaction(async (trx) => {
      const others = await trx.selectFrom('signIns').select('id').where('operatorId', '=', given.operatorId).where('id', '!=', given.signInId).execute()
      const pending: PendingEnd[] = []
      for (const { id } of others) pending.push(...(await this.#end(trx, { id, source: given.source, text, code: 'operator.sign_in_ended' }, now)))
      return { ends: pending, count: others.length }
    })
    this.#push(ends)
    return count
  }

  async #end(
    trx: Trx,
    { id, source, text, code = 'operator.signed_out' }: { id: string; source: string; text: string; code?: 'operator.signed_out' | 'operator.sign_in_ended' },
    now: number,
  ): Promise<PendingEnd[]> {
    const ended = await trx.deleteFrom('signIns').where('id', '=', id).returning('operatorId').executeTakeFirst()
    if (!ended) return []
    await record(trx, { code, outcome: 'done', operator: ended.operatorId, source }, now)
    const { username } = await trx.selectFrom('operators').select('username').where('id', '=', ended.operatorId).executeTakeFirstOrThrow()
    return endWithSignIns(trx, { signIns: [id], operator: ended.operatorId, name: username, source, text }, now)
  }

  /** Changes one's own password and ends every other sign-in of the operator, with the sessions and watches that were opened from them; returns how many. Throws `sign_in_failed` when `current` is wrong, `password_too_weak`, `sign_in_slowed`. */
  async changePassword(given: { operatorId: string; signInId: string; current: Secret; next: Secret; source: string }): Promise<number> {
    const { operatorId, source } = given
    this.#passwords.refuseOversize(given.current)
    this.#passwords.refuseWhenFull()
    const { operator, counted } = await this.#store.transaction(async (trx) => {
      const row = await trx.selectFrom('operators').selectAll().where('id', '=', operatorId).where('enabled', '=', 1).executeTakeFirst()
      if (!row) throw new Failure('unauthenticated', 'Sign in again.')
      return { operator: row, counted: await countTry(trx, { username: row.username, source, now: this.#now() }) }
    })
    if ('retryAfterSeconds' in counted) throw slowed(counted.retryAfterSeconds)
    if (!(await this.#passwords.isRight(operator.passwordHash, given.current))) {
      const detail = { why: 'wrong password' }
      await this.#store.transaction((trx) =>
        record(trx, { code: 'operator.password_changed', outcome: 'refused', operator: operatorId, source, detail }, this.#now()),
      )
      throw new Failure('sign_in_failed', 'The present password is wrong.', { field: 'current' })
    }
    const passwordHash = await this.#passwords.hash(given.next, operator.username)
    const { ends, count } = await this.#store.transaction(async (trx) => {
      const changed = await trx
        .updateTable('operators')
        .set({ passwordHash })
        .where('id', '=', operatorId)
        .where('passwordHash', '=', operator.passwordHash)
        .returning('id')
        .executeTakeFirst()
      if (!changed) throw new Failure('conflict', 'The password was changed meanwhile. Sign in again.')
      await forgiveTry(trx, counted, this.#now())
      await record(trx, { code: 'operator.password_changed', outcome: 'done', operator: operatorId, source }, this.#now())
      const text = 'The password was changed, so what was opened with the old one ends.'
      return this.endOthersWithin(trx, { operatorId, name: operator.username, signInId: given.signInId, source, text })
    })
    this.#push(ends)
    return count
  }

  /** Deletes ended sign-ins and forgotten tries; to be called every minute or so. */
  async sweep(): Promise<void> {
    const now = this.#now()
    await this.#store.transaction(async (trx) => {
      await trx
        .deleteFrom('signIns')
        .where((row) => row.or([row('expiresAt', '<=', now), row.and([row('door', '=', 'web'), row('lastSeenAt', '<=', now - signInIdleMs)])]))
        .execute()
      await sweepTries(trx, now)
    })
  }

  async #seen(id: string, now: number): Promise<void> {
    try {
      await this.#store.transaction((trx) => trx.updateTable('signIns').set({ lastSeenAt: now }).where('id', '=', id).where('lastSeenAt', '<', now).execute())
    } catch (error) {
      // Whoever is signed in must be able to look and to delete on a full disk; not seeing them costs at most an early sign-out.
      if (!isFailure(error)) throw error
    }
  }
}

/** The operator of a sign-in that holds at `now`. One of an ssh client is not idle while its connection lives: it holds for `signInMaxMs` at the most. */
export function findSignIn(from: Store['db'] | Trx, signInId: string, now: number): Promise<SignedInRow | undefined> {
  return from
    .selectFrom('signIns')
    .innerJoin('operators', 'operators.id', 'signIns.operatorId')
    .selectAll('operators')
    .select(['signIns.lastSeenAt', 'signIns.secondFactorAt', 'signIns.door', 'signIns.gatewayId'])
    .where('signIns.id', '=', signInId)
    .where('signIns.expiresAt', '>', now)
    .where((row) => row.or([row('signIns.door', '=', 'ssh'), row('signIns.lastSeenAt', '>', now - signInIdleMs)]))
    .where('operators.enabled', '=', 1)
    .executeTakeFirst()
}

/** With the groups of this moment. */
export async function askerOf(from: Store['db'] | Trx, row: OperatorRow, secondFactor: boolean): Promise<Asker> {
  const groups = await groupsOf(from, row.id)
  const { id, username: name, role } = row
  return { id: id as Asker['id'], name, role: Role.parse(role), enabled: row.enabled === 1, mayWatch: row.mayWatch === 1, groups, secondFactor }
}

export function viewOf(row: OperatorRow): OperatorView {
  const language = languageOf(row.language)
  const { id, username, name } = row
  return { id, username, name, role: Role.parse(row.role), mayWatch: row.mayWatch === 1, ...(language ? { language } : {}) }
}

export function slowed(retryAfterSeconds: number): Failure {
  return new Failure('sign_in_slowed', `Too many tries. Wait ${retryAfterSeconds} s and try again.`, { detail: { retryAfterSeconds } })
}
