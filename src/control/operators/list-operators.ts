// Finding people: filtered, searched, sorted and paged, alike on both engines.
import type { OperatorDetail, operatorColumns } from '#wire/api/operators.ts'
import { countingKey, readSort, sortRows } from '../assets/counting-order.ts'
import type { Store } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'
import { viewOperators } from './operator-rows.ts'

type Column = (typeof operatorColumns)[number]
export type OperatorsQuery = {
  q?: string | undefined
  sort?: Column | `-${Column}` | undefined
  /** From 1. */
  page: number
  /** 1 to 200. */
  size: number
  role?: string | undefined
  enabled?: boolean | undefined
  /** Id of a group. */
  group?: string | undefined
}

/** Each word of `q` is found in the user name or the name, taken literally, without regard to case. Sorted by user name unless asked otherwise; who never signed in comes last. `of` counts all. */
export async function listOperators(store: Store, query: OperatorsQuery): Promise<{ items: OperatorDetail[]; total: number; of: number }> {
  // A page of people in any order needs all of them at hand; they are fewer than hosts, and their rows are short.
  const all = await store.db.selectFrom('operators').select(['id', 'username', 'name', 'role', 'enabled', 'lastSignInAt', 'createdAt']).execute()
  const { group } = query
  const members =
    group === undefined
      ? undefined
      : new Set((await store.db.selectFrom('groupMembers').select('operatorId').where('groupId', '=', group).execute()).map(({ operatorId }) => operatorId))
  const words = (query.q ?? '').normalize('NFC').toLowerCase().split(/\s+/).filter(Boolean).slice(0, 8)
  const [column, direction] = readSort<Column>(query.sort ?? 'username')
  const matching = all
    .filter(({ role }) => query.role === undefined || role === query.role)
    .filter(({ enabled }) => query.enabled === undefined || (enabled === 1) === query.enabled)
    .filter(({ id }) => members === undefined || members.has(id))
    .filter(({ username, name }) => words.every((word) => `${username}\n${name}`.toLowerCase().includes(word)))
    .map((row) => {
      const value = row[column]
      return { id: row.id, value: typeof value === 'string' ? countingKey(value) : value, name: countingKey(row.username) }
    })
  const from = (query.page - 1) * query.size
  const ids = sortRows(matching, direction)
    .slice(from, from + query.size)
    .map(({ id }) => id)
  return { items: await viewOperators(store.db, await rowsOf(store, ids)), total: matching.length, of: all.length }
}

async function rowsOf(store: Store, ids: readonly string[]): Promise<Row<'operators'>[]> {
  if (ids.length === 0) return []
  const found = new Map((await store.db.selectFrom('operators').selectAll().where('id', 'in', ids).execute()).map((row) => [row.id, row]))
  return ids.flatMap((id) => found.get(id) ?? [])
}
