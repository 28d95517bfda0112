// Making and changing people. Every change is one transaction with its ledger row; what it forbids ends with it.
import { makeId, OperatorId } from '#domain/id.ts'
import { Failure } from '#domain/failure.ts'
import type { Role } from '#domain/operator.ts'
import { Secret } from '#domain/secret.ts'
import type { OperatorDetail } from '#wire/api/operators.ts'
import { endForbidden } from '../access/enforce.ts'
import { byWhom, random } from '../assets/parts.ts'
import { record } from '../audit/ledger.ts'
import type { Actor } from '../http/desks.ts'
import type { PendingEnd } from '../sessions/end-with-sign-in.ts'
import type { Passwords } from '../sign-in/passwords.ts'
import type { Store, Trx } from '../store/open-store.ts'
import { endAllOf } from './end-access.ts'
import { getOperator } from './operator-rows.ts'

export type OperatorParts = {
  readonly store: Store
  readonly passwords: Pick<Passwords, 'hash'>
  /** Ms since the epoch. */
  now(): number
  pushEnds(ends: readonly PendingEnd[]): void
}
export type NewOperator = { username: string; name?: string | undefined; role: Role; mayWatch: boolean; groups: readonly string[]; password: string }
export type OperatorChange = {
  name?: string | undefined
  role?: Role | undefined
  mayWatch?: boolean | undefined
  enabled?: boolean | undefined
  groups?: readonly string[] | undefined
}
/** Many more than any list shows at once; a bound all the same. */
export const maxOperators = 20_000

/** With a password that the first sign-in replaces. Throws `name_taken`, `group_not_found`, `password_too_weak`. */
export async function createOperator(parts: OperatorParts, made: NewOperator, actor: Actor): Promise<OperatorDetail> {
  const passwordHash = await parts.passwords.hash(new Secret(made.password), made.username)
  const id = makeId(OperatorId, 'op', random(15))
  return parts.store.transaction(async (trx) => {
    const { username, role, mayWatch } = made
    const { count } = await trx
      .selectFrom('operators')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    if (Number(count) >= maxOperators) throw new Failure('conflict', `There are ${maxOperators} people already. Remove some first.`)
    if (await trx.selectFrom('operators').select('id').where('username', '=', username).executeTakeFirst())
      throw new Failure('name_taken', 'Someone has this user name already.', { field: 'username' })
    const row = { id, username, name: made.name ?? username, role, mayWatch: mayWatch ? 1 : 0, enabled: 1, passwordHash }
    await trx
      .insertInto('operators')
      .values({ ...row, createdAt: parts.now(), mustChangePassword: 1 })
      .execute()
    await setGroups(trx, id, made.groups)
    const view = await getOperator(trx, id)
    const after = factsOf(view)
    await record(trx, { code: 'operator.created', outcome: 'done', ...byWhom(actor), object: id, after, detail: { ...after } }, parts.now())
    return view
  })
}

/** Throws `operator_not_found`, `own_right`, `last_administrator`, `group_not_found`. Another role ends the sign-ins of the person, disabling their tokens too. */
export async function updateOperator(parts: OperatorParts, id: string, change: OperatorChange, actor: Actor): Promise<OperatorDetail> {
  const { view, ends } = await parts.store.transaction(async (trx) => {
    const now = parts.now()
    const before = await getOperator(trx, id)
    refuseOwnRights(before, change, actor)
    if (before.role === 'admin' && before.enabled && (change.enabled === false || (change.role ?? 'admin') !== 'admin')) await refuseLastAdministrator(trx, id)
    const { name = before.name, role = before.role, mayWatch = before.mayWatch, enabled = before.enabled } = change
    await trx
      .updateTable('operators')
      .set({ name, role, mayWatch: mayWatch ? 1 : 0, enabled: enabled ? 1 : 0 })
      .where('id', '=', id)
      .execute()
    if (change.groups !== undefined) await setGroups(trx, id, change.groups)
    const [was, is] = [factsOf(before), factsOf(await getOperator(trx, id))]
    if (JSON.stringify(was) === JSON.stringify(is)) return { view: await getOperator(trx, id), ends: [] }
    await record(
      trx,
      { code: 'operator.changed', outcome: 'done', ...byWhom(actor), object: id, before: was, after: is, detail: { before: was, after: is } },
      now,
    )
    const pending: PendingEnd[] = []
    const text = enabled ? 'Your rights were changed: sign in again.' : 'Your account was disabled.'
    // A cookie that was given to a person of another role opens nothing any more, whoever else holds it.
    if ((before.enabled && !enabled) || role !== before.role) pending.push(...(await endAllOf(trx, id, { by: actor, text, tokens: !enabled }, now)).ends)
    pending.push(...(await endForbidden(trx, { operators: [id], by: actor, text: 'Your right to this session was taken away.' }, now)))
    return { view: await getOperator(trx, id), ends: pending }
  })
  parts.pushEnds(ends)
  return view
}

