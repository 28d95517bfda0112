// Access that ends while it is used: what a change forbids ends with the change.
import { isRefusal, missingOf, type Question } from '#domain/access.ts'
import type { AuditEvent } from '#domain/audit-event.ts'
import { fileDirections } from '#domain/file-rule.ts'
import type { Grant } from '#domain/grant.ts'
import { SessionId } from '#domain/id.ts'
import { recordMany } from '../audit/ledger.ts'
import type { Actor } from '../http/desks.ts'
import type { PendingEnd } from '../sessions/end-with-sign-in.ts'
import { sendAway } from '../sessions/must-leave.ts'
import { dutiesColumn, losesFiles, losesPlaces, withRulesOf } from '../sessions/kept-duties.ts'
import { decideGoal, type Goal, goalsOf } from '../sessions/reach-session.ts'
import { doorOf } from '../sessions/session-facts.ts'
import { mustEndOf } from '../sessions/terminate.ts'
import type { Trx } from '../store/open-store.ts'
import { askersOf, grantsOfMany } from './askers.ts'
import { rulesHoldUntil } from './file-rules.ts'

/**
 * `operators` and `assets`: whose sessions, and on which hosts, are decided about again; all when left out. `by`: who changed it, left out when time did. `text`: what the people read.
 */
export type AccessChange = { operators?: readonly string[]; assets?: readonly string[]; by?: Actor; text: string }

const timeIsOver = 'The time for which you were given access to this host is over.'
const filesNarrowed = 'Less than before may be moved to or from this host now. Connect again.'
const secondFactorAsked = 'This host asks for a second factor now. Sign in again with it.'
const idsAtOnce = 1000

/**
 * Decides again about sessions that live, on the rows as the transaction has changed them, and marks those that are not permitted any more: to be called in the transaction of every change that
 * can forbid something (a grant, a group, an operator's role or state, a host, its tags, an account). Watchers who may watch no more leave likewise. Where the permission holds, for longer or
 * shorter or by other grants, the row says so. Returns what to push once that is committed.
 */
export async function endForbidden(trx: Trx, change: AccessChange, now: number): Promise<PendingEnd[]> {
  const [operators, assets] = [change.operators && new Set(change.operators), change.assets && new Set(change.assets)]
  const concerned = (await livingSessions(trx)).filter(
    (row) => (operators?.has(row.operatorId) ?? true) && (assets === undefined || (row.assetId !== null && assets.has(row.assetId))),
  )
  const ends = await decideAgain(trx, concerned, change, now)
  // What happens to a host forbids nobody to watch.
  return assets ? ends : [...ends, ...(await sendAway(trx, change.operators, change.text.slice(0, maxTextLength)))]
}

export type LivingSession = Awaited<ReturnType<typeof livingSessions>>[number]
/** What the link carries. */
const maxTextLength = 500

/** Not ended, and nobody wished yet that they end; those alone whose end has come before `endedBefore`, when it is given. By its index of states: a product keeps far more that have ended. */
export function livingSessions(trx: Pick<Trx, 'selectFrom'>, endedBefore?: number) {
  const living = trx
    .selectFrom('sessions')
    .select(['id', 'operatorId', 'assetId', 'accountId', 'account', 'may', 'door', 'source', 'gatewayId', 'grants', 'duties', 'endsAt', 'secondFactor'])
    .where('state', 'in', ['opening', 'live', 'unreachable'])
    .where('mustEnd', 'is', null)
  return (endedBefore === undefined ? living : living.where('endsAt', '<=', endedBefore)).execute()
}

type Ended = { row: LivingSession; reason: 'revoked' | 'grant_expired'; text: string }
type Held = { grants: string; duties: string; endsAt: number | null }

