// Acts on the world that were announced and have not been told to have ended. A start finds here what a kill has left open, and says so in a row of its own: the ledger is never changed.
import type { AuditCode, AuditEvent } from '#domain/audit-event.ts'
import type { Store, Trx } from '../store/open-store.ts'

/** Outcomes under another code than their intent. They find it by what they are about. */
const closing: Partial<Record<AuditCode, readonly AuditCode[]>> = {
  'session.began': ['session.admitted'],
  'session.ended': ['session.admitted'],
  'session.terminated': ['session.terminate_asked'],
  'recording.deleted': ['recording.deleted'],
}
/** About a session: while that lives its gateway will tell. */
const ofSessions: readonly string[] = ['session.admitted', 'session.terminate_asked']
/** The sweep that follows a start finishes the removal, and says so. */
const finishedLater: readonly string[] = ['recording.deleted']
const atOnce = 500

export type Announced = { seq: number; event: AuditEvent }

/** In the transaction of their rows. */
export async function noteIntents(trx: Trx, announced: readonly Announced[]): Promise<void> {
  for (let from = 0; from < announced.length; from += atOnce)
    await trx
      .insertInto('auditIntents')
      .values(announced.slice(from, from + atOnce).map(({ seq, event }) => ({ seq, code: event.code, object: event.object ?? null })))
      .execute()
}

/** Takes away the intents whose outcome this is, in the transaction of its row, and returns the first of them. */
export async function takeIntents(trx: Trx, event: AuditEvent): Promise<number | undefined> {
  const named = event.detail?.['intent']
  if (typeof named === 'number') {
    await trx.deleteFrom('auditIntents').where('seq', '=', named).execute()
    return named
  }
  const codes = closing[event.code]
  if (codes === undefined || event.object === undefined || event.outcome === 'refused') return undefined
  const rows = await trx.deleteFrom('auditIntents').where('object', '=', event.object).where('code', 'in', codes).returning('seq').execute()
  return rows.length === 0 ? undefined : Math.min(...rows.map(({ seq }) => seq))
}

/**
 * At a start: the intents of the run before that nobody will tell the outcome of, oldest first, at most `limit`; they are open until the row that names one is recorded.
 * With several controls on one database this must wait for the others: there is one.
 */
export async function lostIntents(from: Store['db'] | Trx, limit = 1000): Promise<{ seq: number; event: AuditEvent }[]> {
  const rows = await from
    .selectFrom('auditIntents')
    .innerJoin('audit', 'audit.seq', 'auditIntents.seq')
    .leftJoin('sessions', 'sessions.id', 'auditIntents.object')
    .select(['audit.seq', 'audit.code', 'audit.operator', 'audit.object', 'audit.source', 'audit.requestId'])
    .where('auditIntents.code', 'not in', [...finishedLater])
    .where((eb) => eb.or([eb('auditIntents.code', 'not in', [...ofSessions]), eb('sessions.id', 'is', null), eb('sessions.state', '=', 'ended')]))
    .orderBy('audit.seq')
    .limit(limit)
    .execute()
  return rows.map(({ seq, code, operator, object, source, requestId }) => ({
    seq,
    event: {
      code: code as AuditCode,
      outcome: 'unknown',
      operator: operator ?? undefined,
      object: object ?? undefined,
      source: source ?? undefined,
      requestId: requestId ?? undefined,
      detail: { intent: seq, why: 'control ended before the outcome was known' },
    },
  }))
}
