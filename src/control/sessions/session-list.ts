// Finding sessions: filtered, searched, sorted and paged by the database, the same on both engines.
import type { SessionColumn, SessionFacts, SessionsQuery } from '../http/desks.ts'
import type { Store } from '../store/open-store.ts'
import type { Where } from '../store/row-types.ts'
import type { Presence } from './presence.ts'
import { factsOf } from './session-facts.ts'

const columns = {
  startedAt: 'sessions.startedAt',
  endedAt: 'sessions.endedAt',
  operator: 'sessions.operatorName',
  asset: 'sessions.assetName',
  address: 'sessions.address',
  account: 'sessions.account',
  bytesOut: 'sessions.bytesOut',
  state: 'sessions.state',
  door: 'sessions.door',
  endReason: 'sessions.endReason',
  bytesIn: 'sessions.bytesIn',
  source: 'sessions.source',
  gateway: 'sessions.gatewayId',
  seconds: 'sessions.startedAt',
  recordingSeconds: 'sessions.recordingSeconds',
  recordingBytes: 'sessions.recordingBytes',
  recordingState: 'sessions.recordingState',
} as const satisfies Record<SessionColumn, string>
const searched = ['sessions.operatorName', 'sessions.assetName', 'sessions.address', 'sessions.account'] as const

/** One page. `q` is found in operator, asset, address or account, taken literally, without regard to ASCII case. Newest first unless sorted; what has no value yet comes last. */
export async function listSessions(store: Store, query: SessionsQuery, presence?: Presence): Promise<{ items: SessionFacts[]; total: number; of: number }> {
  const { ownedBy } = query
  const [column, direction] = sortOf(query.sort)
  const matching = store.db.selectFrom('sessions').where((eb) => eb.and([...owned(eb, ownedBy), ...filters(eb, store.engine, query)]))
  const all = store.db.selectFrom('sessions').where((eb) => eb.and(owned(eb, ownedBy)))
  const page = matching
    .leftJoin('gateways', 'gateways.id', 'sessions.gatewayId')
    .selectAll('sessions')
    .select('gateways.name as gatewayName')
    // The engines disagree about where nulls go; columns that have none keep their index.
    .orderBy(column, (order) => {
      const ordered = direction === 'desc' ? order.desc() : order.asc()
      return column === 'sessions.endedAt' || column === 'sessions.endReason' ? ordered.nullsLast() : ordered
    })
    .orderBy('sessions.id', direction)
    .limit(query.size)
    .offset((query.page - 1) * query.size)
  const [total, of] = await Promise.all([
    matching.select((eb) => eb.fn.countAll().as('count')).executeTakeFirstOrThrow(),
    all.select((eb) => eb.fn.countAll().as('count')).executeTakeFirstOrThrow(),
  ])
  // A search that finds nothing has read every row once already.
  const rows = Number(total.count) > (query.page - 1) * query.size ? await page.execute() : []
  return { items: rows.map((row) => factsOf(row, presence)), total: Number(total.count), of: Number(of.count) }
}

export async function getSession(store: Store, session: string, presence?: Presence): Promise<SessionFacts | undefined> {
  const row = await store.db
    .selectFrom('sessions')
    .leftJoin('gateways', 'gateways.id', 'sessions.gatewayId')
    .selectAll('sessions')
    .select('gateways.name as gatewayName')
    .where('sessions.id', '=', session)
    .executeTakeFirst()
  return row && factsOf(row, presence)
}

function sortOf(sort: SessionsQuery['sort']): [(typeof columns)[SessionColumn], 'asc' | 'desc'] {
  if (sort === undefined) return [columns.startedAt, 'desc']
  return sort.startsWith('-') ? [columns[sort.slice(1) as SessionColumn], 'desc'] : [columns[sort as SessionColumn], 'asc']
}

type Builder = Where<'sessions'>
const owned = (eb: Builder, operator: string | undefined) => (operator === undefined ? [] : [eb('sessions.operatorId', '=', operator)])

function filters(eb: Builder, engine: Store['engine'], { q, state, recorded }: SessionsQuery) {
  return [
    ...(state === undefined ? [] : [eb('sessions.state', 'in', state === 'live' ? ['opening', 'live'] : [state])]),
    ...(recorded === undefined ? [] : [eb('sessions.recordingState', recorded ? 'is not' : 'is', null)]),
    ...words(q).map((word) => contains(eb, engine, word)),
  ]
}

/** Each word must be found somewhere. The API lets 200 characters in; more than 8 words narrow nothing. */
const words = (q: string | undefined) => (q ?? '').normalize('NFC').split(/\s+/).filter(Boolean).slice(0, 8)

/** A search for the place of one text in another has no metacharacters, as LIKE has. Both engines lower ASCII letters alone here, so we do too. No word holds the line feed between the columns, so none is found across two. */
function contains(eb: Where<'sessions'>, engine: Store['engine'], word: string) {
  const feed = eb.val('\n')
  const text = searched.slice(1).reduce((joined, column) => eb(eb(joined, '||', feed), '||', eb.ref(column)), eb(searched[0], '||', eb.val('')))
  const place = eb.fn<number>(engine === 'sqlite' ? 'instr' : 'strpos', [
    eb.fn<string>('lower', [text]),
    eb.val(word.replace(/[A-Z]/g, (letter) => letter.toLowerCase())),
  ])
  return eb(place, '>', 0)
}
