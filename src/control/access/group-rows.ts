// Groups as they are read.
import type { groupColumns, GroupView } from '#wire/api/access.ts'
import { countingKey, readSort, sortRows } from '../assets/counting-order.ts'
import type { Row } from '../store/row-types.ts'
import { matcherOf, type Reading } from './named.ts'

type Column = (typeof groupColumns)[number]
export type GroupsQuery = { q?: string | undefined; sort?: Column | `-${Column}` | undefined; page: number; size: number }

/** One page; each word of `q` is found in the name. There are few enough (`maxGroups`) for their names to be read whole. */
export async function listGroups(db: Reading, query: GroupsQuery): Promise<{ items: GroupView[]; total: number; of: number }> {
  const all = await db.selectFrom('groups').selectAll().execute()
  const matches = matcherOf(query.q)
  const [column, direction] = readSort<Column>(query.sort ?? 'name')
  const keyed = all
    .filter((row) => matches(row.name))
    .map((row) => ({ id: row.id, value: column === 'name' ? countingKey(row.name) : row.createdAt, name: countingKey(row.name), row }))
  const from = (query.page - 1) * query.size
  const shown = sortRows(keyed, direction).slice(from, from + query.size)
  return {
    items: await viewGroups(
      db,
      shown.map(({ row }) => row),
    ),
    total: keyed.length,
    of: all.length,
  }
}

export async function getGroup(db: Reading, id: string): Promise<GroupView | undefined> {
  return (await viewGroups(db, await db.selectFrom('groups').selectAll().where('id', '=', id).execute()))[0]
}

async function viewGroups(db: Reading, rows: readonly Row<'groups'>[]): Promise<GroupView[]> {
  if (rows.length === 0) return []
  const ids = rows.map(({ id }) => id)
  const members = await db
    .selectFrom('groupMembers')
    .innerJoin('operators', 'operators.id', 'groupMembers.operatorId')
    .select(['groupId', 'operators.id', 'operators.username', 'operators.name'])
    .where('groupId', 'in', ids)
    .orderBy('operators.username')
    .execute()
  const grants = await db
    .selectFrom('grantGroups')
    .innerJoin('grants', 'grants.id', 'grantGroups.grantId')
    .select(['groupId', 'grants.id', 'grants.name'])
    .where('groupId', 'in', ids)
    .orderBy('grants.name')
    .execute()
  const [membersOf, grantsOf] = [Map.groupBy(members, ({ groupId }) => groupId), Map.groupBy(grants, ({ groupId }) => groupId)]
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    members: (membersOf.get(row.id) ?? []).map(({ id, username, name }) => ({ id, username, name })),
    grants: (grantsOf.get(row.id) ?? []).map(({ id, name }) => ({ id, name })),
    createdAt: new Date(row.createdAt).toISOString(),
  }))
}
