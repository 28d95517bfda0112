// API tokens: for programs, with at most the rights of whoever made them, as those are at that moment.
import { randomBytes } from 'node:crypto'
import { Failure, isFailure } from '#domain/failure.ts'
import { makeId, TokenId } from '#domain/id.ts'
import { TokenScope, type TokenView } from '#wire/api/second-factor.ts'
import { apiTokenPrefix } from '#wire/api-token.ts'
import { record } from '../audit/ledger.ts'
import { endWithSignIns, type PendingEnd } from '../sessions/end-with-sign-in.ts'
import type { Store, Trx } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'
import { digestOf, makeToken, type Random } from './opaque-token.ts'
import { askerOf, type Identified, slowed, viewOf } from './sign-ins.ts'
import { countSource } from './slowing.ts'

/** Of one person, expired ones too until they are swept. */
export const maxTokens = 50
/** `lastUsedAt` is written at most this often: a busy program must not become a busy disk. */
const usedEveryMs = 60_000
/** Shown as expired for so long, then gone. */
const keptMs = 30 * 24 * 3_600_000

export type IdentifiedToken = Identified & { readonly scopes: readonly TokenScope[] }
type By = { operatorId: string; source: string; requestId?: string }

export class Tokens {
  readonly #store: Store
  readonly #now: () => number
  readonly #random: Random
  readonly #push: (ends: readonly PendingEnd[]) => void
  /** `now` gives ms since the epoch. `push` tells gateways of sessions that end with a token, after the commit. */
  constructor(store: Store, push: (ends: readonly PendingEnd[]) => void, now: () => number = Date.now, random: Random = randomBytes) {
    this.#store = store
    this.#push = push
    this.#now = now
    this.#random = random
  }

  /** The newest first. */
  async list(operatorId: string): Promise<TokenView[]> {
    const rows = await this.#store.db
      .selectFrom('tokens')
      .selectAll()
      .where('operatorId', '=', operatorId)
      .orderBy('createdAt', 'desc')
      .orderBy('id')
      .limit(maxTokens)
      .execute()
    return rows.map(viewToken)
  }

  /** `token` is shown this once; its digest is kept. Throws `conflict` beyond `maxTokens`, `bad_request` for an end that has passed. */
  async create(by: By, made: { name: string; scopes: readonly TokenScope[]; expiresAt?: string | undefined }): Promise<TokenView & { token: string }> {
    const now = this.#now()
    const expiresAt = made.expiresAt === undefined ? null : Date.parse(made.expiresAt)
    if (expiresAt !== null && expiresAt <= now) throw new Failure('bad_request', 'The end has passed already.', { field: 'expiresAt' })
    const token = apiTokenPrefix + makeToken(this.#random)
    const id = makeId(TokenId, 'tk', this.#random(15))
    const scopes = TokenScope.options.filter((scope) => made.scopes.includes(scope))
    const row = {
      id,
      operatorId: by.operatorId,
      name: made.name,
      scopes: JSON.stringify(scopes),
      createdAt: now,
      expiresAt,
      lastUsedAt: null,
      lastSource: null,
    }
    await this.#store.transaction(async (trx) => {
      const { count } = await trx
        .selectFrom('tokens')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('operatorId', '=', by.operatorId)
        .executeTakeFirstOrThrow()
      if (Number(count) >= maxTokens) throw new Failure('conflict', `You have ${maxTokens} tokens already. Remove one first.`)
      await trx
        .insertInto('tokens')
        .values({ ...row, hash: digestOf(token) })
        .execute()
      await record(trx, { code: 'token.created', outcome: 'done', ...byWhom(by), object: id, after: factsOf(row), detail: factsOf(row) }, now)
    })
    return { ...viewToken({ ...row, hash: '' }), token }
  }

