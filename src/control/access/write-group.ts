// Making, changing and removing groups: each in one transaction with its ledger row, and with the end of what it forbids.
import { Failure } from '#domain/failure.ts'
import { GroupId, makeId } from '#domain/id.ts'
import type { GroupView } from '#wire/api/access.ts'
import { byWhom, random } from '../assets/parts.ts'
import { record } from '../audit/ledger.ts'
import type { Actor } from '../http/desks.ts'
import type { Trx } from '../store/open-store.ts'
import { endForbidden } from './enforce.ts'
import { getGroup } from './group-rows.ts'
import { refuseTakenName, refuseUnknown, type AccessParts } from './named.ts'

/** More are refused with `conflict`: lists of them are read whole. */
export const maxGroups = 500
const rowsAtOnce = 500
/** What people read whose session ends with such a change. */
export const accessChanged = 'Your access to this host was changed.'

export const noGroup = () => new Failure('group_not_found', 'There is no such group.')

/** Throws `name_taken`, `conflict` at 500, `operator_not_found` naming the member. */
export async function createGroup(parts: AccessParts, input: { name: string; members: readonly string[] }, actor: Actor): Promise<GroupView> {
  const id = makeId(GroupId, 'gr', random(15))
  return await parts.store.transaction(async (trx) => {
    const now = parts.now()
    const name = input.name.normalize('NFC')
    if ((await refuseTakenName(trx, 'groups', name, undefined)) >= maxGroups)
      throw new Failure('conflict', `There are ${maxGroups} groups, which is as many as there may be.`)
    await refuseUnknown(trx, 'operators', input.members, 'members')
    await trx.insertInto('groups').values({ id, name, createdAt: now }).execute()
    await addMembers(trx, id, input.members)
    const view = await mustGet(trx, id)
    const detail = { name, members: view.members.map(({ username }) => username) }
    await record(trx, { code: 'group.created', outcome: 'done', ...byWhom(actor), object: id, detail, after: factsOf(view) }, now)
    return view
  })
}

/** What is left out stays; `members` takes the place of all. Throws `group_not_found` and the codes of `createGroup`. */
export async function updateGroup(
  parts: AccessParts,
  id: string,
  change: { name?: string | undefined; members?: readonly string[] | undefined },
  actor: Actor,
): Promise<GroupView> {
  const { view, ends } = await parts.store.transaction(async (trx) => {
    const now = parts.now()
    const before = await getGroup(trx, id)
    if (!before) throw noGroup()
    const name = change.name?.normalize('NFC') ?? before.name
    if (change.name !== undefined) await refuseTakenName(trx, 'groups', name, id)
    await trx.updateTable('groups').set({ name }).where('id', '=', id).execute()
    if (change.members !== undefined) {
      await refuseUnknown(trx, 'operators', change.members, 'members')
      await trx.deleteFrom('groupMembers').where('groupId', '=', id).execute()
      await addMembers(trx, id, change.members)
    }
    const after = await mustGet(trx, id)
    const [left, joined] = [besides(before, after), besides(after, before)]
    const detail = {
      ...(name === before.name ? { name } : { name, nameBefore: before.name }),
      joined: joined.map(({ username }) => username),
      left: left.map(({ username }) => username),
    }
    await record(trx, { code: 'group.changed', outcome: 'done', ...byWhom(actor), object: id, detail, before: factsOf(before), after: factsOf(after) }, now)
    // Who joined may have come under a grant that asks for more.
    const operators = [...left, ...joined].map((person) => person.id)
    return { view: after, ends: operators.length === 0 ? [] : await endForbidden(trx, { operators, by: actor, text: accessChanged }, now) }
  })
  parts.pushEnds(ends)
  return view
}

/** Grants that name it stay, and name one group less. Throws `group_not_found`. */
export async function removeGroup(parts: AccessParts, id: string, actor: Actor): Promise<void> {
  const ends = await parts.store.transaction(async (trx) => {
    const now = parts.now()
    const before = await getGroup(trx, id)
    if (!before) throw noGroup()
    await trx.deleteFrom('groups').where('id', '=', id).execute()
    const detail = { name: before.name, members: before.members.map(({ username }) => username), grants: before.grants.map(({ name }) => name) }
    await record(trx, { code: 'group.removed', outcome: 'done', ...byWhom(actor), object: id, detail, before: factsOf(before) }, now)
    const operators = before.members.map((member) => member.id)
    return operators.length === 0 ? [] : await endForbidden(trx, { operators, by: actor, text: accessChanged }, now)
  })
  parts.pushEnds(ends)
}

async function addMembers(trx: Trx, groupId: string, members: readonly string[]): Promise<void> {
  const rows = [...new Set(members)].map((operatorId) => ({ groupId, operatorId }))
  for (let from = 0; from < rows.length; from += rowsAtOnce)
    await trx
      .insertInto('groupMembers')
      .values(rows.slice(from, from + rowsAtOnce))
      .execute()
}

const besides = (these: GroupView, those: GroupView) => these.members.filter(({ id }) => !those.members.some((other) => other.id === id))
const factsOf = ({ name, members }: GroupView) => ({ name, members: members.map(({ id }) => id).toSorted() })

async function mustGet(trx: Trx, id: string): Promise<GroupView> {
  const view = await getGroup(trx, id)
  if (!view) throw new Error('the group is gone inside the transaction that wrote it')
  return view
}
