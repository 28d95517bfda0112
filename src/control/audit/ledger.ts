// The ledger: what happened, by whom, to what. A row stands in the transaction of the act itself, so that there is neither an act without its row nor a row without its act.
import type { AuditCode, AuditEvent } from '#domain/audit-event.ts'
import { isFailure } from '#domain/failure.ts'
import type { Store, Trx } from '../store/open-store.ts'
import { plainJson, plainText } from './plain-text.ts'

/** Longer names of operators, objects and sources are cut. */
const maxColumnLength = 300
const rowsAtOnce = 500

/** Inserts one row in the caller's transaction and returns its `seq`. `at` is ms since the epoch. Text is escaped and bounded here; the caller keeps secrets out of it. */
export async function record(trx: Trx, event: AuditEvent, at: number): Promise<number> {
  const row = await trx.insertInto('audit').values(rowOf(event, at)).returning('seq').executeTakeFirstOrThrow()
  return row.seq
}

/** Many rows in their order, some hundred with each statement: acts on a thousand things must not hold a transaction open for a thousand round trips. */
export async function recordMany(trx: Trx, events: readonly AuditEvent[], at: number): Promise<void> {
  for (let from = 0; from < events.length; from += rowsAtOnce)
    await trx
      .insertInto('audit')
      .values(events.slice(from, from + rowsAtOnce).map((event) => rowOf(event, at)))
      .execute()
}

function rowOf(event: AuditEvent, at: number) {
  const column = (text: string | undefined) => (text === undefined ? null : plainText(text, maxColumnLength))
  return {
    at,
    code: event.code,
    outcome: event.outcome,
    operator: column(event.operator),
    object: column(event.object),
    source: column(event.source),
    detail: event.detail === undefined ? null : plainJson(event.detail),
    requestId: column(event.requestId),
    before: null,
    after: null,
  }
}

/** One row in a transaction of its own: for refusals, whose transaction was undone. */
export const recordAlone = (store: Store, event: AuditEvent, at: number): Promise<number> => store.transaction((trx) => record(trx, event, at))

/** Writes that an act on the world is about to happen; to be awaited before it. Returns what `recordOutcome` names. */
export const recordIntent = (store: Store, event: Omit<AuditEvent, 'outcome'>, at: number): Promise<number> =>
  recordAlone(store, { ...event, outcome: 'intent' }, at)

/** Writes how the act ended that `intent` announced. */
export function recordOutcome(store: Store, intent: number, event: AuditEvent, at: number): Promise<number> {
  return recordAlone(store, { ...event, detail: { ...event.detail, intent } }, at)
}

/** Does an act on the world between its two rows. A failure is written as `failed` with its code, then thrown on. */
export async function withLedger<T>(store: Store, event: Omit<AuditEvent, 'outcome'>, now: () => number, act: () => Promise<T>): Promise<T> {
  const intent = await recordIntent(store, event, now())
  try {
    const result = await act()
    await recordOutcome(store, intent, { ...event, outcome: 'done' }, now())
    return result
  } catch (error) {
    const failure = isFailure(error) ? error.code : 'internal'
    await recordOutcome(store, intent, { ...event, outcome: 'failed', detail: { ...event.detail, failure } }, now())
    throw error
  }
}

export type LedgerRow = {
  seq: number
  at: number
  code: string
  outcome: string
  operator: string | null
  object: string | null
  source: string | null
  detail: string | null
  requestId: string | null
  before: string | null
  after: string | null
}

/** Rows in their order, oldest first, from `afterSeq` on; at most `limit` (1000). */
export function listLedger(
  from: Store['db'] | Trx,
  query: { code?: AuditCode; object?: string; afterSeq?: number; limit?: number } = {},
): Promise<LedgerRow[]> {
  let rows = from
    .selectFrom('audit')
    .selectAll()
    .where('seq', '>', query.afterSeq ?? 0)
  if (query.code !== undefined) rows = rows.where('code', '=', query.code)
  if (query.object !== undefined) rows = rows.where('object', '=', query.object)
  return rows
    .orderBy('seq')
    .limit(Math.min(query.limit ?? 1000, 1000))
    .execute()
}
