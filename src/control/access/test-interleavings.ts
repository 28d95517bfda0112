// Redeeming and revoking at the same moment, again and again, for tests: what stands in the rows afterwards.
import { randomBytes } from 'node:crypto'
import { isFailure } from '#domain/failure.ts'
import { grantActions, GrantTerms } from '#domain/grant.ts'
import { GroupId, makeId, OperatorId } from '#domain/id.ts'
import type { GrantInput } from '#wire/api/access.ts'
import { deleteAsset } from '../assets/write-asset.ts'
import type { Actor } from '../http/desks.ts'
import { Refusals } from '../link/refusals.ts'
import { openTestLinks, redeem as ask, type TestLinks } from '../link/test-links.ts'
import { updateOperator } from '../operators/write-operator.ts'
import { redeem } from '../sessions/redeem.ts'
import { askerOf } from '../sign-in/sign-ins.ts'
import type { TestEngine } from '../store/test-engines.ts'
import { grantTo } from './test-grants.ts'
import { removeGrant, replaceGrant } from './write-grant.ts'
import { updateGroup } from './write-group.ts'

/** Side by side; each has a person, a host and a ticket of its own. */
const atOnce = 20

export type Interleavings = {
  /** How many redeemed before it was too late, and how many were refused. */
  admitted: number
  refused: number
  /** Sessions that nobody wished to end although what permitted them was gone; must be none. */
  left: string[]
  /** Errors that are no refusal; must be none. */
  faults: unknown[]
}

/** `count` times a ticket is redeemed while a grant is removed or narrowed, its person disabled or taken out of the group, or the host deleted. */
export async function interleave(engine: TestEngine, count: number): Promise<Interleavings> {
  const rooms = await openTestLinks(engine)
  try {
    const gateway = await rooms.join()
    const admin = await rooms.seedOperator({ username: 'admin-of-all' })
    const row = await rooms.store.db.selectFrom('operators').selectAll().where('id', '=', admin.id).executeTakeFirstOrThrow()
    const by: Actor = { operator: await askerOf(rooms.store.db, row, false), source: '192.0.2.200' }
    const found: Interleavings = { admitted: 0, refused: 0, left: [], faults: [] }
    for (let from = 0; from < count; from += atOnce)
      await Promise.all(Array.from({ length: Math.min(atOnce, count - from) }, (_, index) => one(rooms, gateway.id, by, from + index, found)))
    return found
  } finally {
    await rooms.close()
  }
}

type Act = 'grant' | 'person' | 'group' | 'host' | 'paths'
const narrowed: Pick<GrantInput, 'note' | 'operators' | 'tags' | keyof GrantTerms> = {
  ...{ note: '', operators: [], tags: [] },
  ...GrantTerms.parse({ actions: [...grantActions], accounts: 'all', paths: ['/srv'] }),
}

async function one(rooms: TestLinks, gateway: Parameters<typeof redeem>[1], by: Actor, n: number, found: Interleavings): Promise<void> {
  const { store, rules, clock } = rooms
  const admitParts = {
    ...rules,
    refusals: new Refusals(store, rules.now, () => undefined),
    limits: { idleMs: 900_000 },
    sessionsPerOperator: 5,
    refusing: () => undefined,
  }
  const changeParts = { ...rules, pushEnds: () => undefined, passwords: { hash: () => Promise.reject(new Error('no password is set here')) } }
  const person = await rooms.seedOperator({ role: 'member' })
  const asset = await rooms.seedAsset()
  const group = makeId(GroupId, 'gr', randomBytes(15))
  const grant = await store.transaction(async (trx) => {
    await trx.insertInto('groups').values({ id: group, name: group, createdAt: clock.now }).execute()
    await trx.insertInto('groupMembers').values({ groupId: group, operatorId: person.id }).execute()
    return grantTo(trx, { groups: [group], assets: [asset.id] })
  })
  const acts: Act[] = ['grant', 'person', 'group', 'host', 'paths']
  const act = acts[n % acts.length] ?? 'grant'
  // Narrower paths are nothing to a terminal.
  const kind = act === 'paths' || n % 2 === 0 ? 'files' : 'shell'
  const ticket = await rooms.ticketFor({ ...person, id: OperatorId.parse(person.id) }, { kind, asset: asset.id, account: asset.account })
  const revoke: Record<Act, () => Promise<unknown>> = {
    grant: () => removeGrant(changeParts, grant, by),
    person: () => updateOperator(changeParts, person.id, { enabled: false }, by),
    group: () => updateGroup(changeParts, group, { members: [] }, by),
    host: () => deleteAsset(changeParts, asset.id, by),
    paths: () => replaceGrant(changeParts, grant, { ...narrowed, name: grant, groups: [group], assets: [asset.id] }, by),
  }
  const later = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 10))
  const [redeemed, revoked] = await Promise.allSettled([
    later().then(() => redeem(admitParts, gateway, { ...ask(ticket), signIn: person.signInId })),
    later().then(revoke[act]),
  ])
  if (redeemed.status === 'fulfilled') found.admitted += 1
  else if (isFailure(redeemed.reason) && ['asset_not_found', 'ticket_invalid'].includes(redeemed.reason.code)) found.refused += 1
  else found.faults.push(redeemed.reason)
  if (revoked.status === 'rejected') found.faults.push(revoked.reason)
  // Both are committed: whatever was admitted was admitted before, so the revocation has seen it.
  const rows = await store.db.selectFrom('sessions').select(['id', 'mustEnd', 'duties']).where('operatorId', '=', person.id).execute()
  if (rows.length !== (redeemed.status === 'fulfilled' ? 1 : 0)) found.faults.push(new Error(`${rows.length} sessions of one ticket`))
  found.left.push(...rows.filter(({ mustEnd, duties }) => mustEnd === null && !(act === 'paths' && duties?.includes('"/srv"'))).map(({ id }) => id))
}
