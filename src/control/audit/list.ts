// The ledger as people look through it: pages, and the whole of a search for a file.
import type { AuditView } from '#wire/api/audit.ts'
import type { Store } from '../store/open-store.ts'
import { type AuditRow, type AuditSort, countRows, findRows } from './find-rows.ts'
import { type AuditNarrowing, resolve, type Resolved } from './list-filters.ts'
import { objectNames, operatorNames } from './names.ts'

export type AuditQuery = AuditNarrowing & { sort?: AuditSort | undefined; page: number; size: number }
const rowsAtOnce = 500

/** Newest first unless sorted. `total`: what matches; `of`: all rows. */
export async function listAudit(
  store: Store,
  { page, size, sort = '-at', ...narrowing }: AuditQuery,
): Promise<{ items: AuditView[]; total: number; of: number }> {
  const query = await resolve(store.db, narrowing)
  const { rows, total } = await findRows(store, query, sort, { offset: (page - 1) * size, limit: size }, () => operatorNames(store.db))
  const [items, of] = await Promise.all([viewsOf(store, rows), countRows(store, { words: [], operators: undefined, objects: undefined })])
  return { items, total, of }
}

/** At most `most` rows of the list in its order, as it is at this moment, in pieces that are read as they are taken. */
export async function allAudit(
  store: Store,
  { sort = '-at', ...narrowing }: Omit<AuditQuery, 'page' | 'size'>,
  most: number,
): Promise<{ count: number; rows: AsyncIterable<AuditView[]> }> {
  const newest = await store.db.selectFrom('audit').select('seq').orderBy('seq', 'desc').limit(1).executeTakeFirst()
  // Rows that come while it is read would move those behind them to another page.
  const query = { ...(await resolve(store.db, narrowing)), upTo: newest?.seq ?? 0 }
  const count = Math.min(await countRows(store, query), most)
  return { count, rows: pieces(store, query, sort, count) }
}

async function* pieces(store: Store, query: Resolved, sort: AuditSort, count: number): AsyncGenerator<AuditView[]> {
  for (let offset = 0; offset < count; offset += rowsAtOnce) {
    const { rows } = await findRows(store, query, sort, { offset, limit: Math.min(rowsAtOnce, count - offset) }, () => operatorNames(store.db))
    yield await viewsOf(store, rows)
  }
}

async function viewsOf({ db }: Store, rows: readonly AuditRow[]): Promise<AuditView[]> {
  if (rows.length === 0) return []
  const seqs = rows.map(({ seq }) => seq)
  const objects = rows.flatMap(({ object }) => object ?? [])
  const [places, people, things] = await Promise.all([
    db.selectFrom('auditChain').select(['seq', 'number', 'hash', 'chainedAt']).where('seq', 'in', seqs).execute(),
    operatorNames(db),
    objectNames(db, objects),
  ])
  const chained = new Map(places.map((place) => [place.seq, place]))
  return rows.map((row) => viewOf(row, chained.get(row.seq), people, things))
}

type Place = { number: number; hash: string; chainedAt: number }

function viewOf(row: AuditRow, place: Place | undefined, people: ReadonlyMap<string, string>, things: ReadonlyMap<string, string>): AuditView {
  const operatorName = row.operator === null ? undefined : people.get(row.operator)
  const objectName = row.object === null ? undefined : things.get(row.object)
  const { seq, code, outcome, operator, object, source, requestId, before, after } = row
  const texts = Object.entries({ operator, object, source, requestId, before, after }).filter(([, value]) => value !== null)
  return {
    seq,
    at: new Date(row.at).toISOString(),
    code,
    outcome,
    ...Object.fromEntries(texts),
    ...(place === undefined ? {} : { number: place.number, hash: place.hash, chainedAt: new Date(place.chainedAt).toISOString() }),
    ...(operatorName === undefined ? {} : { operatorName }),
    ...(objectName === undefined ? {} : { objectName }),
    ...(row.detail === null ? {} : { detail: readDetail(row.detail) }),
  }
}

/** What `plainJson` wrote; a row of other making is shown as it is. */
function readDetail(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {
    // Not ours: somebody else has written to the table, which the chain shows.
  }
  return { text }
}
