// What the first administrator begins with: a group and its grant to all hosts, which can be changed like any other. Nothing is implicit.
import { grantActions, GrantTerms } from '#domain/grant.ts'
import { GrantId, GroupId, makeId } from '#domain/id.ts'
import type { Random } from '../sign-in/opaque-token.ts'
import type { Trx } from '../store/open-store.ts'

const groupName = 'administrators'

/** In the transaction that makes the operator. `now` in ms since the epoch. */
export async function grantAdministrators(trx: Trx, made: { operator: string; now: number; random: Random }): Promise<void> {
  const group = makeId(GroupId, 'gr', made.random(15))
  const grant = makeId(GrantId, 'gt', made.random(15))
  const terms = JSON.stringify(GrantTerms.parse({ actions: [...grantActions], accounts: 'all' }))
  const times = { createdAt: made.now, changedAt: made.now }
  await trx.insertInto('groups').values({ id: group, name: groupName, createdAt: made.now }).execute()
  await trx.insertInto('groupMembers').values({ groupId: group, operatorId: made.operator }).execute()
  await trx
    .insertInto('grants')
    .values({ id: grant, name: `${groupName}: all hosts`, note: '', allAssets: 1, tags: '[]', terms, ...times })
    .execute()
  await trx.insertInto('grantGroups').values({ grantId: grant, groupId: group }).execute()
}
