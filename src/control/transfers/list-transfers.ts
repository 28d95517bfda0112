// Files that went in and out, as lists show them, the same on both engines: which rows, by their keys alone, so that nothing wide is sorted, and then those rows whole.
import type { SessionTransferView, transferColumns, transferDirections, TransferView } from '#wire/api/transfers.ts'
import { searchWords } from '../sessions/search-text.ts'
import { doorOf } from '../sessions/session-facts.ts'
import type { Store } from '../store/open-store.ts'
import type { Row, Where } from '../store/row-types.ts'
import { scanned } from '../store/scanned.ts'

type Column = (typeof transferColumns)[number]
export type TransfersQuery = {
  q?: string | undefined
  sort?: Column | `-${Column}` | undefined
  operator?: string | undefined
  asset?: string | undefined
  session?: string | undefined
  direction?: (typeof transferDirections)[number] | undefined
  way?: string | undefined
  door?: string | undefined
  outcome?: string | undefined
  verified?: string | undefined
  sha256?: string | undefined
  /** Ms since the epoch. */
  since?: number | undefined
  until?: number | undefined
  /** Only this operator's. */
  ownedBy?: string | undefined
}
type Key = { sessionId: string; number: number }

const columns = {
  ...{ at: 'at', operator: 'operatorName', asset: 'assetName', address: 'address', account: 'account', way: 'way', direction: 'deed' },
  ...{ path: 'path', bytes: 'bytes', verified: 'verified', outcome: 'outcome', ms: 'ms' },
} as const satisfies Record<Column, keyof Row<'transfers'>>
const hasNulls = (column: Column) => column === 'bytes' || column === 'verified' || column === 'ms'
/** Rows of a file are read so many at a time. */
const chunkSize = 200

/** One page, newest first unless sorted. `viewer`: whose are theirs. */
export async function listTransfers(
  store: Store,
  query: TransfersQuery & { page: number; size: number },
  viewer: string,
): Promise<{ items: TransferView[]; total: number; of: number }> {
  const own = query.ownedBy === undefined ? {} : { ownedBy: query.ownedBy }
  const [of, narrowed, keys] = await Promise.all([
    countTransfers(store, own),
    isNarrowed(query) ? countTransfers(store, query) : undefined,
    keysOf(store, query, query.size, (query.page - 1) * query.size),
  ])
  return { items: await readTransfers(store, keys, viewer), total: narrowed ?? of, of }
}

/** At most `most` in the order of the list, read as the reader takes them. What is removed meanwhile is left out. */
export async function allTransfers(
  store: Store,
  query: TransfersQuery,
  most: number,
  viewer: string,
): Promise<{ count: number; rows: AsyncIterable<TransferView[]> }> {
  const keys = await keysOf(store, query, most, 0)
  return {
    count: keys.length,
    rows: (async function* () {
      for (let at = 0; at < keys.length; at += chunkSize) yield await readTransfers(store, keys.slice(at, at + chunkSize), viewer)
    })(),
  }
}

const isNarrowed = ({ q, sort: _sort, ownedBy: _own, ...filters }: TransfersQuery & { page?: number; size?: number }) => {
  const { page: _page, size: _size, ...rest } = filters
  return searchWords(q).length > 0 || Object.values(rest).some((value) => value !== undefined)
}

