// Reaching a session that lives: taking one's own over, watching somebody's. Asked when the ticket is made, and again on present rows when it is redeemed.
import { decide, isRefusal, type Asker, type Question } from '#domain/access.ts'
import { Failure } from '#domain/failure.ts'
import { AssetId, OperatorId } from '#domain/id.ts'
import type { Trx } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'

export type Reach = 'attach' | 'watch'

/** The answer to absent, forbidden, opening, ended and ending alike: nobody learns that there is a session. */
export const noSuchSession = () => new Failure('session_not_found', 'There is no such live session.', { field: 'session' })

/** The row when it is live and nobody wished that it ends, and the asker may reach it this way. */
export async function reachSession(trx: Trx, reach: Reach, asked: { session: string; operator: Asker; source: string }): Promise<Row<'sessions'> | undefined> {
  const { session, operator, source } = asked
  const row = await trx.selectFrom('sessions').selectAll().where('id', '=', session).where('state', '=', 'live').where('mustEnd', 'is', null).executeTakeFirst()
  if (!row) return undefined
  if (reach === 'attach' && row.operatorId !== operator.id) return undefined
  const question: Question = {
    ...(reach === 'watch' ? { action: 'watch' as const } : goalOf(row)),
    owner: OperatorId.parse(row.operatorId),
    operator,
    door: 'web',
    source,
  }
  return isRefusal(decide(question)) ? undefined : row
}

/** Taking over is what opening was. */
function goalOf(row: Row<'sessions'>): Pick<Question, 'action' | 'asset' | 'account'> {
  if (row.assetId === null) return { action: 'quick-connect' }
  return { action: 'shell', asset: AssetId.parse(row.assetId), account: row.account }
}
