// Operators as administrators see them.
import { Failure } from '#domain/failure.ts'
import { Role } from '#domain/operator.ts'
import type { OperatorDetail } from '#wire/api/operators.ts'
import type { Store, Trx } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'

type Reading = Store['db'] | Trx

export const noOperator = () => new Failure('operator_not_found', 'There is no such person (any more).')

/** Throws `operator_not_found`. */
export async function getOperator(from: Reading, id: string): Promise<OperatorDetail> {
  const row = await from.selectFrom('operators').selectAll().where('id', '=', id).executeTakeFirst()
  const [view] = row ? await viewOperators(from, [row]) : []
  if (!view) throw noOperator()
  return view
}

/** In the order of the rows. */
export async function viewOperators(from: Reading, rows: readonly Row<'operators'>[]): Promise<OperatorDetail[]> {
  const ids = rows.map(({ id }) => id)
  if (ids.length === 0) return []
  const members = await from
    .selectFrom('groupMembers')
    .innerJoin('groups', 'groups.id', 'groupMembers.groupId')
    .select(['groupMembers.operatorId', 'groups.id', 'groups.name'])
    .where('groupMembers.operatorId', 'in', ids)
    .orderBy('groups.name')
    .execute()
  const factors = await from.selectFrom('secondFactors').select('operatorId').where('operatorId', 'in', ids).where('confirmedAt', 'is not', null).execute()
  const withFactor = new Set(factors.map(({ operatorId }) => operatorId))
  const live = await from
    .selectFrom('sessions')
    .select(['operatorId', ({ fn }) => fn.countAll<number>().as('count')])
    .where('operatorId', 'in', ids)
    .where('state', '<>', 'ended')
    .groupBy('operatorId')
    .execute()
  const liveOf = new Map(live.map(({ operatorId, count }) => [operatorId, Number(count)]))
  const groupsOf = new Map<string, { id: string; name: string }[]>()
  for (const { operatorId, id, name } of members) groupsOf.set(operatorId, [...(groupsOf.get(operatorId) ?? []), { id, name }])
  return rows.map((row) => ({
    id: row.id,
    username: row.username,
    name: row.name,
    role: Role.parse(row.role),
    mayWatch: row.mayWatch === 1,
    enabled: row.enabled === 1,
    groups: groupsOf.get(row.id) ?? [],
    secondFactor: withFactor.has(row.id),
    mustChangePassword: row.mustChangePassword === 1,
    sessions: liveOf.get(row.id) ?? 0,
    ...(row.lastSignInAt === null ? {} : { lastSignInAt: new Date(row.lastSignInAt).toISOString() }),
    createdAt: new Date(row.createdAt).toISOString(),
  }))
}
