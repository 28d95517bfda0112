import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Failure } from '#domain/failure.ts'
import type { Probe, ProbeAnswer, ReachLook } from '#wire/link.ts'
import { openTestLinks, type TestLinks } from '../link/test-links.ts'
import { engines, useEngine } from '../store/test-engines.ts'
import { ReachRounds } from './reach-rounds.ts'

type ReachProbe = Extract<Probe, { probe: 'reach' }>

describe.each(engines)('rounds over all hosts on %s', (name) => {
  const engine = useEngine(name)
  let rooms: TestLinks
  let rounds: ReachRounds
  const setting = { everySeconds: 100 }
  const seen: ReachProbe[] = []
  const running = { now: 0, most: 0 }
  let answer: (probe: ReachProbe) => Promise<ProbeAnswer> | ProbeAnswer
  const answers = (look: ReachLook) => (probe: ReachProbe) => ({ probe: 'reach' as const, looks: probe.targets.map(() => look) })

  beforeEach(async () => {
    rooms = await openTestLinks(engine)
    Object.assign(setting, { everySeconds: 100 })
    Object.assign(running, { now: 0, most: 0 })
    seen.length = 0
    answer = answers({ ok: true, rttMs: 7 })
    rounds = new ReachRounds({
      ...rooms.rules,
      leases: rooms.checks,
      reachEverySeconds: () => setting.everySeconds,
      log: () => undefined,
      gateways: {
        async probe(probe) {
          if (probe.probe !== 'reach') throw new Error(`a probe of ${probe.probe}`)
          seen.push(probe)
          running.most = Math.max(running.most, (running.now += 1))
          try {
            return await answer(probe)
          } finally {
            running.now -= 1
          }
        },
      },
    })
  })
  afterEach(async () => {
    await rounds.stop()
    await rooms.close()
  })

  const turns = async (count: number) => {
    for (let turn = 0; turn < count; turn += 1) {
      await rounds.turn()
      await new Promise((resolve) => setTimeout(resolve, 2))
      rooms.clock.now += 1000
    }
  }
  const states = async () => {
    const rows = await rooms.store.db.selectFrom('assets').select(['name', 'reachState', 'reachFailure', 'reachRttMs']).orderBy('name').execute()
    return rows.map(({ name: host, reachState, reachFailure, reachRttMs }) => [host, reachState, reachFailure ?? reachRttMs])
  }
  const reachedThrough = (hosts: { id: string }[], via: { id: string; account: string }) =>
    rooms.store.transaction((trx) =>
      trx
        .updateTable('assets')
        .set({ viaAssetId: via.id, viaAccountId: via.account })
        .where(
          'id',
          'in',
          hosts.map(({ id }) => id),
        )
        .execute(),
    )

  it('look at each once in an interval, spread over it, and write what was found without a ledger row', async () => {
    for (let host = 0; host < 10; host += 1) await rooms.seedAsset(undefined, { name: `web${host}`, address: `192.0.2.${host + 1}` })
    answer = (probe) =>
      answers(probe.targets[0]?.address === '192.0.2.1' ? { ok: false, failure: 'host_refused', message: 'x' } : { ok: true, rttMs: 7 })(probe)
    await turns(1)
    expect(seen).toHaveLength(1)
    await turns(50)
    expect(seen.length).toBeGreaterThanOrEqual(5)
    expect(seen.length).toBeLessThanOrEqual(7)
    await turns(48)
    expect(seen).toHaveLength(10)
    expect(new Set(seen.flatMap(({ targets }) => targets.map(({ address }) => address))).size).toBe(10)
    expect((await states()).slice(0, 2)).toEqual([
      ['web0', 'unreachable', 'host_refused'],
      ['web1', 'reachable', 7],
    ])
    expect(await rooms.store.db.selectFrom('audit').selectAll().execute()).toEqual([])
    expect(rooms.checks.size).toBe(0)
    // Half of them were found so recently that they wait for the round after.
    await turns(110)
    expect(seen.length).toBeGreaterThanOrEqual(15)
  })

  it('have at most four looks under way, take in new hosts at once, and stop when told never to', async () => {
    for (let host = 0; host < 12; host += 1) await rooms.seedAsset(undefined, { name: `web${host}`, address: `192.0.2.${host + 1}` })
    const { promise, resolve } = Promise.withResolvers<void>()
    answer = async (probe) => {
      await promise
      return answers({ ok: true, rttMs: 1 })(probe)
    }
    await turns(90)
    expect(running).toEqual({ now: 4, most: 4 })
    resolve()
    await turns(30)
    expect(seen).toHaveLength(12)
    const fresh = await rooms.seedAsset(undefined, { name: 'fresh', address: '192.0.2.77' })
    await turns(2)
    expect(seen.at(-1)?.targets).toMatchObject([{ address: fresh.address }])
    setting.everySeconds = 0
    const before = seen.length
    await turns(30)
    expect(seen).toHaveLength(before)
  })

  it('look behind a way once for many hosts, and never behind one that asks a person', async () => {
    const hop = await rooms.seedAsset(undefined, { name: 'hop', address: '192.0.2.200' })
    const asking = await rooms.seedAsset({ kind: 'ask' }, { name: 'asking', address: '192.0.2.201' })
    const behind = []
    for (let host = 0; host < 20; host += 1) behind.push(await rooms.seedAsset(undefined, { name: `web${host}`, address: '127.0.0.1', port: 3000 + host }))
    await reachedThrough(behind, hop)
    const hidden = await rooms.seedAsset(undefined, { name: 'hidden' })
    await reachedThrough([hidden], asking)
    await turns(100)
    const through = seen.filter(({ via }) => via !== undefined)
    expect(through.map(({ targets }) => targets.length).toSorted((left, right) => right - left)).toEqual([16, 4])
    expect(through[0]?.via).toMatchObject([
      { asset: { id: hop.id, name: 'hop' }, target: { address: '192.0.2.200', username: 'root' }, auth: { kind: 'password' } },
    ])
    expect(JSON.stringify(seen)).not.toContain('hunter2')
    expect((await states()).find(([host]) => host === 'hidden')).toEqual(['hidden', null, null])
  })

  it('say nothing of hosts while there is no gateway, and go on when there is', async () => {
    await rooms.seedAsset(undefined, { name: 'web1' })
    answer = () => Promise.reject(new Failure('gateway_unavailable', 'none'))
    await turns(20)
    expect(await states()).toEqual([['web1', null, null]])
    answer = answers({ ok: true, rttMs: 3 })
    await turns(3)
    expect(await states()).toEqual([['web1', 'reachable', 3]])
  })

  it('do not ask a gateway for what is never dialled', async () => {
    await rooms.seedAsset(undefined, { name: 'metadata', address: '169.254.169.254' })
    await turns(3)
    expect(seen).toEqual([])
    expect(await states()).toEqual([['metadata', 'unreachable', 'address_not_allowed']])
  })
})
