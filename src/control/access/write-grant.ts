// Making, replacing and removing grants: each in one transaction with its ledger row, and with the end of what it forbids.
import { Failure } from '#domain/failure.ts'
import { GrantTerms } from '#domain/grant.ts'
import { GrantId, makeId } from '#domain/id.ts'
import type { GrantInput, GrantView } from '#wire/api/access.ts'
import { byWhom, random } from '../assets/parts.ts'
import { storedTags } from '../assets/write-asset.ts'
import { record } from '../audit/ledger.ts'
import type { Actor } from '../http/desks.ts'
import type { Trx } from '../store/open-store.ts'
import { endForbidden } from './enforce.ts'
import { maxGrants } from './grant-rows.ts'
import { getGrant } from './grant-views.ts'
import { refuseTakenName, refuseUnknown, type AccessParts } from './named.ts'
import { accessChanged } from './write-group.ts'

const rowsAtOnce = 500

export const noGrant = () => new Failure('grant_not_found', 'There is no such grant.')

/** Throws `name_taken`, `conflict` at 2,000, `bad_request` for an end that is not after the beginning, and the not-found code of what it names, with its place. */
export async function createGrant(parts: AccessParts, input: GrantInput, actor: Actor): Promise<GrantView> {
  refuseBackwards(input)
  const id = makeId(GrantId, 'gt', random(15))
  const { view, ends } = await parts.store.transaction(async (trx) => {
    const now = parts.now()
    if ((await refuseTakenName(trx, 'grants', input.name, undefined)) >= maxGrants)
      throw new Failure('conflict', `There are ${maxGrants} grants, which is as many as there may be.`)
    await refuseUnknownNames(trx, input)
    await trx
      .insertInto('grants')
      .values({ id, ...columnsOf(input), createdAt: now, changedAt: now })
      .execute()
    await putNames(trx, id, input)
    const after = await mustGet(trx, id, now)
    const event = { code: 'grant.created', outcome: 'done', ...byWhom(actor), object: id, detail: toldOf(after), after: factsOf(after) } as const
    await record(trx, event, now)
    // A new grant can ask for more than the ones by which a session was permitted.
    return { view: after, ends: await endOfPeople(trx, [id], [], actor, now) }
  })
  parts.pushEnds(ends)
  return view
}

/** The whole grant anew. Throws `grant_not_found` and the codes of `createGrant`. */
export async function replaceGrant(parts: AccessParts, id: string, input: GrantInput, actor: Actor): Promise<GrantView> {
  refuseBackwards(input)
  const { view, ends } = await parts.store.transaction(async (trx) => {
    const now = parts.now()
    const before = await getGrant(trx, id, now)
    if (!before) throw noGrant()
    await refuseTakenName(trx, 'grants', input.name, id)
    await refuseUnknownNames(trx, input)
    const people = await peopleOf(trx, id)
    await trx
      .updateTable('grants')
      .set({ ...columnsOf(input), changedAt: now })
      .where('id', '=', id)
      .execute()
    for (const table of ['grantOperators', 'grantGroups', 'grantAssets'] as const) await trx.deleteFrom<typeof table>(table).where('grantId', '=', id).execute()
    await putNames(trx, id, input)
    const after = await mustGet(trx, id, now)
    const detail = { before: toldOf(before), after: toldOf(after) }
    await record(trx, { code: 'grant.changed', outcome: 'done', ...byWhom(actor), object: id, detail, before: factsOf(before), after: factsOf(after) }, now)
    return { view: after, ends: await endOfPeople(trx, [id], people, actor, now) }
  })
  parts.pushEnds(ends)
  return view
}

/** Throws `grant_not_found`. */
export async function removeGrant(parts: AccessParts, id: string, actor: Actor): Promise<void> {
  const ends = await parts.store.transaction(async (trx) => {
    const now = parts.now()
    const before = await getGrant(trx, id, now)
    if (!before) throw noGrant()
    const people = await peopleOf(trx, id)
    await trx.deleteFrom('grants').where('id', '=', id).execute()
    await record(trx, { code: 'grant.removed', outcome: 'done', ...byWhom(actor), object: id, detail: toldOf(before), before: factsOf(before) }, now)
    return await endOfPeople(trx, [], people, actor, now)
  })
  parts.pushEnds(ends)
}

