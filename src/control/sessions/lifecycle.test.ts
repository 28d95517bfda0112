import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Asker } from '#domain/access.ts'
import { OperatorId } from '#domain/id.ts'
import { listGateways, noteLost } from '../gateways/gateway-rows.ts'
import { openTestLinks, type TestLinks } from '../link/test-links.ts'
import { engines, useEngine } from '../store/test-engines.ts'
import { openSessionsDesk } from './desk.ts'
import { sweepUnheard } from './unheard.ts'

const minute = 60_000

describe.each(engines)('the life of a session on %s', (name) => {
  const engine = useEngine(name)
  let rooms: TestLinks
  beforeEach(async () => {
    rooms = await openTestLinks(engine)
  })
  afterEach(() => rooms.close())

  type Gateway = Awaited<ReturnType<TestLinks['join']>>
  const ann: Asker = {
    id: OperatorId.parse(`op_${'a'.repeat(24)}`),
    name: 'ann',
    role: 'admin',
    enabled: true,
    mayWatch: true,
    groups: [],
    secondFactor: false,
  }
  const by = { operator: ann, source: '192.0.2.1' }
  const desk = () =>
    openSessionsDesk({
      store: rooms.store,
      presence: rooms.presence,
      now: () => rooms.clock.now,
      push: (gateway, wish) => rooms.links.push(gateway, wish),
      log: () => undefined,
    })
  const live = async (gateway: Gateway) => {
    const { session } = await rooms.open(gateway)
    expect(await gateway.report({ report: 'began', session, at: rooms.clock.now, hostKey: 'SHA256:x' })).toBeUndefined()
    return session
  }
  const ended = (gateway: Gateway, session: string, change: Record<string, unknown> = {}) =>
    gateway.report({
      report: 'ended',
      session: session as never,
      end: { reason: 'exited', message: 'bye', exitStatus: 3, at: rooms.clock.now, ...change },
      bytesIn: 10,
      bytesOut: 20,
    })
  const beatOf = (session: string, bytesOut = 0) => ({ id: session, bytesIn: 1, bytesOut, idleMs: 5 })
  const sweep = (since = 0) => sweepUnheard(rooms.store, rooms.clock.now, since)

  it('goes from opening to live to ended, each report taken once', async () => {
    const gateway = await rooms.join()
    const session = await live(gateway)
    expect(await rooms.row(session)).toMatchObject({ state: 'live', beganAt: rooms.clock.now })
    rooms.clock.now += 1000
    expect(await gateway.report({ report: 'began', session: session, at: 1 })).toBeUndefined()
    expect(await ended(gateway, session)).toBeUndefined()
    expect(await ended(gateway, session, { reason: 'signaled' })).toBeUndefined()
    expect(await gateway.report({ report: 'began', session: session, at: 1 })).toBeUndefined()
    expect(await desk().get(session)).toMatchObject({ state: 'ended', endReason: 'exited', endMessage: 'bye', exitStatus: 3, bytesIn: 10, bytesOut: 20 })
    expect(await rooms.ledger('session.began')).toHaveLength(1)
    expect(await rooms.ledger('session.ended')).toMatchObject([{ outcome: 'done', object: session, detail: { reason: 'exited', exitStatus: 3 } }])
  })

  it('holds what a gateway with a wrong clock and strange numbers says within bounds', async () => {
    const gateway = await rooms.join()
    const session = await live(gateway)
    await gateway.beat([{ id: session, bytesIn: 1.5, bytesOut: 1e300, idleMs: -7 }])
    expect(await rooms.row(session)).toMatchObject({ bytesIn: 1, bytesOut: Number.MAX_SAFE_INTEGER, idleMs: 0 })
    expect(await ended(gateway, session, { at: 9e15, exitStatus: 9e15, failure: 'no such code' })).toBeUndefined()
    expect(await rooms.row(session)).toMatchObject({ endedAt: rooms.clock.now, exitStatus: 2_147_483_647, failure: null })
  })

  it('moves its counters on with beats and never back, of this gateway alone', async () => {
    const [gateway, other] = [await rooms.join(), await rooms.join()]
    const session = await live(gateway)
    await gateway.beat([beatOf(session, 100)])
    await gateway.beat([beatOf(session, 50)])
    await other.beat([beatOf(session, 9999)])
    expect(await rooms.row(session)).toMatchObject({ bytesOut: 100, idleMs: 5, gatewayId: gateway.id })
  })

  it('is unreachable 15 s after its gateway last listed it, and live again when it does', async () => {
    const gateway = await rooms.join()
    const [session, silent] = [await live(gateway), await live(gateway)]
    const beganAt = rooms.clock.now
    rooms.clock.now += 14_000
    await gateway.beat([beatOf(session)])
    rooms.clock.now += 2_000
    expect(await sweep(rooms.clock.now - 1)).toEqual({ unreachable: 0, ended: 0 })
    expect(await sweep()).toEqual({ unreachable: 1, ended: 0 })
    expect([(await rooms.row(session)).state, (await rooms.row(silent)).state]).toEqual(['live', 'unreachable'])
    const again = await rooms.join({ sessions: [silent] }, gateway.keys)
    expect((await rooms.row(silent)).state).toBe('live')
    rooms.clock.now = beganAt + 60 * minute
    await sweep()
    expect((await rooms.row(session)).state).toBe('unreachable')
    expect(await ended(again, session, { reason: 'gateway_lost' })).toBeUndefined()
    expect(await rooms.row(session)).toMatchObject({ state: 'ended', endReason: 'gateway_lost' })
  })

  it('that was never dialled fails after 3 minutes, and one whose gateway never returns ends after 65', async () => {
    const gateway = await rooms.join()
    const opening = await rooms.open(gateway)
    const session = await live(gateway)
    rooms.clock.now += 3 * minute + 1
    expect(await sweep()).toEqual({ unreachable: 1, ended: 1 })
    expect(await rooms.row(opening.session)).toMatchObject({
      state: 'ended',
      endReason: 'host_unreachable',
      failure: 'gateway_unavailable',
      recordingState: null,
    })
    expect(await rooms.ledger('session.ended')).toMatchObject([{ object: opening.session, outcome: 'failed' }])
    rooms.clock.now += 65 * minute
    expect(await sweep()).toEqual({ unreachable: 0, ended: 1 })
    expect(await rooms.row(session)).toMatchObject({ state: 'ended', endReason: 'gateway_lost' })
  })

  it('that was given up, or that nobody here knows, is ended when a gateway comes back with it', async () => {
    const [gateway, other] = [await rooms.join(), await rooms.join()]
    const [session, foreign] = [await live(gateway), await live(other)]
    rooms.clock.now += 16_000
    await other.beat([beatOf(foreign)])
    await sweep()
    rooms.clock.now += 65 * minute
    await other.beat([beatOf(foreign)])
    expect(await sweep()).toEqual({ unreachable: 0, ended: 1 })
    const unknown = `se_${'a'.repeat(24)}`
    const back = await rooms.join({ sessions: [session, unknown] }, gateway.keys)
    expect(back.welcome.mustEnd.map((wish) => [wish.session, wish.reason])).toEqual([
      [session, 'gateway_lost'],
      [unknown, 'gateway_lost'],
    ])
    expect((await back.beat([beatOf(session)])).mustEnd).toMatchObject([{ session, reason: 'gateway_lost', by: 'Sallyport' }])
    expect((await back.beat([])).mustEnd).toEqual([])
    expect(await rooms.row(foreign)).toMatchObject({ state: 'live', mustEnd: null })
    expect((await other.beat([beatOf(foreign)])).mustEnd).toEqual([])
  })

  it('is not failed while its gateway still lists it: the person may be typing a password', async () => {
    const gateway = await rooms.join()
    const { session } = await rooms.open(gateway)
    for (let turn = 0; turn < 4; turn += 1) {
      rooms.clock.now += minute
      await gateway.beat([beatOf(session)])
    }
    await sweep()
    expect((await rooms.row(session)).state).toBe('opening')
  })

  it('is ended by a wish that is pushed at once and repeated until it is true', async () => {
    const gateway = await rooms.join()
    const session = await live(gateway)
    const facts = await desk().terminate(session, 'maintenance', by)
    expect(facts).toMatchObject({ id: session, state: 'live' })
    const wish = { session, reason: 'terminated', by: 'ann', text: 'maintenance' }
    const { id, mustEnd } = await gateway.next('push')
    expect(mustEnd).toEqual(wish)
    gateway.send({ type: 'receipt', id })
    await desk().terminate(session, 'again', by)
    expect((await gateway.beat([beatOf(session)])).mustEnd).toEqual([wish])
    const again = await rooms.join({ sessions: [session] }, gateway.keys)
    expect(again.welcome.mustEnd).toEqual([wish])
    expect(await ended(again, session, { reason: 'terminated' })).toBeUndefined()
    expect((await again.beat()).mustEnd).toEqual([])
    expect(await rooms.ledger('session.terminate_asked')).toMatchObject([
      { outcome: 'intent', operator: ann.id, source: '192.0.2.1', object: session, detail: { reason: 'maintenance' } },
      { detail: { reason: 'again' } },
    ])
    expect(await rooms.ledger('session.terminated')).toMatchObject([{ outcome: 'done', object: session, detail: { by: 'ann', ended: 'terminated' } }])
    await expect(desk().terminate(session, 'late', by)).rejects.toMatchObject({ code: 'conflict' })
    await expect(desk().terminate('se_none', 'x', by)).rejects.toMatchObject({ code: 'session_not_found' })
  })

  it('shows its gateway as live, late and lost by its beats, and writes the loss once', async () => {
    const gateway = await rooms.join()
    const session = await live(gateway)
    await gateway.beat([beatOf(session)])
    const view = async () => (await listGateways(rooms.store, rooms.clock.now))[0]
    expect(await view()).toMatchObject({ id: gateway.id, name: 'g1', state: 'live', sessions: 1, load: { cpu: 0.1, rssBytes: 1000 } })
    rooms.clock.now += 12_000
    expect(await view()).toMatchObject({ state: 'late' })
    rooms.clock.now += 33_001
    expect(await view()).toMatchObject({ state: 'lost' })
    expect(await noteLost(rooms.store, rooms.clock.now, rooms.clock.now - 1)).toBe(0)
    expect(await noteLost(rooms.store, rooms.clock.now, 0)).toBe(1)
    expect(await noteLost(rooms.store, rooms.clock.now, 0)).toBe(0)
    expect(await rooms.ledger('gateway.lost')).toHaveLength(1)
    await gateway.beat()
    expect(await view()).toMatchObject({ state: 'live' })
    await rooms.join({}, gateway.keys)
    expect(await view()).toMatchObject({ state: 'live' })
  })
})
