// Which sessions a list shows, in which order: their ids alone, so that nothing wide is sorted. What is narrowed to little is gathered whole, in one reading for page and count;
// of the rest the page is read along the index of its order near either end of the list, or else picked out while everything is read once. Each is within 150 ms for 100,000 sessions.
import type { SessionColumn, SessionsQuery } from '../http/desks.ts'
import type { Store } from '../store/open-store.ts'
import type { Where } from '../store/row-types.ts'
import { scanned } from '../store/scanned.ts'
import { conditionCount, conditions } from './session-filters.ts'

export type Found = { ids: string[]; total: number; of: number }

const indexed = {
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
} as const
type Indexed = keyof typeof indexed

/** What is not more than this is gathered; looking so many rows up by an index is cheap too. */
const few = 2000
/** Deeper pages are not walked to: each row on the way would be looked at. */
const walkedOffset = 1000

type Query = Omit<SessionsQuery, 'page' | 'size'>
type Range = { offset: number; limit: number }

/** `offset` rows are left out, at most `limit` are named. Newest first unless sorted; what has no value comes last, both ways. `now` in ms. */
export async function findSessions(store: Store, query: Query, range: Range, now: number): Promise<Found> {
  const isNarrowed = conditionCount(query) > (query.ownedBy === undefined ? 0 : 1)
  const [of, gathered] = await Promise.all([count(store, { ownedBy: query.ownedBy }), isNarrowed ? gather(store, query, range, now) : undefined])
  if (gathered && gathered.total <= few) return { ...gathered, of }
  const total = isNarrowed ? await count(store, query) : of
  if (total <= range.offset) return { ids: [], total, of }
  // From the nearer end: the last page is as quick as the first.
  const rest = total - range.offset
  const isBackwards = rest < range.offset
  const ids = await pick(store, query, isBackwards ? { offset: Math.max(0, rest - range.limit), limit: Math.min(range.limit, rest) } : range, isBackwards, now)
  return { ids: isBackwards ? ids.toReversed() : ids, total, of }
}

async function count({ db, engine }: Store, query: Query): Promise<number> {
  const row = await db
    .selectFrom('sessions')
    .where((eb) => eb.and(conditions(eb, engine, query, conditionCount(query) === 1)))
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** Page and count of what fits, as long as that is little: reading stops when it is not, and `total` is then more than `few`. */
async function gather(store: Store, query: Query, { offset, limit }: Range, now: number): Promise<{ ids: string[]; total: number }> {
  const { db, engine } = store
  const [column, direction] = sortOf(query.sort)
  const rows = await db
    .with(
      (cte) => cte('found').materialized(),
      (inner) =>
        inner
          .selectFrom('sessions')
          .where((eb) => eb.and(conditions(eb, engine, query, conditionCount(query) === 1)))
          .leftJoin('gateways', 'gateways.id', 'sessions.gatewayId')
          .select('sessions.id')
          .select((eb) => keyOf(eb, column, now).as('key'))
          .limit(few + 1),
    )
    .selectFrom('found')
    .select('found.id')
    .select((eb) =>
      eb
        .selectFrom('found')
        .select((inner) => inner.fn.countAll<number>().as('count'))
        .as('total'),
    )
    .orderBy('found.key', (order) => (direction === 'desc' ? order.desc() : order.asc()).nullsLast())
    .orderBy('found.id', direction)
    .limit(limit)
    .offset(offset)
    .execute()
  const total = rows[0]?.total
  // A page beyond the last one has no row that could tell.
  return {
    ids: rows.map(({ id }) => id),
    total: total === null || total === undefined ? (offset === 0 ? 0 : await count(store, query)) : Number(total),
  }
}

async function pick({ db, engine }: Store, query: Query, { offset, limit }: Range, isBackwards: boolean, now: number): Promise<string[]> {
  const [column, wanted] = sortOf(query.sort)
  const direction = (wanted === 'desc') === isBackwards ? 'asc' : 'desc'
  const matching = db.selectFrom('sessions').where((eb) => eb.and(conditions(eb, engine, query, false)))
  const isWalked = isIndexed(column) && (conditionCount(query) === 0 || offset <= walkedOffset)
  // SQLite keeps the first n in a tree that it prunes row by row; with a large n sorting everything takes half the time.
  const isCutHere = engine === 'sqlite' && !isWalked && offset > walkedOffset
  const rows = await matching
    // Left away by both databases where nothing is asked of it.
    .leftJoin('gateways', 'gateways.id', 'sessions.gatewayId')
    .select('sessions.id')
    .orderBy(
      (eb) => (isWalked ? eb.ref(indexed[column]) : isIndexed(column) ? scanned<string>(engine, indexed[column]) : keyOf(eb, column, now)),
      // The engines disagree about where nulls go; columns that have none keep their index.
      (order) => {
        const ordered = direction === 'desc' ? order.desc() : order.asc()
        return !hasNulls(column) ? ordered : isBackwards ? ordered.nullsFirst() : ordered.nullsLast()
      },
    )
    .orderBy('sessions.id', direction)
    .$if(!isCutHere, (ordered) => ordered.limit(limit).offset(offset))
    .execute()
  return (isCutHere ? rows.slice(offset, offset + limit) : rows).map(({ id }) => id)
}

const hasNulls = (column: SessionColumn) => column === 'endedAt' || column === 'endReason' || column === 'recordingState' || column === 'idle'
const isIndexed = (column: SessionColumn): column is Indexed => Object.hasOwn(indexed, column)

/** Numbers or text, never both in one column. */
function keyOf(eb: Where<'sessions' | 'gateways'>, column: SessionColumn, now: number) {
  switch (column) {
    case 'gateway':
      return eb.fn.coalesce('gateways.name', 'sessions.gatewayId')
    case 'seconds':
      // What has not ended counts until now.
      return eb(eb.fn.coalesce('sessions.endedAt', eb.val(now)), '-', eb.ref('sessions.startedAt'))
    case 'idle':
      return eb.ref('sessions.idleMs')
    case 'bytesIn':
    case 'source':
    case 'recordingSeconds':
    case 'recordingBytes':
    case 'recordingState':
      return eb.ref(`sessions.${column}`)
    default:
      return eb.ref(indexed[column])
  }
}

function sortOf(sort: SessionsQuery['sort']): [SessionColumn, 'asc' | 'desc'] {
  if (sort === undefined) return ['startedAt', 'desc']
  return sort.startsWith('-') ? [sort.slice(1) as SessionColumn, 'desc'] : [sort as SessionColumn, 'asc']
}
