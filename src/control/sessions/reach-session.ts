// Reaching a session that lives: taking one's own over, watching somebody's. Asked when the ticket is made, and again on present rows when it is redeemed.
import { isRefusal, type Asker, type Question } from '#domain/access.ts'
import { Failure } from '#domain/failure.ts'
import { OperatorId } from '#domain/id.ts'
import { assetAsked, decideNow } from '../access/grant-rows.ts'
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
  const goal = reach === 'watch' ? { action: 'watch' as const } : await goalOf(trx, row)
  if (goal === undefined) return undefined
  const question: Question = { ...goal, owner: OperatorId.parse(row.operatorId), operator, door: 'web', source }
  return isRefusal(await decideNow(trx, question, asked.now)) ? undefined : row
}

/** What opening the session was: taking over is that again. Undefined when the host is gone. */
export async function goalOf(trx: Trx, row: Row<'sessions'>): Promise<Pick<Question, 'action' | 'asset' | 'account'> | undefined> {
  if (row.assetId === null) return { action: 'quick-connect' }
  const asset = await assetAsked(trx, row.assetId)
  return asset && { action: 'shell', asset, account: row.account }
}