/** With their sign-ins, tokens, second factor, favourites and memberships. Throws `operator_not_found`, `own_right`, `last_administrator`. */
export async function removeOperator(parts: OperatorParts, id: string, actor: Actor): Promise<void> {
  const ends = await parts.store.transaction(async (trx) => {
    const now = parts.now()
    const view = await getOperator(trx, id)
    if (id === actor.operator.id) throw new Failure('own_right', 'Nobody removes themselves. Ask another administrator.')
    if (view.role === 'admin' && view.enabled) await refuseLastAdministrator(trx, id)
    const before = factsOf(view)
    await record(trx, { code: 'operator.removed', outcome: 'done', ...byWhom(actor), object: id, before, detail: { ...before } }, now)
    const ended = await endAllOf(trx, id, { by: actor, text: 'Your account was removed.', tokens: true }, now)
    await trx.deleteFrom('operators').where('id', '=', id).execute()
    const forbidden = await endForbidden(trx, { operators: [id], by: actor, text: 'Your account was removed.' }, now)
    return [...ended.ends, ...forbidden]
  })
  parts.pushEnds(ends)
}

/** Shown in the ledger, and what an update compares. */
function factsOf({ username, name, role, mayWatch, enabled, groups }: OperatorDetail) {
  return { username, name, role, mayWatch, enabled, groups: groups.map((group) => group.name) }
}

/** Nobody raises or lowers themselves, also not together with something they may change. Throws `own_right` with the field. */
function refuseOwnRights(own: OperatorDetail, change: OperatorChange, actor: Actor): void {
  if (own.id !== actor.operator.id) return
  for (const field of ['role', 'mayWatch', 'enabled'] as const)
    if (change[field] !== undefined && change[field] !== own[field])
      throw new Failure('own_right', 'Nobody changes their own rights. Ask another administrator.', { field })
}

/** In the transaction of the change: of two who go at once the second one sees the first. Throws `last_administrator`. */
async function refuseLastAdministrator(trx: Trx, leaving: string): Promise<void> {
  const others = await trx
    .selectFrom('operators')
    .select('id')
    .where('role', '=', 'admin')
    .where('enabled', '=', 1)
    .where('id', '<>', leaving)
    .limit(1)
    .executeTakeFirst()
  if (!others) throw new Failure('last_administrator', 'This is the last administrator. Make someone else one first.')
}

async function setGroups(trx: Trx, operatorId: string, groups: readonly string[]): Promise<void> {
  const wanted = [...new Set(groups)]
  const found = wanted.length === 0 ? [] : await trx.selectFrom('groups').select('id').where('id', 'in', wanted).execute()
  if (found.length < wanted.length) throw new Failure('group_not_found', 'There is no such group (any more).', { field: 'groups' })
  await trx.deleteFrom('groupMembers').where('operatorId', '=', operatorId).execute()
  if (wanted.length > 0)
    await trx
      .insertInto('groupMembers')
      .values(wanted.map((groupId) => ({ groupId, operatorId })))
      .execute()
}