async function countTransfers({ db, engine }: Store, query: TransfersQuery): Promise<number> {
  const row = await db
    .selectFrom('transfers')
    .where((eb) => eb.and(conditions(eb, engine, query, true)))
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

function keysOf({ db, engine }: Store, query: TransfersQuery, limit: number, offset: number): Promise<Key[]> {
  const sort = query.sort ?? '-at'
  const direction = sort.startsWith('-') ? 'desc' : 'asc'
  const column = sort.replace('-', '') as Column
  return (
    db
      .selectFrom('transfers')
      .select(['sessionId', 'number'])
      // By its index one operator's rows come in the order of time, and in no other.
      .where((eb) => eb.and(conditions(eb, engine, query, column === 'at')))
      // The engines disagree about where nulls go; columns that have none keep their index.
      .orderBy(columns[column], (order) => {
        const ordered = direction === 'desc' ? order.desc() : order.asc()
        return hasNulls(column) ? ordered.nullsLast() : ordered
      })
      .$if(column !== 'at', (rows) => rows.orderBy('at', 'desc'))
      .orderBy('sessionId', direction)
      .orderBy('number', direction)
      .limit(limit)
      .offset(offset)
      .execute()
  )
}

function conditions(eb: Where<'transfers'>, engine: Store['engine'], query: TransfersQuery, byOperator: boolean) {
  const { ownedBy, operator, asset, session, direction, way, door, outcome, verified, sha256, since, until, q } = query
  const whose = byOperator ? eb.ref('transfers.operatorId') : scanned<string>(engine, 'transfers.operatorId')
  return [
    ...(ownedBy === undefined ? [] : [eb(whose, '=', ownedBy)]),
    ...(operator === undefined ? [] : [eb.or([eb('operatorId', '=', operator), eb('operatorName', '=', operator)])]),
    ...(asset === undefined ? [] : [eb.or([eb('assetId', '=', asset), eb('assetName', '=', asset)])]),
    ...(session === undefined ? [] : [eb('sessionId', '=', session)]),
    ...(direction === undefined ? [] : [direction === 'change' ? eb('deed', 'not in', ['upload', 'download']) : eb('deed', '=', direction)]),
    ...(way === undefined ? [] : [eb('way', '=', way)]),
    ...(door === undefined ? [] : [eb('door', '=', door)]),
    ...(outcome === undefined ? [] : [eb('outcome', '=', outcome)]),
    ...(verified === undefined ? [] : [eb('verified', '=', verified)]),
    ...(sha256 === undefined ? [] : [eb('sha256', '=', sha256)]),
    ...(since === undefined ? [] : [eb('at', '>=', since)]),
    ...(until === undefined ? [] : [eb('at', '<', until)]),
    // The place of one text in another: it has no metacharacters, as LIKE has.
    ...searchWords(q).map((word) => eb(eb.fn<number>(engine === 'sqlite' ? 'instr' : 'strpos', ['search', eb.val(word)]), '>', 0)),
  ]
}

/** In the order of the keys; those that are not there are left out. */
async function readTransfers({ db }: Store, keys: readonly Key[], viewer: string): Promise<TransferView[]> {
  if (keys.length === 0) return []
  const rows = await db
    .selectFrom('transfers')
    .leftJoin('sessions', 'sessions.id', 'transfers.sessionId')
    .leftJoin('assets', 'assets.id', 'transfers.assetId')
    .selectAll('transfers')
    .select(['sessions.recordingState as recordingState', 'assets.id as existingAsset'])
    .where((eb) => eb.or(keys.map(({ sessionId, number }) => eb.and([eb('transfers.sessionId', '=', sessionId), eb('transfers.number', '=', number)]))))
    .execute()
  const byKey = new Map(rows.map((row) => [keyOf(row), row]))
  return keys.flatMap((key) => {
    const row = byKey.get(keyOf(key))
    return row ? [viewOf(row, viewer)] : []
  })
}
const keyOf = ({ sessionId, number }: Key) => `${sessionId} ${number}`

const viewOf = (row: Row<'transfers'> & { recordingState: string | null; existingAsset: string | null }, viewer: string): TransferView => ({
  ...transferFacts(row),
  session: row.sessionId,
  number: row.number,
  operator: row.operatorName,
  asset: row.assetName,
  ...(row.existingAsset === null ? {} : { assetId: row.existingAsset }),
  address: row.address,
  account: row.account,
  door: doorOf(row),
  source: row.source,
  hasRecording: row.recordingState !== null && row.recordingState !== 'expired',
  mine: row.operatorId === viewer,
})

/** As the page of its session shows it. */
export const transferFacts = (row: Row<'transfers'>): SessionTransferView => ({
  at: new Date(row.at).toISOString(),
  way: row.way as SessionTransferView['way'],
  deed: row.deed as SessionTransferView['deed'],
  path: row.path,
  ...(row.toPath === null ? {} : { to: row.toPath }),
  ...(row.bytes === null ? {} : { bytes: row.bytes }),
  ...(row.sha256 === null ? {} : { sha256: row.sha256 }),
  ...(row.verified === null ? {} : { verified: row.verified as NonNullable<SessionTransferView['verified']> }),
  ...(row.ms === null ? {} : { ms: row.ms }),
  ...(row.atMs === null ? {} : { atMs: row.atMs }),
  outcome: row.outcome as SessionTransferView['outcome'],
  ...(row.failure === null ? {} : { failure: row.failure }),
  ...(row.rule === null ? {} : { rule: row.rule }),
})
