import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { GrantTerms } from '#domain/grant.ts'
import { GroupId, makeId, OperatorId } from '#domain/id.ts'
import { Redeemed } from '#wire/link.ts'
import { randomBytes } from 'node:crypto'
import { deleteAccount, updateAccount } from '../assets/accounts.ts'
import { changeMany, removeMany } from '../assets/many-assets.ts'
import { deleteAsset, updateAsset } from '../assets/write-asset.ts'
import { openTestLinks, redeem, type TestLinks } from '../link/test-links.ts'
import { pushEnds } from '../sessions/desk.ts'
import { askerOf } from '../sign-in/sign-ins.ts'
import type { Trx } from '../store/open-store.ts'
import { engines, useEngine } from '../store/test-engines.ts'
import { endForbidden } from './enforce.ts'
import { PassingTime } from './passing-time.ts'
import { grantTo } from './test-grants.ts'

type Change = Parameters<typeof endForbidden>[1]
const iso = (ms: number) => new Date(ms).toISOString()

describe.each(engines)('access while it is used on %s', (name) => {
  const engine = useEngine(name)
  let rooms: TestLinks
  let gateway: Awaited<ReturnType<TestLinks['join']>>
  let time: PassingTime
  beforeEach(async () => {
    rooms = await openTestLinks(engine)
    gateway = await rooms.join()
    time = new PassingTime(rooms.store, () => rooms.clock.now, push)
  })
  afterEach(() => rooms.close())

  const push = (ends: Parameters<typeof pushEnds>[1]) => pushEnds({ push: (to, wish) => rooms.links.push(to, wish), log: () => undefined }, ends)
  /** A member with a grant of their own, in a session on a host of their own. */
  const member = async (terms: Partial<GrantTerms> = {}) => {
    const person = await rooms.seedOperator({ role: 'member' })
    const asset = await rooms.seedAsset()
    const grant = await rooms.store.transaction((trx) => grantTo(trx, { operators: [person.id], assets: [asset.id] }, terms))
    const { session, limits } = await rooms.open(gateway, { person, asset })
    await gateway.report({ report: 'began', session, at: rooms.clock.now })
    return { person, asset, grant, session, limits }
  }
  const admin = async () => {
    const { id } = await rooms.seedOperator({ username: 'root-of-all' })
    const row = await rooms.store.db.selectFrom('operators').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    return { operator: await askerOf(rooms.store.db, row, false), source: '192.0.2.200', requestId: 'rq_1' }
  }
  /** What an administrator does, with its consequences. */
  const change = async (act: (trx: Trx) => Promise<unknown>, told: Partial<Change> = {}) => {
    const ends = await rooms.store.transaction(async (trx) => {
      await act(trx)
      return endForbidden(trx, { text: 'Your access was changed.', ...told }, rooms.clock.now)
    })
    push(ends)
    return ends
  }
  const removeGrant = (id: string) => (trx: Trx) => trx.deleteFrom('grants').where('id', '=', id).execute()
  const setTerms = (id: string, terms: Partial<GrantTerms>) => async (trx: Trx) => {
    const row = await trx.selectFrom('grants').select('terms').where('id', '=', id).executeTakeFirstOrThrow()
    await trx
      .updateTable('grants')
      .set({ terms: JSON.stringify({ ...(JSON.parse(row.terms) as GrantTerms), ...terms }) })
      .where('id', '=', id)
      .execute()
  }

  it('ends with its grant: the row must end, the gateway is told at once and with every beat, the ledger says who (AUTHZ-05)', async () => {
    const [mine, other] = [await member(), await member()]
    const by = await admin()
    await change(removeGrant(mine.grant), { operators: [mine.person.id], by })
    const wish = { session: mine.session, reason: 'revoked', by: by.operator.name, text: 'Your access was changed.' }
    expect((await gateway.next('push')).mustEnd).toEqual(wish)
    expect((await gateway.beat([])).mustEnd).toEqual([wish])
    expect(await rooms.row(other.session)).toMatchObject({ mustEnd: null })
    expect(await rooms.ledger('session.terminate_asked')).toMatchObject([
      {
        object: mine.session,
        operator: by.operator.id,
        source: by.source,
        requestId: 'rq_1',
        outcome: 'intent',
        detail: { wished: 'revoked', owner: mine.person.id },
      },
    ])
    // Said once, whatever changes next.
    expect(await change(() => Promise.resolve())).toEqual([])
  })

  const forbidding: [string, (trx: Trx, mine: Awaited<ReturnType<typeof member>>) => Promise<unknown>][] = [
    ['the person is disabled (AUTH-15)', (trx, { person }) => trx.updateTable('operators').set({ enabled: 0 }).where('id', '=', person.id).execute()],
    ['the person is removed', (trx, { person }) => trx.deleteFrom('operators').where('id', '=', person.id).execute()],
    ['the host is deleted (AUTHZ-05)', (trx, { asset }) => trx.deleteFrom('assets').where('id', '=', asset.id).execute()],
    ['the account is deleted', (trx, { asset }) => trx.deleteFrom('accounts').where('id', '=', asset.account).execute()],
    ['the account gets another name', (trx, { asset }) => trx.updateTable('accounts').set({ username: 'toor' }).where('id', '=', asset.account).execute()],
    [
      'another account takes its name',
      async (trx, { asset }) => {
        const row = await trx.selectFrom('accounts').selectAll().where('id', '=', asset.account).executeTakeFirstOrThrow()
        await trx.deleteFrom('accounts').where('id', '=', asset.account).execute()
        await trx
          .insertInto('accounts')
          .values({ ...row, id: `ac_${'z'.repeat(24)}` })
          .execute()
      },
    ],
    ['the grant names other accounts', (trx, { grant }) => setTerms(grant, { accounts: ['deploy'] })(trx)],
    ['the grant permits no shell any more', (trx, { grant }) => setTerms(grant, { actions: ['upload'] })(trx)],
    ['the grant is for another network', (trx, { grant }) => setTerms(grant, { sources: ['198.51.100.0/24'] })(trx)],
  ]
  it.each(forbidding)('ends when %s', async (_what, act) => {
    const mine = await member()
    const ends = await change((trx) => act(trx, mine))
    expect(ends).toMatchObject([{ gateway: gateway.id, wish: { session: mine.session, reason: 'revoked' } }])
    expect(await rooms.row(mine.session)).toMatchObject({ mustEnd: 'revoked' })
  })

  it('ends when the host loses the tag, or the person the group, by which the grant reached it', async () => {
    const people = [await rooms.seedOperator({ role: 'member' }), await rooms.seedOperator({ role: 'member' })] as const
    const asset = await rooms.seedAsset()
    const group = makeId(GroupId, 'gr', randomBytes(15))
    await rooms.store.transaction(async (trx) => {
      await trx.updateTable('assets').set({ tags: '["prod"]' }).where('id', '=', asset.id).execute()
      await trx.insertInto('groups').values({ id: group, name: 'ops', createdAt: 1 }).execute()
      await trx.insertInto('groupMembers').values({ groupId: group, operatorId: people[0].id }).execute()
      await grantTo(trx, { operators: [people[1].id], tags: ['prod'] })
      await grantTo(trx, { groups: [group] })
    })
    const [byGroup, byTag] = [await rooms.open(gateway, { person: people[0], asset }), await rooms.open(gateway, { person: people[1], asset })]
    expect(await change((trx) => trx.updateTable('assets').set({ tags: '[]' }).where('id', '=', asset.id).execute(), { assets: [asset.id] })).toMatchObject([
      { wish: { session: byTag.session } },
    ])
    expect(await change((trx) => trx.deleteFrom('groupMembers').execute(), { operators: [people[0].id] })).toMatchObject([
      { wish: { session: byGroup.session } },
    ])
  })

  it('ends a quick connect with the role that permits it, and a watcher’s place with theirs', async () => {
    const [ann, audra] = [await rooms.seedOperator(), await rooms.seedOperator({ role: 'auditor' })]
    const { session } = await rooms.open(gateway, { person: ann, address: 'root@192.0.2.77' })
    await gateway.report({ report: 'began', session, at: rooms.clock.now })
    const redeemed = Redeemed.parse((await gateway.ask(redeem(await rooms.ticketFor(audra, { kind: 'watch', session })))).body)
    if (redeemed.kind !== 'watch') throw new Error(redeemed.kind)
    const demote = (id: string) => (trx: Trx) => trx.updateTable('operators').set({ role: 'member' }).where('id', '=', id).execute()
    expect(await change(demote(audra.id), { operators: [audra.id] })).toEqual([
      { gateway: gateway.id, wish: { watch: redeemed.watch, text: 'Your access was changed.' } },
    ])
    expect((await gateway.next('push-leave')).mustLeave.watch).toBe(redeemed.watch)
    expect(await change(demote(ann.id), { operators: [ann.id] })).toMatchObject([{ wish: { session, reason: 'revoked' } }])
  })

  it('ends with what the host’s own pages change: each tells the gateway after its commit', async () => {
    const parts = { ...rooms.rules, pushEnds: push }
    const by = await admin()
    const tagged = async () => {
      const mine = await member()
      await rooms.store.transaction(async (trx) => {
        await trx.updateTable('assets').set({ tags: '["prod"]' }).where('id', '=', mine.asset.id).execute()
        await trx.deleteFrom('grants').where('id', '=', mine.grant).execute()
        await grantTo(trx, { operators: [mine.person.id], tags: ['prod'] })
      })
      return mine
    }
    const acts: [string, (mine: Awaited<ReturnType<typeof tagged>>) => Promise<unknown>][] = [
      ['This host was deleted.', ({ asset }) => deleteAsset(parts, asset.id, by)],
      ['This host was deleted.', ({ asset }) => removeMany(parts, [asset.id], by)],
      ['The account of this session was deleted.', ({ asset }) => deleteAccount(parts, asset.id, asset.account, by)],
      ['The account of this session was given another name.', ({ asset }) => updateAccount(parts, asset.id, asset.account, { username: 'toor' }, by)],
      ['The tags of this host were changed, and with them who may use it.', ({ asset }) => updateAsset(parts, asset.id, { tags: ['test'] }, by)],
      ['The tags of this host were changed, and with them who may use it.', ({ asset }) => changeMany(parts, { ids: [asset.id], removeTags: ['prod'] }, by)],
    ]
    for (const [text, act] of acts) {
      const mine = await tagged()
      await act(mine)
      expect((await gateway.next('push')).mustEnd).toEqual({ session: mine.session, reason: 'revoked', by: by.operator.name, text })
    }
    const kept = await tagged()
    await updateAsset(parts, kept.asset.id, { name: 'another', tags: ['prod', 'more'] }, by)
    await updateAccount(parts, kept.asset.id, kept.asset.account, { auth: { kind: 'ask' } }, by)
    expect(await rooms.row(kept.session)).toMatchObject({ mustEnd: null })
  })

  it('goes on where another grant covers, and the row says by which', async () => {
    const mine = await member()
    const second = await rooms.store.transaction((trx) => grantTo(trx, { operators: [mine.person.id] }, { reason: true }))
    expect(await change(removeGrant(mine.grant), { operators: [mine.person.id] })).toEqual([])
    const row = await rooms.row(mine.session)
    expect(row).toMatchObject({ mustEnd: null, grants: JSON.stringify([second]), endsAt: null })
    expect(JSON.parse(row.duties ?? '')).toMatchObject({ reason: true })
  })

  it('asks of a session for the second factor that its sign-in had shown, or had not', async () => {
    const [bare, proven] = [await member(), await member()]
    await rooms.store.transaction((trx) => trx.updateTable('sessions').set({ secondFactor: 1 }).where('id', '=', proven.session).execute())
    const ends = await change(async (trx) => {
      for (const { grant } of [bare, proven]) await setTerms(grant, { secondFactor: true })(trx)
    })
    expect(ends).toMatchObject([{ wish: { session: bare.session, reason: 'revoked', text: 'This host asks for a second factor now. Sign in again with it.' } }])
    expect(await rooms.row(proven.session)).toMatchObject({ mustEnd: null })
  })

  it('knows its end from the admission on, and tells the gateway when that moves: at once, and with each beat that says another (AUTHZ-08)', async () => {
    const endsAt = rooms.clock.now + 3_600_000
    const { session, grant, limits, person } = await member({ until: iso(endsAt) })
    expect(limits).toMatchObject({ endsAt })
    expect(await rooms.row(session)).toMatchObject({ endsAt })
    await change(setTerms(grant, { until: iso(endsAt + 60_000) }), { operators: [person.id] })
    expect((await gateway.next('push-ends-at')).endsAt).toEqual({ session, endsAt: endsAt + 60_000 })
    const entry = { id: session, bytesIn: 0, bytesOut: 0, idleMs: 0 }
    expect((await gateway.beat([{ ...entry, endsAt }])).endsAt).toEqual([{ session, endsAt: endsAt + 60_000 }])
    expect((await gateway.beat([entry])).endsAt).toHaveLength(1)
    expect((await gateway.beat([{ ...entry, endsAt: endsAt + 60_000 }])).endsAt).toEqual([])
    await change(setTerms(grant, { until: undefined }), { operators: [person.id] })
    expect((await gateway.next('push-ends-at')).endsAt).toEqual({ session, endsAt: null })
  })

  it('ends as grant_expired when its time is over and no gateway did it, and not before (AUTHZ-08)', async () => {
    const { session } = await member({ until: iso(rooms.clock.now + 10_000) })
    await time.turn()
    rooms.clock.now += 9_999
    await time.turn()
    expect(await rooms.row(session)).toMatchObject({ mustEnd: null })
    rooms.clock.now += 3_001
    await time.turn()
    const text = 'The time for which you were given access to this host is over.'
    expect((await gateway.next('push')).mustEnd).toEqual({ session, reason: 'grant_expired', by: 'Sallyport', text })
    expect(await rooms.ledger('session.terminate_asked')).toMatchObject([{ object: session, operator: null, detail: { wished: 'grant_expired' } }])
  })

  it('ends within the second after gateways had theirs to end it, whenever hours were looked at', async () => {
    const { session } = await member({ until: iso(rooms.clock.now + 1_000) })
    await time.turn()
    rooms.clock.now += 2_499
    await time.turn()
    expect(await rooms.row(session)).toMatchObject({ mustEnd: null })
    rooms.clock.now += 1
    await time.turn()
    expect(await rooms.row(session)).toMatchObject({ mustEnd: 'grant_expired' })
  })

  it('ends with the hours, and goes on with the grant whose hours follow', async () => {
    // A Friday, 09:02 UTC.
    const spans = (from: string, until: string) => ({ hours: { timeZone: 'UTC', spans: [{ days: [1, 2, 3, 4, 5, 6, 7], from, until }] } })
    expect(iso(rooms.clock.now)).toContain('T09:02:38')
    const [short, long] = [await member(spans('09:00', '09:05')), await member(spans('09:00', '09:05'))]
    await rooms.store.transaction((trx) => grantTo(trx, { operators: [long.person.id] }, spans('09:05', '09:10')))
    await change(() => Promise.resolve())
    rooms.clock.now += 150_000
    await time.turn()
    expect(await rooms.row(short.session)).toMatchObject({ mustEnd: 'grant_expired' })
    expect(await rooms.row(long.session)).toMatchObject({ mustEnd: null })
    rooms.clock.now += 300_000
    await time.turn()
    expect(await rooms.row(long.session)).toMatchObject({ mustEnd: 'grant_expired' })
  })

  it('ends when a grant begins to hold that asks for what the session has not shown', async () => {
    const mine = await member()
    await rooms.store.transaction((trx) => grantTo(trx, { operators: [mine.person.id] }, { from: iso(rooms.clock.now + 60_000), secondFactor: true }))
    await time.turn()
    expect(await rooms.row(mine.session)).toMatchObject({ mustEnd: null })
    rooms.clock.now += 66_000
    await time.turn()
    expect(await rooms.row(mine.session)).toMatchObject({ mustEnd: 'revoked', mustEndText: 'This host asks for a second factor now. Sign in again with it.' })
  })

  it('is taken over with what the newer sign-in has shown', async () => {
    const { person, session } = await member()
    await rooms.store.transaction((trx) => trx.updateTable('signIns').set({ secondFactorAt: 1 }).where('id', '=', person.signInId).execute())
    const ticket = await rooms.ticketFor({ ...person, id: OperatorId.parse(person.id) }, { kind: 'attach', session })
    expect(await gateway.ask(redeem(ticket))).toMatchObject({ body: { kind: 'attach' } })
    expect(await rooms.row(session)).toMatchObject({ secondFactor: 1 })
  })
})