  /** With the sessions and watches that were opened with it. Throws `token_not_found`, for another person's too. */
  async remove(by: By, id: string): Promise<void> {
    const ends = await this.#store.transaction(async (trx) => {
      const now = this.#now()
      const row = await trx.deleteFrom('tokens').where('id', '=', id).where('operatorId', '=', by.operatorId).returningAll().executeTakeFirst()
      if (!row) throw new Failure('token_not_found', 'There is no such token (any more).')
      await record(trx, { code: 'token.removed', outcome: 'done', ...byWhom(by), object: id, before: factsOf(row), detail: factsOf(row) }, now)
      const { username } = await trx.selectFrom('operators').select('username').where('id', '=', by.operatorId).executeTakeFirstOrThrow()
      const text = 'The API token that opened this was removed.'
      return endWithSignIns(trx, { signIns: [id], operator: by.operatorId, name: username, source: by.source, text }, now)
    })
    this.#push(ends)
  }

  /**
   * Who asks with this token. Throws `unauthenticated`, alike for one that never was, has expired, was removed, or whose owner is disabled; `sign_in_slowed` when its source has shown too many
   * such. A right one is never slowed: programs and whoever guesses may share an address.
   */
  async identify(token: string, source: string): Promise<IdentifiedToken> {
    const now = this.#now()
    const found = token.length === apiTokenPrefix.length + 43 && token.startsWith(apiTokenPrefix) ? await this.#find(digestOf(token), now) : undefined
    if (!found) {
      const wait = await this.#store.transaction((trx) => countSource(trx, source, now))
      if (wait) throw slowed(wait.retryAfterSeconds)
      throw new Failure('unauthenticated', 'This token is not known (any more).')
    }
    if (now - (found.lastUsedAt ?? 0) >= usedEveryMs) await this.#used(found.tokenId, source, now)
    const scopes = readScopes(found.scopes)
    // What it opens is opened without a second factor: nobody showed one.
    return { asker: await askerOf(this.#store.db, found, false), signInId: found.tokenId, operator: viewOf(found), scopes }
  }

  /** To be called every minute or so. */
  async sweep(): Promise<void> {
    await this.#store.transaction((trx) =>
      trx
        .deleteFrom('tokens')
        .where('expiresAt', '<', this.#now() - keptMs)
        .execute(),
    )
  }

  #find(hash: string, now: number) {
    return holding(this.#store.db, now)
      .select(['tokens.id as tokenId', 'tokens.scopes', 'tokens.lastUsedAt'])
      .where('tokens.hash', '=', hash)
      .executeTakeFirst()
  }

  async #used(id: string, source: string, now: number): Promise<void> {
    try {
      await this.#store.transaction((trx) =>
        trx
          .updateTable('tokens')
          .set({ lastUsedAt: now, lastSource: source.slice(0, 64) })
          .where('id', '=', id)
          .execute(),
      )
    } catch (error) {
      // On a full disk a program must still be able to look and to delete.
      if (!isFailure(error)) throw error
    }
  }
}

/** The operator behind a token as `findSignIn` names one behind a sign-in; `hash` is the token's. Undefined when it has expired or its owner is disabled. */
export function findToken(from: Store['db'] | Trx, id: string, now: number) {
  return holding(from, now).select('tokens.hash').where('tokens.id', '=', id).executeTakeFirst()
}

const holding = (from: Store['db'] | Trx, now: number) =>
  from
    .selectFrom('tokens')
    .innerJoin('operators', 'operators.id', 'tokens.operatorId')
    .selectAll('operators')
    .where('operators.enabled', '=', 1)
    .where(({ eb }) => eb.or([eb('tokens.expiresAt', 'is', null), eb('tokens.expiresAt', '>', now)]))

/** Whether a ticket's `signInId` names a token. */
export const isTokenId = (signInId: string): boolean => signInId.startsWith('tk_')

/** What another program may have written there gives no right. */
const readScopes = (text: string): TokenScope[] => TokenScope.array().safeParse(JSON.parse(text)).data ?? []

function viewToken(row: Row<'tokens'>): TokenView {
  const time = (ms: number) => new Date(ms).toISOString()
  return {
    id: row.id,
    name: row.name,
    scopes: readScopes(row.scopes),
    createdAt: time(row.createdAt),
    ...(row.expiresAt === null ? {} : { expiresAt: time(row.expiresAt) }),
    ...(row.lastUsedAt === null ? {} : { lastUsedAt: time(row.lastUsedAt) }),
    ...(row.lastSource === null ? {} : { lastSource: row.lastSource }),
  }
}

const factsOf = (row: { name: string; scopes: string; expiresAt: number | null }) => ({
  name: row.name,
  scopes: readScopes(row.scopes),
  expiresAt: row.expiresAt === null ? null : new Date(row.expiresAt).toISOString(),
})
const byWhom = ({ operatorId, source, requestId }: By) => ({ operator: operatorId, source, requestId })
