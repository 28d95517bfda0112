// Keys that people sign in with at the SSH door. A key is of one operator: which person it is must not depend on the name that is typed with it.
import { Failure } from '#domain/failure.ts'
import { makeId, OperatorKeyId } from '#domain/id.ts'
import { type PublicKey, readPublicKeyLine } from '#ssh/public-key.ts'
import { maxOperatorKeys, type OperatorKeyView } from '#wire/api/door.ts'
import { record, recordMany } from '../audit/ledger.ts'
import { endWithSignIns, type PendingEnd } from '../sessions/end-with-sign-in.ts'
import type { Store, Trx } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'
import type { Random } from './opaque-token.ts'
import { countSource } from './slowing.ts'

/** Who acts: the operator's id and name, and from where. */
export type KeyBy = { operator: string; name: string; source: string; requestId?: string | undefined }
export type AddKey = Pick<PublicKey, 'type' | 'blob' | 'fingerprint'> & { name?: string | undefined; comment: string; addedBy: 'page' | 'enroll' }
export type OperatorKeyParts = {
  readonly store: Store
  readonly random: Random
  /** Ms since the epoch. */
  now(): number
  /** Tells gateways of sessions that end with a key, after the commit. */
  pushEnds(ends: readonly PendingEnd[]): void
}

const noKey = () => new Failure('operator_key_not_found', 'There is no such key (any more).')

export class OperatorKeys {
  readonly #parts: OperatorKeyParts
  constructor(parts: OperatorKeyParts) {
    this.#parts = parts
  }

  /** The newest first. */
  async list(operator: string): Promise<OperatorKeyView[]> {
    const rows = await this.#parts.store.db
      .selectFrom('operatorKeys')
      .selectAll()
      .where('operatorId', '=', operator)
      .orderBy('createdAt', 'desc')
      .orderBy('id')
      .limit(maxOperatorKeys)
      .execute()
    return rows.map(viewOf)
  }

  /** Throws what `readPublicKeyLine` throws, with the field `line`, `operator_key_known`, `conflict` beyond 50 keys, and `rate_limited` for who tries whose keys are known here. */
  async add(by: KeyBy, given: { line: string; name?: string | undefined }): Promise<OperatorKeyView> {
    const { store, random, now } = this.#parts
    const key = read(given.line)
    const added = await store.transaction(async (trx): Promise<Row<'operatorKeys'> | Failure> => {
      const made = await addKey(trx, { ...key, name: given.name, addedBy: 'page' }, by, random, now())
      if (!(made instanceof Failure) || made.code !== 'operator_key_known') return made
      const wait = await countSource(trx, by.source, now())
      return wait ? new Failure('rate_limited', `Too many tries. Wait ${wait.retryAfterSeconds} s and try again.`, { detail: wait }) : made
    })
    if (added instanceof Failure) throw added
    return viewOf(added)
  }

  /** Sign-ins that came with it end, and what was opened with them. Throws `operator_key_not_found`, for another person's too. */
  async remove(by: KeyBy, given: { key: string; owner: string }): Promise<void> {
    const ends = await this.#parts.store.transaction((trx) => removeKey(trx, given, by, this.#parts.now()))
    this.#parts.pushEnds(ends)
  }
}

/** In the caller's transaction, with its row in the ledger; a failure is returned, since the caller may have to keep what it did. */
export async function addKey(trx: Trx, key: AddKey, by: KeyBy, random: Random, now: number): Promise<Row<'operatorKeys'> | Failure> {
  const known = await trx.selectFrom('operatorKeys').select('id').where('fingerprint', '=', key.fingerprint).executeTakeFirst()
  if (known) return new Failure('operator_key_known', 'This key opens the door already, for you or for somebody else. Use another one.', { field: 'line' })
  const { count } = await trx
    .selectFrom('operatorKeys')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('operatorId', '=', by.operator)
    .executeTakeFirstOrThrow()
  if (Number(count) >= maxOperatorKeys) return new Failure('conflict', `You have ${maxOperatorKeys} keys already. Remove one first.`)
  const { type, fingerprint, addedBy } = key
  const name = key.name ?? (key.comment.trim() || `${type} ${fingerprint.slice(7, 15)}`)
  const id = makeId(OperatorKeyId, 'ok', random(15))
  const row = {
    id,
    operatorId: by.operator,
    name,
    type,
    blob: key.blob.toString('base64'),
    fingerprint,
    addedBy,
    createdAt: now,
    lastUsedAt: null,
    lastSource: null,
  }
  await trx.insertInto('operatorKeys').values(row).execute()
  await record(trx, { code: 'operator_key.added', outcome: 'done', ...actorOf(by), object: id, after: factsOf(row), detail: factsOf(row) }, now)
  return row
}

async function removeKey(trx: Trx, given: { key: string; owner: string }, by: KeyBy, now: number): Promise<PendingEnd[]> {
  const row = await trx.deleteFrom('operatorKeys').where('id', '=', given.key).where('operatorId', '=', given.owner).returningAll().executeTakeFirst()
  if (!row) throw noKey()
  const detail = { ...factsOf(row), owner: given.owner }
  await record(trx, { code: 'operator_key.removed', outcome: 'done', ...actorOf(by), object: row.id, before: factsOf(row), detail }, now)
  const ended = await trx.deleteFrom('signIns').where('keyId', '=', row.id).returning('id').execute()
  const event = { code: 'operator.sign_in_ended', outcome: 'done', ...actorOf(by), object: given.owner, detail: { key: row.id } } as const
  await recordMany(
    trx,
    ended.map(() => event),
    now,
  )
  const text = 'The key that opened this was removed.'
  return endWithSignIns(trx, { signIns: ended.map(({ id }) => id), operator: by.operator, name: by.name, source: by.source, text }, now)
}

function read(line: string): ReturnType<typeof readPublicKeyLine> {
  try {
    return readPublicKeyLine(line)
  } catch (error) {
    if (error instanceof Failure) throw new Failure(error.code, error.message, { field: 'line', cause: error })
    throw error
  }
}

const actorOf = ({ operator, source, requestId }: KeyBy) => ({ operator, source, requestId })
const factsOf = ({ name, type, fingerprint, addedBy }: Pick<Row<'operatorKeys'>, 'name' | 'type' | 'fingerprint' | 'addedBy'>) => ({
  name,
  type,
  fingerprint,
  addedBy,
})

function viewOf(row: Row<'operatorKeys'>): OperatorKeyView {
  const time = (ms: number) => new Date(ms).toISOString()
  const { id, name, type, fingerprint } = row
  return {
    ...{ id, name, type, fingerprint, addedBy: row.addedBy === 'enroll' ? 'enroll' : 'page', createdAt: time(row.createdAt) },
    ...(row.lastUsedAt === null ? {} : { lastUsedAt: time(row.lastUsedAt) }),
    ...(row.lastSource === null ? {} : { lastSource: row.lastSource }),
  }
}
