// What a session did, as its page shows it: the newest, and how many there are.
import type { ForwardView } from '#wire/api/door.ts'
import type { SessionTransferView } from '#wire/api/transfers.ts'
import type { Store } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'
import { transferFacts } from '../transfers/list-transfers.ts'

const maxShown = 500

export async function transfersOf({ db }: Store, session: string): Promise<{ items: SessionTransferView[]; total: number }> {
  const rows = await db.selectFrom('transfers').selectAll().where('sessionId', '=', session).orderBy('number', 'desc').limit(maxShown).execute()
  return { items: rows.map(transferFacts), total: await countOf(db, 'transfers', session, rows.length) }
}

export async function forwardsOf({ db }: Store, session: string): Promise<{ items: ForwardView[]; total: number }> {
  const rows = await db.selectFrom('forwards').selectAll().where('sessionId', '=', session).orderBy('number', 'desc').limit(maxShown).execute()
  return { items: rows.map(forwardView), total: await countOf(db, 'forwards', session, rows.length) }
}

async function countOf(db: Store['db'], table: 'transfers' | 'forwards', session: string, shown: number): Promise<number> {
  if (shown < maxShown) return shown
  const row = await db
    .selectFrom<'transfers' | 'forwards'>(table)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('sessionId', '=', session)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

const outcomeOf = ({ outcome, failure }: { outcome: string; failure: string | null }) => ({
  outcome: outcome as ForwardView['outcome'],
  ...(failure === null ? {} : { failure }),
})

const forwardView = ({ at, way, host, port, bytesIn, bytesOut, ms, ...row }: Row<'forwards'>): ForwardView => ({
  at: new Date(at).toISOString(),
  way: way === 'remote' ? 'remote' : 'local',
  ...{ host, port, bytesIn, bytesOut, ms },
  ...outcomeOf(row),
})
