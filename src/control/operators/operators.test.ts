import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Role } from '#domain/operator.ts'
import { Secret } from '#domain/secret.ts'
import { listLedger } from '../audit/ledger.ts'
import type { Actor } from '../http/desks.ts'
import { digestOf, makeToken } from '../sign-in/opaque-token.ts'
import { openDoor, password, type TestDoor } from '../sign-in/test-door.ts'
import { engines, useEngine } from '../store/test-engines.ts'
import { endSessions, removeSecondFactor, setPassword } from './operator-access.ts'
import { listOperators } from './list-operators.ts'
import { createOperator, type OperatorParts, removeOperator, updateOperator } from './write-operator.ts'

describe.each(engines)('operators on %s', (name) => {
  const engine = useEngine(name)
  let door: TestDoor
  let parts: OperatorParts
  let ann: Actor
  const pushed: string[] = []
  beforeEach(async () => {
    door = await openDoor(await engine.open(), engine.makeFolder())
    pushed.length = 0
    parts = {
      store: door.store,
      passwords: door.passwords,
      now: () => door.clock.now,
      pushEnds: (ends) => void pushed.push(...ends.flatMap(({ wish }) => ('session' in wish ? [wish.session] : []))),
    }
    ann = await actorOf('ann')
  })
  const actorOf = async (username: string): Promise<Actor> => {
    const row = await door.store.db.selectFrom('operators').selectAll().where('username', '=', username).executeTakeFirstOrThrow()
    const operator = { id: row.id, name: username, role: row.role, enabled: true, mayWatch: true, groups: [], secondFactor: false }
    return { operator, source: '192.0.2.1', requestId: 'request-1' } as unknown as Actor
  }
  const make = (username: string, facts: { role?: Role; mayWatch?: boolean; groups?: string[]; name?: string } = {}) =>
    createOperator(parts, { username, role: 'member', mayWatch: false, groups: [], password, ...facts }, ann)
  /** As if they had signed in and changed their password. */
  const settle = async (id: string) => {
    await door.store.transaction((trx) => trx.updateTable('operators').set({ mustChangePassword: 0 }).where('id', '=', id).execute())
  }
  const openSession = async (operatorId: string, signInId: string | null) => {
    const id = `se_${Buffer.from(randomBytes(30))
      .toString('hex')
      .replace(/[^a-f2-7]/g, 'a')
      .slice(0, 28)}`
    const what = {
      id,
      operatorId,
      operatorName: 'x',
      assetName: 'web',
      address: '10.0.0.1',
      port: 22,
      account: 'root',
      door: 'web',
      kind: 'shell',
      state: 'live',
    }
    const more = { source: '', gatewayId: 'gw_x', startedAt: 1, bytesIn: 0, bytesOut: 0, recordingSeconds: 0, recordingBytes: 0, signInId }
    await door.store.transaction((trx) =>
      trx
        .insertInto('sessions')
        .values({ ...what, ...more })
        .execute(),
    )
    return id
  }
  const addToken = async (operatorId: string) => {
    const id = `tk_${randomBytes(15)
      .toString('hex')
      .replace(/[^a-f2-7]/g, 'b')
      .slice(0, 24)}`
    const row = { id, hash: digestOf(makeToken(randomBytes)), operatorId, name: 'ci', scopes: '["read"]', createdAt: 1 }
    await door.store.transaction((trx) => trx.insertInto('tokens').values(row).execute())
    return id
  }
  const mustEnd = async () =>
    (await door.store.db.selectFrom('sessions').select('id').where('mustEnd', '=', 'revoked').orderBy('id').execute()).map(({ id }) => id)

  it('are made with a password that must be changed, and leave a row', async () => {
    const bob = await make('bob', { role: 'auditor', name: 'Bob B.' })
    expect(bob).toMatchObject({
      username: 'bob',
      name: 'Bob B.',
      role: 'auditor',
      enabled: true,
      mustChangePassword: true,
      secondFactor: false,
      sessions: 0,
      groups: [],
    })
    const [row] = await listLedger(door.store.db, { code: 'operator.created' })
    expect(row).toMatchObject({ operator: ann.operator.id, object: bob.id, source: '192.0.2.1', requestId: 'request-1', outcome: 'done' })
    expect(JSON.stringify(row)).not.toContain(password)
    await expect(make('bob')).rejects.toMatchObject({ code: 'name_taken', field: 'username' })
    await expect(make('carl', { groups: ['gr_none'] })).rejects.toMatchObject({ code: 'group_not_found', field: 'groups' })
    await expect(
      createOperator(parts, { username: 'longlonglong', role: 'member', mayWatch: false, groups: [], password: 'LongLongLong' }, ann),
    ).rejects.toMatchObject({ code: 'password_too_weak' })
    expect(await door.store.db.selectFrom('operators').select('username').where('username', 'in', ['carl', 'longlonglong']).execute()).toEqual([])
  })

  it('are listed, searched, filtered and sorted, with totals', async () => {
    const group = await door.store.db.selectFrom('groups').select(['id', 'name']).executeTakeFirstOrThrow()
    await make('user10', { name: 'Zoë Ten' })
    await make('user2', { name: 'Two', groups: [group.id] })
    await updateOperator(parts, (await make('user3', { role: 'auditor' })).id, { enabled: false }, ann)
    const names = async (query: Partial<Parameters<typeof listOperators>[1]>) => {
      const { items, total, of } = await listOperators(door.store, { page: 1, size: 50, ...query })
      return [items.map(({ username }) => username).join(' '), total, of]
    }
    expect(await names({})).toEqual(['ann user2 user3 user10', 4, 4])
    expect(await names({ sort: '-username', size: 2, page: 2 })).toEqual(['user2 ann', 4, 4])
    expect(await names({ q: 'zoë US' })).toEqual(['user10', 1, 4])
    expect(await names({ q: '%' })).toEqual(['', 0, 4])
    expect(await names({ role: 'auditor' })).toEqual(['user3', 1, 4])
    expect(await names({ enabled: true, role: 'member' })).toEqual(['user2 user10', 2, 4])
    expect(await names({ group: group.id })).toEqual(['ann user2', 2, 4])
    await door.signIn()
    expect(await names({ sort: '-lastSignInAt' })).toEqual(['ann user2 user3 user10', 4, 4])
    const { items } = await listOperators(door.store, { page: 1, size: 1, q: 'user2' })
    expect(items[0]?.groups).toEqual([group])
  })

  it('change with a row that says what was and what is; nothing changed leaves none', async () => {
    const bob = await make('bob')
    await updateOperator(parts, bob.id, { name: 'Robert', mayWatch: true, groups: [] }, ann)
    await updateOperator(parts, bob.id, { name: 'Robert' }, ann)
    const rows = await listLedger(door.store.db, { code: 'operator.changed' })
    expect(rows).toHaveLength(1)
    expect(JSON.parse(rows[0]?.detail ?? '')).toMatchObject({ before: { name: 'bob', mayWatch: false }, after: { name: 'Robert', mayWatch: true } })
    await expect(updateOperator(parts, 'op_none', { name: 'x' }, ann)).rejects.toMatchObject({ code: 'operator_not_found' })
  })

  it('lose their sign-ins, tokens and sessions when they are disabled, and are refused at once (AUTH-15)', async () => {
    const bob = await make('bob')
    await settle(bob.id)
    const signedIn = await door.signIn({ username: 'bob' })
    await addToken(bob.id)
    const sessions = [await openSession(bob.id, signedIn.signInId), await openSession(bob.id, 'of-a-token-that-is-gone')]
    const other = await openSession(ann.operator.id, null)
    await updateOperator(parts, bob.id, { enabled: false }, ann)
    expect(await door.signIns.identify(signedIn.cookie)).toBeUndefined()
    expect(await door.tryIn({ username: 'bob' })).toBe('sign_in_failed')
    expect(await door.store.db.selectFrom('tokens').selectAll().execute()).toEqual([])
    expect(await mustEnd()).toEqual(sessions.toSorted())
    expect(pushed.toSorted()).toEqual(sessions.toSorted())
    expect(await mustEnd()).not.toContain(other)
    expect(await listLedger(door.store.db, { code: 'token.removed' })).toHaveLength(1)
    await updateOperator(parts, bob.id, { enabled: true }, ann)
    expect(await door.tryIn({ username: 'bob' })).toBe('in')
    expect(await door.signIns.identify(signedIn.cookie)).toBeUndefined()
  })

  it('get another role with every earlier sign-in void (WEB-07)', async () => {
    const bob = await make('bob')
    await settle(bob.id)
    const signedIn = await door.signIn({ username: 'bob' })
    const token = await addToken(bob.id)
    await updateOperator(parts, bob.id, { name: 'Bobby', groups: [] }, ann)
    expect(await door.signIns.identify(signedIn.cookie)).toBeDefined()
    await updateOperator(parts, bob.id, { role: 'admin' }, ann)
    expect(await door.signIns.identify(signedIn.cookie)).toBeUndefined()
    expect(await door.store.db.selectFrom('tokens').select('id').execute()).toEqual([{ id: token }])
  })

  it('do not raise, lower, disable or remove themselves (AUTHZ-14)', async () => {
    await make('dave', { role: 'admin' })
    const own = ann.operator.id
    for (const change of [{ role: 'member' as const }, { mayWatch: false }, { enabled: false }])
      await expect(updateOperator(parts, own, { name: 'Ann', ...change }, ann)).rejects.toMatchObject({ code: 'own_right', field: Object.keys(change)[0] })
    expect((await updateOperator(parts, own, { name: 'Ann', role: 'admin', mayWatch: true, enabled: true }, ann)).name).toBe('Ann')
    await expect(removeOperator(parts, own, ann)).rejects.toMatchObject({ code: 'own_right' })
    await expect(setPassword(parts, own, 'another long password', ann)).rejects.toMatchObject({ code: 'own_right' })
    await expect(removeSecondFactor(parts, own, ann)).rejects.toMatchObject({ code: 'own_right' })
  })

  it('keep one enabled administrator, however they are asked to go (AUTHZ-14)', async () => {
    const dave = await make('dave', { role: 'admin' })
    const byDave = await actorOf('dave')
    await updateOperator(parts, dave.id, { enabled: false }, ann)
    for (const change of [{ role: 'member' as const }, { enabled: false }])
      await expect(updateOperator(parts, ann.operator.id, change, byDave)).rejects.toMatchObject({ code: 'last_administrator' })
    await expect(removeOperator(parts, ann.operator.id, byDave)).rejects.toMatchObject({ code: 'last_administrator' })
    await removeOperator(parts, dave.id, ann)
  })

  it('keep one of three administrators whom a hundred changes at once would all take away (AUTHZ-14)', async () => {
    const others = [await make('dave', { role: 'admin' }), await make('erin', { role: 'admin' })]
    const admins = [ann, await actorOf('dave'), await actorOf('erin')]
    expect(others).toHaveLength(2)
    const left = async () => (await door.store.db.selectFrom('operators').select('id').where('role', '=', 'admin').where('enabled', '=', 1).execute()).length
    const acts = Array.from({ length: 100 }, (_each, turn) => {
      const [who, by] = [admins[turn % 3]!, admins[(turn + 1) % 3]!]
      if (turn % 5 === 0) return removeOperator(parts, who.operator.id, by)
      return updateOperator(parts, who.operator.id, turn % 2 ? { enabled: false } : { role: 'member' }, by)
    })
    const answers = await Promise.allSettled(acts)
    const codes = new Set(answers.flatMap((answer) => (answer.status === 'rejected' ? [(answer.reason as { code: string }).code] : [])))
    expect(await left()).toBe(1)
    expect(codes.has('last_administrator')).toBe(true)
    for (const code of codes) expect(['last_administrator', 'operator_not_found', 'rate_limited']).toContain(code)
  }, 60_000)

  it('are removed with all that is theirs; their sessions stay in the list and end', async () => {
    const bob = await make('bob')
    await settle(bob.id)
    const { signInId, cookie } = await door.signIn({ username: 'bob' })
    const session = await openSession(bob.id, signInId)
    await addToken(bob.id)
    await removeOperator(parts, bob.id, ann)
    expect([await mustEnd(), await door.signIns.identify(cookie)]).toEqual([[session], undefined])
    expect(await door.tryIn({ username: 'bob' })).toBe('sign_in_failed')
    for (const table of ['tokens', 'groupMembers', 'signIns'] as const)
      expect(await door.store.db.selectFrom(table).select('operatorId').where('operatorId', '=', bob.id).execute()).toEqual([])
    expect(await listLedger(door.store.db, { code: 'operator.removed' })).toMatchObject([{ object: bob.id, operator: ann.operator.id }])
    await expect(removeOperator(parts, bob.id, ann)).rejects.toMatchObject({ code: 'operator_not_found' })
  })

  it('get another password with all that the old one opened ended, tokens too (AUTH-15)', async () => {
    const bob = await make('bob')
    await settle(bob.id)
    const { signInId, cookie } = await door.signIn({ username: 'bob' })
    const session = await openSession(bob.id, signInId)
    await addToken(bob.id)
    expect(await setPassword(parts, bob.id, 'another long password', ann)).toMatchObject({ mustChangePassword: true })
    expect([await mustEnd(), await door.signIns.identify(cookie)]).toEqual([[session], undefined])
    expect(await door.store.db.selectFrom('tokens').selectAll().execute()).toEqual([])
    expect(await door.tryIn({ username: 'bob' })).toBe('sign_in_failed')
    const rows = await listLedger(door.store.db, { code: 'operator.password_set' })
    expect(rows).toMatchObject([{ object: bob.id }])
    expect(JSON.stringify(rows)).not.toContain('another long password')
  })

  it('can have all their sessions ended, and sign in again', async () => {
    const bob = await make('bob')
    await settle(bob.id)
    const { signInId, cookie } = await door.signIn({ username: 'bob' })
    const token = await addToken(bob.id)
    await openSession(bob.id, signInId)
    await openSession(bob.id, token)
    expect(await endSessions(parts, bob.id, 'Maintenance', ann)).toEqual({ sessions: 2, signIns: 1 })
    expect(await door.signIns.identify(cookie)).toBeUndefined()
    const row = await door.store.db.selectFrom('sessions').select(['mustEndText', 'mustEndBy']).executeTakeFirstOrThrow()
    expect(row).toEqual({ mustEndText: 'Maintenance', mustEndBy: 'ann' })
    expect(await door.tryIn({ username: 'bob' })).toBe('in')
    expect(await door.store.db.selectFrom('tokens').select('id').execute()).toEqual([{ id: token }])
  })

  it('lose a second factor that they cannot show any more, and no sign-in counts as having shown one', async () => {
    const bob = await make('bob')
    await settle(bob.id)
    const { signInId } = await door.signIn({ username: 'bob' })
    await door.store.transaction(async (trx) => {
      await trx.insertInto('secondFactors').values({ operatorId: bob.id, sealed: 'x', createdAt: 1, confirmedAt: 1, lastStep: 1 }).execute()
      await trx.insertInto('recoveryCodes').values({ operatorId: bob.id, hash: 'x', usedAt: null }).execute()
      await trx.updateTable('signIns').set({ secondFactorAt: 5 }).where('id', '=', signInId).execute()
    })
    expect((await listOperators(door.store, { page: 1, size: 9, q: 'bob' })).items[0]?.secondFactor).toBe(true)
    expect(await removeSecondFactor(parts, bob.id, ann)).toMatchObject({ secondFactor: false })
    for (const table of ['secondFactors', 'recoveryCodes'] as const) expect(await door.store.db.selectFrom(table).selectAll().execute()).toEqual([])
    const row = await door.store.db.selectFrom('signIns').select('secondFactorAt').where('id', '=', signInId).executeTakeFirstOrThrow()
    expect(row.secondFactorAt).toBeNull()
    await removeSecondFactor(parts, bob.id, ann)
    expect(await listLedger(door.store.db, { code: 'second_factor.removed' })).toHaveLength(1)
  })

  it('need a password that is hashed, never kept', async () => {
    await make('bob')
    const { passwordHash } = await door.store.db.selectFrom('operators').select('passwordHash').where('username', '=', 'bob').executeTakeFirstOrThrow()
    expect(passwordHash).toMatch(/^\$argon2id\$/)
    expect(await door.passwords.isRight(passwordHash, new Secret(password))).toBe(true)
  })
})