/** The same about these sessions alone. */
export async function decideAgain(trx: Trx, rows: readonly LivingSession[], change: Pick<AccessChange, 'by' | 'text'>, now: number): Promise<PendingEnd[]> {
  if (rows.length === 0) return []
  const askers = await askersOf(trx, new Set(rows.map(({ operatorId }) => operatorId)))
  const grants = await grantsOfMany(trx, askers)
  const goalOf = await goalsOf(trx, rows)
  const ended: Ended[] = []
  const moved = new Map<string, { held: Held; rows: LivingSession[] }>()
  for (const row of rows) {
    const [asker, goal, own] = [askers.get(row.operatorId), goalOf(row), grants.get(row.operatorId) ?? []]
    if (!asker || !goal) {
      ended.push({ row, reason: 'revoked', text: change.text })
      continue
    }
    const who = { operator: { ...asker, secondFactor: row.secondFactor === 1 }, door: doorOf(row), source: row.source }
    const answer = decideGoal(goal, who, own, now)
    if (isRefusal(answer)) {
      const isOver = answer.code !== 'second_factor_needed' && hasRunOut(row, goal, who, own, now)
      const text = answer.code === 'second_factor_needed' ? secondFactorAsked : isOver ? timeIsOver : change.text
      ended.push({ row, reason: isOver ? 'grant_expired' : 'revoked', text })
      continue
    }
    const filesUntil = filesHoldUntil(row, goal, who, own, now)
    if (filesUntil <= now) {
      ended.push({ row, reason: 'revoked', text: filesNarrowed })
      continue
    }
    const duties = withRulesOf(row.duties, dutiesColumn(answer))
    const endsAt = Math.min(answer.endsAt ?? Infinity, filesUntil)
    const held: Held = { grants: JSON.stringify(answer.grants), duties, endsAt: endsAt === Infinity ? null : endsAt }
    if (losesPlaces(row.duties, held.duties)) {
      ended.push({ row, reason: 'revoked', text: change.text })
      continue
    }
    if (held.grants === row.grants && held.duties === row.duties && held.endsAt === row.endsAt) continue
    const key = JSON.stringify(held)
    const alike = moved.get(key)
    if (alike) alike.rows.push(row)
    else moved.set(key, { held, rows: [row] })
  }
  const ends = await markEnded(trx, ended, change.by, now)
  for (const { held, rows: alike } of moved.values()) await inPieces(alike, (ids) => trx.updateTable('sessions').set(held).where('id', 'in', ids).execute())
  const ways = [...moved.values()].flatMap(({ held: { endsAt }, rows: alike }) =>
    alike.flatMap((row) => (row.endsAt === endsAt ? [] : [{ gateway: row.gatewayId, wish: { session: SessionId.parse(row.id), endsAt } }])),
  )
  return [...ends, ...ways]
}

/** Of a session that moves files: its gateway judges them by what it was told at the beginning, which has to be permitted still. Of any other: for ever. */
function filesHoldUntil(row: LivingSession, goal: Goal, who: Omit<Question, 'action' | 'asset' | 'account'>, grants: readonly Grant[], now: number): number {
  if (goal.may === 'quick-connect') return Infinity
  const { may, ...where } = goal
  const directions = fileDirections.filter((direction) => may.includes(direction))
  if (directions.length === 0) return Infinity
  return rulesHoldUntil({ ...who, ...where }, directions, grants, now, (rules) => losesFiles(row.duties, directions, rules))
}

/** Whether grants that permitted what is permitted no more would still, were it not for the time. */
function hasRunOut(row: LivingSession, goal: Goal, who: Omit<Question, 'action' | 'asset' | 'account'>, grants: readonly Grant[], now: number): boolean {
  if (goal.may === 'quick-connect') return false
  const { may, ...where } = goal
  const deciding = new Set(JSON.parse(row.grants ?? '[]') as string[])
  const lost = may
    .map((action) => grants.map((grant) => ({ grant, missing: missingOf(grant, { ...who, ...where, action }, now) })))
    .filter((asked) => asked.every(({ missing }) => missing.length > 0))
  const isByTime = (missing: readonly string[]) => missing.every((what) => what === 'over' || what === 'hours')
  return lost.length > 0 && lost.every((asked) => asked.some(({ grant, missing }) => deciding.has(grant.id) && isByTime(missing)))
}

async function markEnded(trx: Trx, ended: readonly Ended[], by: Actor | undefined, now: number): Promise<PendingEnd[]> {
  const mustEndBy = (by?.operator.name ?? 'Sallyport').slice(0, 64)
  const wishes = ended.map(({ row, reason, text }) => ({ row, mustEnd: reason, mustEndBy, mustEndText: text.slice(0, maxTextLength) }))
  for (const alike of Map.groupBy(wishes, ({ mustEnd, mustEndText }) => `${mustEnd} ${mustEndText}`).values()) {
    const [{ mustEnd, mustEndText }] = alike as [(typeof alike)[number]]
    await inPieces(
      alike.map(({ row }) => row),
      (ids) => trx.updateTable('sessions').set({ mustEnd, mustEndBy, mustEndText }).where('id', 'in', ids).execute(),
    )
  }
  const events = wishes.map(({ row, mustEnd, mustEndText }): AuditEvent => ({
    code: 'session.terminate_asked',
    outcome: 'intent',
    operator: by?.operator.id,
    object: row.id,
    source: by?.source,
    requestId: by?.requestId,
    detail: { reason: mustEndText, wished: mustEnd, owner: row.operatorId, gateway: row.gatewayId },
  }))
  await recordMany(trx, events, now)
  return wishes.map(({ row, ...wish }) => ({ gateway: row.gatewayId, wish: mustEndOf({ id: row.id, ...wish }) }))
}

async function inPieces(rows: readonly { id: string }[], act: (ids: string[]) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < rows.length; from += idsAtOnce) await act(rows.slice(from, from + idsAtOnce).map(({ id }) => id))
}
