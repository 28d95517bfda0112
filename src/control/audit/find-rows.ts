// Which rows of the ledger a list shows, in which order. The order is that of `seq`: a clock that was set back or forward changes nothing. Each list is within 150 ms for 100,000 rows.
import type { Store } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'
import { scanned } from '../store/scanned.ts'
import { type AuditColumn, conditions, isNarrowed, type Resolved } from './list-filters.ts'

export type AuditSort = AuditColumn | `-${AuditColumn}`
export type AuditRow = Row<'audit'>
type Range = { offset: number; limit: number }
type Grouping = Exclude<AuditColumn, 'at'>

/** What is not more than this is gathered in one reading for page and count. */
const few = 2000

/** `names`: what ids of operators are sorted by. Newest first unless sorted; within one code, outcome, operator or source too. */
export async function findRows(
  store: Store,
  query: Resolved,
  sort: AuditSort,
  range: Range,
  names: () => Promise<Map<string, string>>,
): Promise<{ rows: AuditRow[]; total: number }> {
  const isDescending = sort.startsWith('-')
  const column = sort.replace('-', '') as AuditColumn
  if (column === 'at') return await byTime(store, query, isDescending, range)
  const order = column === 'operator' ? await names() : undefined
  const keyOf = (value: string) => order?.get(value) ?? value
  // What has no value comes last, both ways.
  const compare = (one: string | null, other: string | null): number => {
    if (one === null || other === null) return Number(one === null) - Number(other === null)
    const by = collator.compare(keyOf(one), keyOf(other)) || (one < other ? -1 : Number(one > other))
    return isDescending ? -by : by
  }
  const gathered = isNarrowed(query) ? await gather(store, query, column) : undefined
  if (gathered) {
    const sorted = gathered.toSorted((one, other) => compare(one.value, other.value) || other.seq - one.seq).slice(range.offset, range.offset + range.limit)
    return {
      rows: await rowsOf(
        store,
        sorted.map(({ seq }) => seq),
      ),
      total: gathered.length,
    }
  }
  const groups = await groupsOf(store, query, column)
  groups.sort((one, other) => compare(one.value, other.value))
  return { rows: await throughGroups(store, query, column, groups, range), total: groups.reduce((sum, { count }) => sum + count, 0) }
}

const collator = new Intl.Collator('en', { sensitivity: 'base', numeric: true })

/** Undefined when it is more than a few. */
async function gather(store: Store, query: Resolved, column: Grouping): Promise<{ seq: number; value: string | null }[] | undefined> {
  const rows = await matching(store, query)
    .select(['seq', `${column} as value`])
    .orderBy('seq', 'desc')
    .limit(few + 1)
    .execute()
  return rows.length > few ? undefined : rows
}

const matching = ({ db, engine }: Store, query: Resolved) => db.selectFrom('audit').where((eb) => eb.and(conditions(eb, engine, query)))

export async function countRows(store: Store, query: Resolved): Promise<number> {
  const row = await matching(store, query)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

async function byTime(store: Store, query: Resolved, isDescending: boolean, { offset, limit }: Range): Promise<{ rows: AuditRow[]; total: number }> {
  const direction = isDescending ? 'desc' : 'asc'
  if (isNarrowed(query)) {
    // Where little fits this reads everything once, and then knows the count; where much fits it stops early.
    const found = await matching(store, query)
      .select('seq')
      .orderBy('seq', direction)
      .limit(few + 1)
      .execute()
    if (found.length <= few) {
      const seqs = found.slice(offset, offset + limit).map(({ seq }) => seq)
      return { rows: await rowsOf(store, seqs), total: found.length }
    }
  }
  const total = await countRows(store, query)
  if (total <= offset) return { rows: [], total }
  // From the nearer end: the last page is as quick as the first.
  const rest = total - offset
  const isBackwards = rest < offset
  const found = await matching(store, query)
    .select('seq')
    .orderBy('seq', isDescending === isBackwards ? 'asc' : 'desc')
    .limit(isBackwards ? Math.min(limit, rest) : limit)
    .offset(isBackwards ? Math.max(0, rest - limit) : offset)
    .execute()
  const seqs = found.map(({ seq }) => seq)
  return { rows: await rowsOf(store, isBackwards ? seqs.toReversed() : seqs), total }
}

/** In the order of `seqs`. */
async function rowsOf({ db }: Store, seqs: readonly number[]): Promise<AuditRow[]> {
  if (seqs.length === 0) return []
  const rows = await db
    .selectFrom('audit')
    .selectAll()
    .where('seq', 'in', [...seqs])
    .execute()
  const bySeq = new Map(rows.map((row) => [row.seq, row]))
  return seqs.flatMap((seq) => bySeq.get(seq) ?? [])
}

type Group = { value: string | null; count: number }

async function groupsOf(store: Store, query: Resolved, column: Grouping): Promise<Group[]> {
  const counted = matching(store, query).select((eb) => eb.fn.countAll<number>().as('count'))
  // Counted along the index of the column only where nothing else of a row is looked at.
  const by = scanned<string | null>(store.engine, `audit.${column}`)
  const rows = isNarrowed(query)
    ? await counted.select(by.as('value')).groupBy(by).execute()
    : await counted
        .select([`${column} as value`])
        .groupBy(column)
        .execute()
  return rows.map(({ value, count }) => ({ value, count: Number(count) }))
}

/** Of the groups that the page touches all but the first and the last stand on it whole. */
async function throughGroups(store: Store, query: Resolved, column: Grouping, groups: readonly Group[], { offset, limit }: Range): Promise<AuditRow[]> {
  const rows: AuditRow[] = []
  let [skip, left] = [offset, limit]
  const whole: (string | null)[] = []
  const take = async (value: string | null, range: Range) => {
    const found = await matching(store, query)
      .select('seq')
      .where((eb) => (value === null ? eb(column, 'is', null) : eb(column, '=', value)))
      .orderBy('seq', 'desc')
      .limit(range.limit)
      .offset(range.offset)
      .execute()
    return await rowsOf(
      store,
      found.map(({ seq }) => seq),
    )
  }
  const takeWhole = async () => {
    if (whole.length === 0) return
    const values = whole.filter((value) => value !== null)
    const found = await matching(store, query)
      .selectAll()
      .where((eb) => eb.or([eb(column, 'in', values), ...(whole.includes(null) ? [eb(column, 'is', null)] : [])]))
      .orderBy('seq', 'desc')
      .execute()
    const byValue = Map.groupBy(found, (row) => row[column])
    for (const value of whole.splice(0)) rows.push(...(byValue.get(value) ?? []))
  }
  for (const { value, count } of groups) {
    if (left === 0) break
    if (skip >= count) {
      skip -= count
      continue
    }
    const here = Math.min(count - skip, left)
    if (here === count) whole.push(value)
    else {
      await takeWhole()
      rows.push(...(await take(value, { offset: skip, limit: here })))
    }
    skip = 0
    left -= here
  }
  await takeWhole()
  return rows.slice(0, limit)
}
