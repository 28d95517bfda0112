// Grants as administrators read them: with the names of whom and what they name.
import { missingTime } from '#domain/access.ts'
import { GrantTerms } from '#domain/grant.ts'
import type { grantColumns, GrantView } from '#wire/api/access.ts'
import { countingKey, readSort, sortRows } from '../assets/counting-order.ts'
import type { Row } from '../store/row-types.ts'
import { groupsOf } from './grant-rows.ts'
import { matcherOf, type Reading } from './named.ts'

type Column = (typeof grantColumns)[number]
export type GrantsQuery = {
  q?: string | undefined
  sort?: Column | `-${Column}` | undefined
  page: number
  size: number
  /** Ids. */
  operator?: string | undefined
  group?: string | undefined
  asset?: string | undefined
}

/** One page; each word of `q` is found in name or note. There are few enough (`maxGrants`) to be read whole, without whom they name. */
export async function listGrants(db: Reading, query: GrantsQuery, nowMs: number): Promise<{ items: GrantView[]; total: number; of: number }> {
  const all = await db.selectFrom('grants').selectAll().execute()
  const matches = matcherOf(query.q)
  const narrowed = await narrowing(db, query)
  const [column, direction] = readSort<Column>(query.sort ?? 'name')
  const keyed = all
    .filter((row) => matches(`${row.name}\n${row.note}`) && narrowed(row))
    .map((row) => ({ id: row.id, value: column === 'name' ? countingKey(row.name) : row[column], name: countingKey(row.name), row }))
  const from = (query.page - 1) * query.size
  const shown = sortRows(keyed, direction).slice(from, from + query.size)
  return {
    items: await viewGrants(
      db,
      shown.map(({ row }) => row),
      nowMs,
    ),
    total: keyed.length,
    of: all.length,
  }
}

async function narrowing(db: Reading, { operator, group, asset }: GrantsQuery): Promise<(row: Row<'grants'>) => boolean> {
  const people = operator === undefined ? undefined : await namingOperator(db, operator)
  const groups = group === undefined ? undefined : await namingGroups(db, [group])
  const host = asset === undefined ? undefined : await namingAsset(db, asset)
  return (row) => (people?.has(row.id) ?? true) && (groups?.has(row.id) ?? true) && (host?.(row) ?? true)
}

async function namingGroups(db: Reading, groups: readonly string[]): Promise<Set<string>> {
  if (groups.length === 0) return new Set()
  const rows = await db.selectFrom('grantGroups').select('grantId').where('groupId', 'in', groups).execute()
  return new Set(rows.map(({ grantId }) => grantId))
}

async function namingOperator(db: Reading, operator: string): Promise<Set<string>> {
  const own = await db.selectFrom('grantOperators').select('grantId').where('operatorId', '=', operator).execute()
  return new Set([...own.map(({ grantId }) => grantId), ...(await namingGroups(db, await groupsOf(db, operator)))])
}

async function namingAsset(db: Reading, asset: string): Promise<(row: Row<'grants'>) => boolean> {
  const host = await db.selectFrom('assets').select('tags').where('id', '=', asset).executeTakeFirst()
  if (!host) return () => false
  const rows = await db.selectFrom('grantAssets').select('grantId').where('assetId', '=', asset).execute()
  const named = new Set(rows.map(({ grantId }) => grantId))
  const tags = new Set(JSON.parse(host.tags) as string[])
  return (row) => row.allAssets === 1 || named.has(row.id) || (JSON.parse(row.tags) as string[]).some((tag) => tags.has(tag))
}

export async function getGrant(db: Reading, id: string, nowMs: number): Promise<GrantView | undefined> {
  return (await viewGrants(db, await db.selectFrom('grants').selectAll().where('id', '=', id).execute(), nowMs))[0]
}

async function viewGrants(db: Reading, rows: readonly Row<'grants'>[], nowMs: number): Promise<GrantView[]> {
  if (rows.length === 0) return []
  const ids = rows.map(({ id }) => id)
  const operators = await db
    .selectFrom('grantOperators')
    .innerJoin('operators', 'operators.id', 'grantOperators.operatorId')
    .select(['grantId', 'operators.id', 'operators.username', 'operators.name'])
    .where('grantId', 'in', ids)
    .orderBy('operators.username')
    .execute()
  const groups = await db
    .selectFrom('grantGroups')
    .innerJoin('groups', 'groups.id', 'grantGroups.groupId')
    .select((eb) => [
      'grantId',
      'groups.id',
      'groups.name',
      eb.exists(eb.selectFrom('groupMembers').select('operatorId').whereRef('groupMembers.groupId', '=', 'groups.id')).as('hasMembers'),
    ])
    .where('grantId', 'in', ids)
    .orderBy('groups.name')
    .execute()
  const assets = await db
    .selectFrom('grantAssets')
    .innerJoin('assets', 'assets.id', 'grantAssets.assetId')
    .select(['grantId', 'assets.id', 'assets.name'])
    .where('grantId', 'in', ids)
    .orderBy('assets.name')
    .execute()
  const byGrant = <Item extends { grantId: string }>(items: readonly Item[]) => Map.groupBy(items, ({ grantId }) => grantId)
  const [people, grouped, hosts] = [byGrant(operators), byGrant(groups), byGrant(assets)]
  return rows.map((row) => {
    const terms = GrantTerms.parse(JSON.parse(row.terms))
    const tags = JSON.parse(row.tags) as string[]
    const own = { operators: people.get(row.id) ?? [], groups: grouped.get(row.id) ?? [], assets: hosts.get(row.id) ?? [] }
    const namesSomebody = own.operators.length > 0 || own.groups.some(({ hasMembers }) => Boolean(hasMembers))
    const namesSomething = (row.allAssets === 1 || own.assets.length > 0 || tags.length > 0) && terms.accounts.length > 0
    return {
      ...terms,
      id: row.id,
      name: row.name,
      note: row.note,
      operators: own.operators.map(({ id, username, name }) => ({ id, username, name })),
      groups: own.groups.map(({ id, name }) => ({ id, name })),
      assets: row.allAssets === 1 ? ('all' as const) : own.assets.map(({ id, name }) => ({ id, name })),
      tags,
      state: namesSomebody && namesSomething ? stateOf(terms, nowMs) : 'empty',
      createdAt: new Date(row.createdAt).toISOString(),
      changedAt: new Date(row.changedAt).toISOString(),
    }
  })
}

/** A grant that is over stays over; one that has yet to begin, or waits for its hours, will cover by itself. */
function stateOf(terms: GrantTerms, nowMs: number): GrantView['state'] {
  const missing = missingTime(terms, nowMs)
  if (missing.includes('over')) return 'over'
  if (missing.includes('not_yet')) return 'not_yet'
  return missing.includes('hours') ? 'outside_hours' : 'active'
}
