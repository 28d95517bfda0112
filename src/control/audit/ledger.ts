// The ledger: what happened, by whom, to what. A row stands in the transaction of the act itself, so that there is neither an act without its row nor a row without its act.
import type { AuditCode, AuditEvent } from '#domain/audit-event.ts'
import { isFailure } from '#domain/failure.ts'
import type { Store, Trx } from '../store/open-store.ts'
import { digestOfFacts } from './digest.ts'
import { lostIntents, noteIntents, takeIntents } from './intents.ts'
import { plainJson, plainText } from './plain-text.ts'
import { presentRequest } from './request-scope.ts'

/** Longer names of operators, objects and sources are cut. */
const maxColumnLength = 300
const rowsAtOnce = 500

/**
 * Inserts one row in the caller's transaction and returns its `seq`. `at` is ms since the epoch: the order is that of `seq`, whatever the clock does. Text is escaped and bounded
 * here, `before` and `after` become digests, an outcome names its intent; the caller keeps secrets out of it.
 */
export async function record(trx: Trx, event: AuditEvent, at: number): Promise<number> {
  const intent = event.outcome === 'intent' ? undefined : await takeIntents(trx, event)
  const told = intent === undefined || event.detail?.['intent'] !== undefined ? event : { ...event, detail: { ...event.detail, intent } }
  const row = await trx.insertInto('audit').values(rowOf(told, at)).returning('seq').executeTakeFirstOrThrow()
  if (event.outcome === 'intent') await noteIntents(trx, [{ seq: row.seq, event }])
  return row.seq
}

/** Many rows in their order, some hundred with each statement: acts on a thousand things must not hold a transaction open for a thousand round trips. */
export async function recordMany(trx: Trx, events: readonly AuditEvent[], at: number): Promise<void> {
  for (let from = 0; from < events.length; from += rowsAtOnce) {
    const some = events.slice(from, from + rowsAtOnce)
    const rows = await trx
      .insertInto('audit')
      .values(some.map((event) => rowOf(event, at)))
      .returning(['seq', 'outcome', 'code', 'object'])
      .execute()
    const intents = rows.filter(({ outcome }) => outcome === 'intent')
    await noteIntents(
      trx,
      intents.map(({ seq, code, object }) => ({ seq, event: { code: code as AuditCode, outcome: 'intent', object: object ?? undefined } })),
    )
  }
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
    requestId: column(event.requestId ?? presentRequest()),
    before: digestOfFacts(event.before),
    after: digestOfFacts(event.after),
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

/** At a start: a row `unknown` for each intent of the run before whose outcome nobody will tell. Returns how many. */
export async function closeLostIntents(store: Store, at: number): Promise<number> {
  for (let closed = 0; ;) {
    const found = await store.transaction(async (trx) => {
      const lost = await lostIntents(trx)
      for (const { event } of lost) await record(trx, event, at)
      return lost.length
    })
    closed += found
    if (found === 0) return closed
  }
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