function refuseBackwards({ from, until }: GrantInput): void {
  if (from !== undefined && until !== undefined && Date.parse(until) <= Date.parse(from))
    throw new Failure('bad_request', 'The grant would end before it begins.', { field: 'until' })
}

async function refuseUnknownNames(trx: Trx, input: GrantInput): Promise<void> {
  await refuseUnknown(trx, 'operators', input.operators)
  await refuseUnknown(trx, 'groups', input.groups)
  if (input.assets !== 'all') await refuseUnknown(trx, 'assets', input.assets)
}

const unique = <Item>(items: readonly Item[]): Item[] => [...new Set(items)]

function columnsOf({ name, note, operators: _operators, groups: _groups, assets, tags, ...given }: GrantInput & { id?: string }) {
  const { id: _id, ...rest } = given
  const terms = GrantTerms.parse(rest)
  const once = {
    ...terms,
    actions: unique(terms.actions),
    accounts: terms.accounts === 'all' ? terms.accounts : unique(terms.accounts),
    ...(terms.paths === undefined ? {} : { paths: unique(terms.paths) }),
  }
  return { name: name.normalize('NFC'), note, allAssets: assets === 'all' ? 1 : 0, tags: storedTags(tags), terms: JSON.stringify(once) }
}

async function putNames(trx: Trx, grantId: string, { operators, groups, assets }: GrantInput): Promise<void> {
  const chunks = function* (ids: readonly string[]) {
    const each = unique(ids)
    for (let from = 0; from < each.length; from += rowsAtOnce) yield each.slice(from, from + rowsAtOnce)
  }
  for (const part of chunks(operators))
    await trx
      .insertInto('grantOperators')
      .values(part.map((operatorId) => ({ grantId, operatorId })))
      .execute()
  for (const part of chunks(groups))
    await trx
      .insertInto('grantGroups')
      .values(part.map((groupId) => ({ grantId, groupId })))
      .execute()
  for (const part of chunks(assets === 'all' ? [] : assets))
    await trx
      .insertInto('grantAssets')
      .values(part.map((assetId) => ({ grantId, assetId })))
      .execute()
}

/** All whom the grant names, by themselves or by a group. */
async function peopleOf(trx: Trx, grant: string): Promise<string[]> {
  const own = await trx.selectFrom('grantOperators').select('operatorId').where('grantId', '=', grant).execute()
  const grouped = await trx
    .selectFrom('grantGroups')
    .innerJoin('groupMembers', 'groupMembers.groupId', 'grantGroups.groupId')
    .select('operatorId')
    .where('grantId', '=', grant)
    .execute()
  return unique([...own, ...grouped].map(({ operatorId }) => operatorId))
}

async function endOfPeople(trx: Trx, grants: readonly string[], people: readonly string[], actor: Actor, now: number) {
  const operators = [...people]
  for (const grant of grants) operators.push(...(await peopleOf(trx, grant)))
  return operators.length === 0 ? [] : await endForbidden(trx, { operators: unique(operators), by: actor, text: accessChanged }, now)
}

const termsOf = ({ id: _id, state: _state, createdAt: _created, changedAt: _changed, operators: _o, groups: _g, assets: _a, ...rest }: GrantView) => rest

/** What the ledger keeps, for its digests: ids in their order. */
const factsOf = (view: GrantView) => ({
  ...termsOf(view),
  operators: view.operators.map(({ id }) => id).toSorted(),
  groups: view.groups.map(({ id }) => id).toSorted(),
  assets: view.assets === 'all' ? 'all' : view.assets.map(({ id }) => id).toSorted(),
})

/** The same, for people to read. */
const toldOf = (view: GrantView) => ({
  ...termsOf(view),
  operators: view.operators.map(({ username }) => username),
  groups: view.groups.map(({ name }) => name),
  assets: view.assets === 'all' ? 'all' : view.assets.map(({ name }) => name),
})

async function mustGet(trx: Trx, id: string, now: number): Promise<GrantView> {
  const view = await getGrant(trx, id, now)
  if (!view) throw new Error('the grant is gone inside the transaction that wrote it')
  return view
}
