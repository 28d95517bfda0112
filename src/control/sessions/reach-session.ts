// Reaching a session that lives: taking one's own over, watching somebody's. Asked when the ticket is made, and again on present rows when it is redeemed.
import { z } from 'zod'
import { decide, decideSome, isRefusal, type Asker, type Permit, type Question, type Refusal } from '#domain/access.ts'
import { Failure } from '#domain/failure.ts'
import { type Grant, GrantAction } from '#domain/grant.ts'
import { OperatorId } from '#domain/id.ts'
import { askedAsset, decideNow, grantsOf } from '../access/grant-rows.ts'
import type { Trx } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'

export type Reach = 'attach' | 'watch'

/** The answer to absent, forbidden, opening, ended and ending alike: nobody learns that there is a session. */
export const noSuchSession = () => new Failure('session_not_found', 'There is no such live session.', { field: 'session' })

/** The row when it is a terminal, live, nobody wished that it ends, and the asker may reach it this way. */
export async function reachSession(
  trx: Trx,
  reach: Reach,
  asked: { session: string; operator: Asker; source: string; now: number },
): Promise<Row<'sessions'> | undefined> {
  const { session, operator, source } = asked
  const row = await trx.selectFrom('sessions').selectAll().where('id', '=', session).where('state', '=', 'live').where('mustEnd', 'is', null).executeTakeFirst()
  if (row?.kind !== 'shell') return undefined
  if (reach === 'attach' && row.operatorId !== operator.id) return undefined
  const who = { owner: OperatorId.parse(row.operatorId), operator, door: 'web', source } as const
  if (reach === 'watch') return isRefusal(await decideNow(trx, { ...who, action: 'watch' }, asked.now)) ? undefined : row
  const goal = (await goalsOf(trx, [row]))(row)
  return goal === undefined || isRefusal(decideGoal(goal, who, await grantsOf(trx, operator), asked.now)) ? undefined : row
}

/** What names the host and the account that a session was opened for. */
export type Opened = Pick<Row<'sessions'>, 'assetId' | 'accountId' | 'account' | 'may'>
/** `may`: every one of these actions; a quick connect has no host that a grant could name. */
export type Goal = { may: 'quick-connect' } | (Pick<Question, 'asset' | 'account'> & { may: readonly GrantAction[] })
const May = z.array(GrantAction).min(1)
/** What a session was permitted to do. */
const mayOf = ({ may }: Pick<Row<'sessions'>, 'may'>): readonly GrantAction[] => (may === null ? ['shell'] : May.parse(JSON.parse(may)))

/** Whether all that the session may do is permitted still: what it has begun with one right is not taken for begun without. */
export function decideGoal(goal: Goal, who: Omit<Question, 'action' | 'asset' | 'account'>, grants: readonly Grant[], nowMs: number): Permit | Refusal {
  if (goal.may === 'quick-connect') return decide({ ...who, action: 'quick-connect' }, [], nowMs)
  const { may, ...where } = goal
  const answer = decideSome({ ...who, ...where }, may, grants, nowMs)
  if (isRefusal(answer)) return answer
  const lost = may.find((action) => !answer.may.includes(action))
  // Asked by itself, it is refused.
  return lost === undefined ? answer.permit : decide({ ...who, ...where, action: lost }, grants, nowMs)
}
/** Of one statement: both databases take more, and no product has so many hosts open at once. */
const idsAtOnce = 1000

/**
 * What opening each of these sessions was, on present rows: taking it over is that again, and so is going on with it. Undefined when the host is gone, or its account
 * is, also by another name: what was signed in to is then nothing that a grant could name.
 */
export async function goalsOf(trx: Trx, rows: readonly Opened[]): Promise<(row: Opened) => Goal | undefined> {
  const assets = new Map<string, NonNullable<Question['asset']>>()
  const accounts = new Set<string>()
  const ids = [...new Set(rows.flatMap(({ assetId }) => (assetId === null ? [] : [assetId])))]
  for (let from = 0; from < ids.length; from += idsAtOnce) {
    const some = ids.slice(from, from + idsAtOnce)
    for (const asset of await trx.selectFrom('assets').select(['id', 'tags']).where('id', 'in', some).execute()) assets.set(asset.id, askedAsset(asset))
    for (const { id, assetId, username } of await trx.selectFrom('accounts').select(['id', 'assetId', 'username']).where('assetId', 'in', some).execute())
      for (const key of [keyOf(assetId, id, username), keyOf(assetId, null, username)]) accounts.add(key)
  }
  return (row) => {
    if (row.assetId === null) return { may: 'quick-connect' }
    const asset = assets.get(row.assetId)
    return asset && accounts.has(keyOf(row.assetId, row.accountId, row.account)) ? { may: mayOf(row), asset, account: row.account } : undefined
  }
}

/** Rows of the first version know no account by its id. */
const keyOf = (asset: string, account: string | null, username: string) => JSON.stringify([asset, account, username])
