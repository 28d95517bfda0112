// What may go in and out by a session that lives, asked by its gateway each time somebody begins to send a file through its terminal.
import { fileDirections, type FileRule } from '#domain/file-rule.ts'
import { Failure } from '#domain/failure.ts'
import type { GatewayId } from '#domain/id.ts'
import type { Ask } from '#wire/link.ts'
import { askersOf } from '../access/askers.ts'
import { fileRulesOf, quickConnectRules } from '../access/file-rules.ts'
import { grantsOf } from '../access/grant-rows.ts'
import type { Refusals } from '../link/refusals.ts'
import type { Store, Trx } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'
import { ownSession, refuseForeign } from './own-session.ts'
import { decideGoal, goalsOf } from './reach-session.ts'
import { doorOf } from './session-facts.ts'

const noSession = () => new Failure('session_not_found', 'There is no such live session.')

/** On present rows. Throws `session_not_found` for one that has ended or is to end, and `forbidden`, with a ledger row, for another gateway's. */
export async function liveFileRules(
  { store, refusals, now }: { store: Store; refusals: Refusals; now(): number },
  gateway: GatewayId,
  { session }: Extract<Ask, { ask: 'file-rules' }>,
): Promise<{ rules: FileRule[] }> {
  const found = await store.transaction(async (trx) => {
    const row = await ownSession(trx, gateway, session)
    if (!row) return undefined
    if (row.state === 'ended' || row.mustEnd !== null) throw noSession()
    return { rules: await rulesOf(trx, row, now()) }
  })
  if (found) return found
  if (await store.db.selectFrom('sessions').select('id').where('id', '=', session).executeTakeFirst())
    throw await refuseForeign(refusals, gateway, 'file-rules', session)
  throw noSession()
}

/** By the source, the door and the second factor that the session has. */
async function rulesOf(trx: Trx, row: Row<'sessions'>, nowMs: number): Promise<FileRule[]> {
  const [asker, goal] = [(await askersOf(trx, new Set([row.operatorId]))).get(row.operatorId), (await goalsOf(trx, [row]))(row)]
  if (!asker || !goal) return []
  const who = { operator: { ...asker, secondFactor: row.secondFactor === 1 }, door: doorOf(row), source: row.source }
  if (goal.may === 'quick-connect') return 'refused' in decideGoal(goal, who, [], nowMs) ? [] : [...quickConnectRules]
  const { may: _may, ...where } = goal
  return fileRulesOf({ ...who, ...where }, fileDirections, await grantsOf(trx, asker), nowMs)
}
