// Grants as they are stored, and the one way to ask `decide` about what stands there now.
import { decide, type Asker, type Permit, type Question, type Refusal } from '#domain/access.ts'
import { GrantTerms, type Grant } from '#domain/grant.ts'
import { GrantId } from '#domain/id.ts'
import type { Store, Trx } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'

type Reading = Store['db'] | Trx
/** Of one product. Every decision reads those of one operator alone, but a list shows all. */
export const maxGrants = 2000

/** All that name the operator, or a group of theirs. */
export async function grantsOf(from: Reading, operator: Pick<Asker, 'id' | 'groups'>): Promise<Grant[]> {
  const rows = await from
    .selectFrom('grants')
    .selectAll()
    .where((eb) =>
      eb.or([
        eb('id', 'in', eb.selectFrom('grantOperators').select('grantId').where('operatorId', '=', operator.id)),
        ...(operator.groups.length === 0 ? [] : [eb('id', 'in', eb.selectFrom('grantGroups').select('grantId').where('groupId', 'in', operator.groups))]),
      ]),
    )
    .limit(maxGrants)
    .execute()
  return readGrants(from, rows)
}

export async function allGrants(from: Reading): Promise<Grant[]> {
  return readGrants(from, await from.selectFrom('grants').selectAll().orderBy('createdAt').orderBy('id').limit(maxGrants).execute())
}

/** With whom and what each names. */
export async function readGrants(from: Reading, rows: readonly Row<'grants'>[]): Promise<Grant[]> {
  const ids = rows.map(({ id }) => id)
  if (ids.length === 0) return []
  const operators = gather(await from.selectFrom('grantOperators').select(['grantId', 'operatorId as id']).where('grantId', 'in', ids).execute())
  const groups = gather(await from.selectFrom('grantGroups').select(['grantId', 'groupId as id']).where('grantId', 'in', ids).execute())
  const assets = gather(await from.selectFrom('grantAssets').select(['grantId', 'assetId as id']).where('grantId', 'in', ids).execute())
  return rows.map((row) => ({
    id: GrantId.parse(row.id),
    name: row.name,
    operators: operators.get(row.id) ?? [],
    groups: groups.get(row.id) ?? [],
    assets: row.allAssets === 1 ? 'all' : (assets.get(row.id) ?? []),
    tags: JSON.parse(row.tags) as string[],
    terms: GrantTerms.parse(JSON.parse(row.terms)),
  }))
}

/** A grant may name a thousand hosts, and is read at every connect. */
function gather(rows: readonly { grantId: string; id: string }[]): Map<string, string[]> {
  return new Map([...Map.groupBy(rows, ({ grantId }) => grantId)].map(([grant, named]) => [grant, named.map(({ id }) => id)]))
}

export async function groupsOf(from: Reading, operator: string): Promise<string[]> {
  const rows = await from.selectFrom('groupMembers').select('groupId').where('operatorId', '=', operator).execute()
  return rows.map(({ groupId }) => groupId)
}

/** Asks on the rows of this moment. Inside a transaction nothing that forbids it can be committed beside the act that the answer permits. */
export async function decideNow(from: Reading, question: Question, nowMs: number): Promise<Permit | Refusal> {
  return decide(question, await grantsOf(from, question.operator), nowMs)
}

/** A host as a question names it; undefined when there is none. */
export async function assetAsked(from: Reading, id: string): Promise<NonNullable<Question['asset']> | undefined> {
  const row = await from.selectFrom('assets').select(['id', 'tags']).where('id', '=', id).executeTakeFirst()
  return row && askedAsset(row)
}
export const askedAsset = (row: { id: string; tags: string }): NonNullable<Question['asset']> => ({
  id: row.id as NonNullable<Question['asset']>['id'],
  tags: JSON.parse(row.tags) as string[],
})
