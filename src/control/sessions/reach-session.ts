// Reaching a session that lives: taking one's own over, watching somebody's. Asked when the ticket is made, and again on present rows when it is redeemed.
import { isRefusal, type Asker, type Question } from '#domain/access.ts'
import { Failure } from '#domain/failure.ts'
import { OperatorId } from '#domain/id.ts'
import { askedAsset, decideNow } from '../access/grant-rows.ts'
import type { Trx } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'

export type Reach = 'attach' | 'watch'

/** The answer to absent, forbidden, opening, ended and ending alike: nobody learns that there is a session. */
export const noSuchSession = () => new Failure('session_not_found', 'There is no such live session.', { field: 'session' })

/** The row when it is live and nobody wished that it ends, and the asker may reach it this way. */
export async function reachSession(
  trx: Trx,
  reach: Reach,
  asked: { session: string; operator: Asker; source: string; now: number },
): Promise<Row<'sessions'> | undefined> {
  const { session, operator, source } = asked
  const row = await trx.selectFrom('sessions').selectAll().where('id', '=', session).where('state', '=', 'live').where('mustEnd', 'is', null).executeTakeFirst()
  if (!row) return undefined
  if (reach === 'attach' && row.operatorId !== operator.id) return undefined
  const goal = reach === 'watch' ? { action: 'watch' as const } : (await goalsOf(trx, [row]))(row)
  if (goal === undefined) return undefined
  const question: Question = { ...goal, owner: OperatorId.parse(row.operatorId), operator, door: 'web', source }
  return isRefusal(await decideNow(trx, question, asked.now)) ? undefined : row
}

/** What names the host and the account that a session was opened for. */
export type Opened = Pick<Row<'sessions'>, 'assetId' | 'accountId' | 'account'>
export type Goal = Pick<Question, 'action' | 'asset' | 'account'>
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
    if (row.assetId === null) return { action: 'quick-connect' }
    const asset = assets.get(row.assetId)
    return asset && accounts.has(keyOf(row.assetId, row.accountId, row.account)) ? { action: 'shell', asset, account: row.account } : undefined
  }
}

/** Rows of the first version know no account by its id. */
const keyOf = (asset: string, account: string | null, username: string) => JSON.stringify([asset, account, username])
