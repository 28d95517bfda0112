import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SessionId, WatchId } from '#domain/id.ts'
import { Redeemed } from '#wire/link.ts'
import { openTestLinks, redeem, type TestLinks } from '../link/test-links.ts'
import { engines, useEngine } from '../store/test-engines.ts'
import { getSession, listSessions } from './session-list.ts'
import { listWatches, sweepWatches } from './watches.ts'

const dayMs = 24 * 3_600_000

describe.each(engines)('watching on %s', (name) => {
  const engine = useEngine(name)
  let rooms: TestLinks
  beforeEach(async () => {
    rooms = await openTestLinks(engine)
  })
  afterEach(() => rooms.close())

  type Person = Awaited<ReturnType<TestLinks['seedOperator']>>
  type Gateway = Awaited<ReturnType<TestLinks['join']>>
  const live = async (gateway: Gateway, person?: Person) => {
    const { session } = await rooms.open(gateway, person ? { person } : {})
    await gateway.report({ report: 'began', session, at: rooms.clock.now })
    return session
  }
  const watch = async (gateway: Gateway, session: SessionId, person: Person) => {
    const redeemed = Redeemed.parse((await gateway.ask(redeem(await rooms.ticketFor(person, { kind: 'watch', session })))).body)
    if (redeemed.kind !== 'watch') throw new Error(redeemed.kind)
    return redeemed.watch
  }
  const auditor = (username: string) => rooms.seedOperator({ username, role: 'auditor' })
  const row = (id: string) => rooms.store.db.selectFrom('watches').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  const change = (person: Person, how: { enabled?: number; role?: string; mayWatch?: number }) =>
    rooms.store.transaction((trx) => trx.updateTable('operators').set(how).where('id', '=', person.id).execute())

  it('ends with the gateway’s word, once, and not before it began or after now', async () => {
    const gateway = await rooms.join()
    const session = await live(gateway)
    const [one, other] = [await watch(gateway, session, await auditor('a')), await watch(gateway, session, await auditor('b'))]
    const began = rooms.clock.now
    rooms.clock.now += 60_000
    expect(await gateway.report({ report: 'watch-ended', session, watch: one, at: began + 5_000 })).toBeUndefined()
    expect(await gateway.report({ report: 'watch-ended', session, watch: one, at: began + 9_000 })).toBeUndefined()
    expect((await row(one)).endedAt).toBe(began + 5_000)
    expect(await gateway.report({ report: 'watch-ended', session, watch: other, at: 1 })).toBeUndefined()
    expect((await row(other)).endedAt).toBe(began)
  })

  it('ends by its own gateway alone', async () => {
    const [gateway, stranger] = [await rooms.join(), await rooms.join()]
    const session = await live(gateway)
    const id = await watch(gateway, session, await auditor('a'))
    expect(await stranger.report({ report: 'watch-ended', session, watch: id, at: 1 })).toMatchObject({ code: 'forbidden' })
    const unknown = WatchId.parse(`wa_${'b'.repeat(24)}`)
    expect(await gateway.report({ report: 'watch-ended', session, watch: unknown, at: 1 })).toMatchObject({ code: 'forbidden' })
    expect((await row(id)).endedAt).toBeNull()
    expect((await rooms.ledger('gateway.refused')).map(({ object }) => object)).toEqual([id, unknown])
  })

  it('ends with the session, and the gateway’s late word changes nothing', async () => {
    const gateway = await rooms.join()
    const [session, other] = [await live(gateway), await live(gateway)]
    const person = await auditor('a')
    const [id, elsewhere] = [await watch(gateway, session, person), await watch(gateway, other, person)]
    const endedAt = (rooms.clock.now += 1_000)
    await gateway.report({ report: 'ended', session, end: { reason: 'exited', message: 'done', at: endedAt }, bytesIn: 0, bytesOut: 0 })
    expect((await row(id)).endedAt).toBe(endedAt)
    expect((await row(elsewhere)).endedAt).toBeNull()
    rooms.clock.now += 1_000
    expect(await gateway.report({ report: 'watch-ended', session, watch: id, at: rooms.clock.now })).toBeUndefined()
    expect((await row(id)).endedAt).toBe(endedAt)
  })

  it('ends with the gateway’s process, and outlives a link that was cut', async () => {
    const gateway = await rooms.join()
    const session = await live(gateway)
    const id = await watch(gateway, session, await auditor('a'))
    gateway.close()
    const again = await rooms.join({ sessions: [session] }, gateway.keys)
    expect((await row(id)).endedAt).toBeNull()
    again.close()
    await rooms.join({ startedAt: 2_000 }, gateway.keys)
    expect((await row(id)).endedAt).toBe(rooms.clock.now)
  })

  it('ends for whoever may watch no more, with the next beat and every one until they have gone', async () => {
    const gateway = await rooms.join()
    const [owner, admin, disabled, stays] = [await rooms.seedOperator(), await rooms.seedOperator(), await auditor('disabled'), await auditor('stays')]
    const session = await live(gateway, owner)
    const ids = [
      await watch(gateway, session, owner),
      await watch(gateway, session, admin),
      await watch(gateway, session, disabled),
      await watch(gateway, session, stays),
    ]
    expect((await gateway.beat()).mustLeave).toEqual([])
    await change(owner, { mayWatch: 0 })
    await change(admin, { mayWatch: 0 })
    await change(disabled, { enabled: 0 })
    const text = 'You may not watch this session any more.'
    const expected = [
      { watch: ids[1], text },
      { watch: ids[2], text },
    ]
    expect((await gateway.beat()).mustLeave).toEqual(expect.arrayContaining(expected))
    // Who gets the right back meanwhile must still leave, and may ask anew.
    await change(admin, { mayWatch: 1 })
    expect((await gateway.beat()).mustLeave).toHaveLength(2)
    gateway.close()
    const again = await rooms.join({ sessions: [session] }, gateway.keys)
    expect(again.welcome.mustLeave).toHaveLength(2)
    for (const id of ids.slice(1, 3)) await again.report({ report: 'watch-ended', session, watch: id, at: rooms.clock.now })
    expect((await again.beat()).mustLeave).toEqual([])
  })

  it('says no more wishes at once than fit into one message, and the rest later', async () => {
    const gateway = await rooms.join()
    const person = await auditor('a')
    const session = await live(gateway)
    const base = await rooms.row(session)
    const first = await row(await watch(gateway, session, person))
    await rooms.store.transaction(async (trx) => {
      for (let copy = 100; copy < 300; copy += 1) {
        const id = `se_${'b'.repeat(29)}${copy.toString().replace(/[0-9]/g, (digit) => 'abcdefghij'.charAt(Number(digit)))}`
        await trx
          .insertInto('sessions')
          .values({ ...base, id, mustEnd: 'terminated', mustEndBy: '\u0001'.repeat(64), mustEndText: '\u0001'.repeat(500) })
          .execute()
        await trx
          .insertInto('watches')
          .values({ ...first, id: id.replace('se_', 'wa_'), mustLeave: 'You signed out.' })
          .execute()
      }
    })
    const beaten = await gateway.beat()
    expect(JSON.stringify(beaten).length).toBeLessThan(256 * 1024)
    expect([beaten.mustEnd.length, beaten.mustLeave?.length]).toEqual([64, 64])
  })

  it('is listed newest first by the names that people have, and swept after 90 days', async () => {
    const gateway = await rooms.join()
    const session = await live(gateway)
    const early = await watch(gateway, session, await auditor('early'))
    await gateway.report({ report: 'watch-ended', session, watch: early, at: rooms.clock.now })
    const beganAt = rooms.clock.now
    rooms.clock.now += 1_000
    await watch(gateway, session, await auditor('late'))
    const time = (ms: number) => new Date(ms).toISOString()
    expect(await listWatches(rooms.store, session)).toEqual([
      { name: 'late', startedAt: time(beganAt + 1_000) },
      { name: 'early', startedAt: time(beganAt), endedAt: time(beganAt) },
    ])
    await sweepWatches(rooms.store, beganAt + 90 * dayMs)
    expect(await listWatches(rooms.store, session)).toHaveLength(2)
    await sweepWatches(rooms.store, beganAt + 90 * dayMs + 1)
    expect((await listWatches(rooms.store, session)).map((item) => item.name)).toEqual(['late'])
  })

  it('shows of live sessions how many watch and whether nobody is attached, from the last beat', async () => {
    const [gateway, stranger] = [await rooms.join(), await rooms.join()]
    const [busy, calm] = [await live(gateway), await live(gateway)]
    const beaten = { bytesIn: 0, bytesOut: 0, idleMs: 0 }
    const shown = async (id: string) => {
      const { watchers, away } = (await getSession(rooms.store, id, rooms.presence)) ?? {}
      return { watchers, away }
    }
    await gateway.beat([
      { id: busy, ...beaten, watchers: 3, away: true },
      { id: calm, ...beaten },
    ])
    // Of a session that is not its own a gateway can say nothing.
    await stranger.beat([{ id: busy, ...beaten, watchers: 77, away: false }])
    expect(await shown(busy)).toEqual({ watchers: 3, away: true })
    expect(await shown(calm)).toEqual({ watchers: 0, away: false })
    expect(rooms.presence.of(stranger.id, busy)).toEqual({ watchers: 0, away: false })
    const list = await listSessions(rooms.store, { page: 1, size: 50 }, rooms.presence)
    expect(list.items.find(({ id }) => id === busy)).toMatchObject({ watchers: 3, away: true })
    // Very many sessions are told in several beats: what this one leaves out stays as it was.
    await gateway.beat([{ id: calm, ...beaten, away: true }])
    expect([await shown(busy), await shown(calm)]).toEqual([
      { watchers: 3, away: true },
      { watchers: 0, away: true },
    ])
    await gateway.beat([{ id: busy, ...beaten, watchers: 1, away: false }])
    expect(await shown(busy)).toEqual({ watchers: 1, away: false })
    await gateway.report({ report: 'ended', session: busy, end: { reason: 'exited', message: 'done', at: 1 }, bytesIn: 0, bytesOut: 0 })
    expect(await shown(busy)).toEqual({ watchers: undefined, away: undefined })
    await gateway.beat([{ id: calm, ...beaten }])
    expect(rooms.presence.of(gateway.id, busy)).toEqual({ watchers: 0, away: false })
  })
})
