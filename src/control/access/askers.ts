// Many operators at once, as a question names them, with the grants that decide about each.
import type { Asker } from '#domain/access.ts'
import type { Grant } from '#domain/grant.ts'
import { OperatorId } from '#domain/id.ts'
import { Role } from '#domain/operator.ts'
import type { Trx } from '../store/open-store.ts'
import { allGrants, grantsOf } from './grant-rows.ts'

/** Of one statement. */
const idsAtOnce = 1000
/** Up to here those of each are read; beyond it all there are, once. */
const fewAskers = 10

/** As they are now, with their groups. Whoever is not there (any more) is left out. None counts as having shown a second factor: whose sign-in did is the caller's to know. */
export async function askersOf(trx: Trx, ids: ReadonlySet<string>): Promise<Map<string, Asker>> {
  const askers = new Map<string, Asker>()
  const all = [...ids]
  for (let from = 0; from < all.length; from += idsAtOnce) {
    const some = all.slice(from, from + idsAtOnce)
    const members = await trx.selectFrom('groupMembers').selectAll().where('operatorId', 'in', some).execute()
    const groups = Map.groupBy(members, ({ operatorId }) => operatorId)
    for (const row of await trx.selectFrom('operators').select(['id', 'username', 'role', 'mayWatch', 'enabled']).where('id', 'in', some).execute())
      askers.set(row.id, {
        id: OperatorId.parse(row.id),
        name: row.username,
        role: Role.parse(row.role),
        enabled: row.enabled === 1,
        mayWatch: row.mayWatch === 1,
        groups: (groups.get(row.id) ?? []).map(({ groupId }) => groupId),
        secondFactor: false,
      })
  }
  return askers
}

/** The grants that name each of them or a group of theirs, read once. */
export async function grantsOfMany(trx: Trx, askers: ReadonlyMap<string, Asker>): Promise<Map<string, readonly Grant[]>> {
  const found = new Map<string, readonly Grant[]>()
  if (askers.size <= fewAskers) {
    for (const asker of askers.values()) found.set(asker.id, await grantsOf(trx, asker))
    return found
  }
  const named = new Map<string, Grant[]>()
  for (const grant of await allGrants(trx))
    for (const id of [...grant.operators, ...grant.groups]) {
      const known = named.get(id)
      if (known) known.push(grant)
      else named.set(id, [grant])
    }
  for (const asker of askers.values()) found.set(asker.id, [...new Set([asker.id, ...asker.groups].flatMap((id) => named.get(id) ?? []))])
  return found
}
