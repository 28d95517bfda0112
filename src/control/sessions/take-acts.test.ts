import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SessionAct } from '#domain/session-act.ts'
import { openTestLinks, type TestLinks } from '../link/test-links.ts'
import { engines, useEngine } from '../store/test-engines.ts'
import { forwardsOf, transfersOf } from './list-acts.ts'

const sha256 = 'ab'.repeat(32)
const file = (path: string, more: Partial<Extract<SessionAct, { act: 'file' }>> = {}): SessionAct => ({
  ...{ act: 'file', at: 1_795_251_760_000, way: 'sftp', deed: 'upload', path, bytes: 3, sha256, outcome: 'done' },
  ...more,
})
const forward = (port: number, outcome: 'done' | 'failed' | 'refused' = 'done'): SessionAct => ({
  ...{ act: 'forward', at: 1_795_251_760_000, way: 'local', host: 'db', port, bytesIn: 5, bytesOut: 7, ms: 12, outcome },
})

describe.each(engines)('acts of a session on %s', (name) => {
  const engine = useEngine(name)
  let rooms: TestLinks
  let gateway: Awaited<ReturnType<TestLinks['join']>>
  let session: string
  beforeEach(async () => {
    rooms = await openTestLinks(engine)
    gateway = await rooms.join()
    session = (await rooms.open(gateway)).session
    rooms.clock.now += 60_000
  })
  afterEach(() => rooms.close())
  const tell = (from: number, acts: SessionAct[], of = session) => gateway.report({ report: 'acts', session: of as never, from, acts })

  it('are kept once each, in the ledger and in their lists, however often they are told (AUD-16)', async () => {
    const acts = [
      file('/srv/a'),
      file('/srv/b', { deed: 'rename', to: '/srv/c', bytes: undefined, sha256: undefined, outcome: 'failed', failure: 'Permission denied' } as never),
      forward(5432),
    ]
    expect(await tell(0, acts)).toBeUndefined()
    expect(await tell(0, acts)).toBeUndefined()
    expect(await tell(2, [forward(5432), file('/srv/d', { deed: 'download' })])).toBeUndefined()
    expect(await transfersOf(rooms.store, session)).toMatchObject({
      total: 3,
      items: [
        { path: '/srv/d', deed: 'download', outcome: 'done' },
        { path: '/srv/b', to: '/srv/c', deed: 'rename', outcome: 'failed', failure: 'Permission denied' },
        { path: '/srv/a', deed: 'upload', bytes: 3, sha256, at: new Date(1_795_251_760_000).toISOString() },
      ],
    })
    expect(await forwardsOf(rooms.store, session)).toMatchObject({ total: 1, items: [{ host: 'db', port: 5432, bytesIn: 5, bytesOut: 7, ms: 12 }] })
    expect((await rooms.ledger('file.transferred')).map(({ object, outcome, detail }) => [object, outcome, detail['path'], detail['sha256']])).toEqual([
      [session, 'done', '/srv/a', sha256],
      [session, 'done', '/srv/d', sha256],
    ])
    expect(await rooms.ledger('file.changed')).toMatchObject([{ outcome: 'failed', detail: { deed: 'rename', to: '/srv/c', failure: 'Permission denied' } }])
    expect(await rooms.ledger('forward.opened')).toMatchObject([{ outcome: 'done', detail: { destination: 'db:5432', bytesIn: 5, bytesOut: 7 } }])
  })

  it('stand in the ledger each by its code: the agent, what was dropped, the whole of an output', async () => {
    const at = 1_795_251_760_000
    await tell(0, [
      { act: 'agent', at, request: 'sign', fingerprint: 'SHA256:x', outcome: 'done' },
      { act: 'dropped', at, what: 'environment', name: 'LD_PRELOAD', count: 1 },
      { act: 'output', at, stdoutBytes: 5_000_000, stderrBytes: 0, stdout: sha256.slice(0, 64) },
    ])
    expect(await rooms.ledger('agent.used')).toMatchObject([{ outcome: 'done', detail: { request: 'sign', fingerprint: 'SHA256:x' } }])
    expect(await rooms.ledger('request.dropped')).toMatchObject([{ outcome: 'refused', detail: { name: 'LD_PRELOAD', count: 1 } }])
    expect(await rooms.ledger('output.counted')).toMatchObject([{ outcome: 'done', detail: { stdoutBytes: 5_000_000 } }])
  })

  it('are taken after the end too, and of one’s own sessions alone', async () => {
    const other = await rooms.join()
    const theirs = (await rooms.open(other)).session
    expect(await tell(0, [file('/x')], theirs)).toMatchObject({ code: 'forbidden' })
    expect(await transfersOf(rooms.store, theirs)).toEqual({ items: [], total: 0 })
    await gateway.report({ report: 'ended', session: session as never, end: { reason: 'exited', message: '', at: rooms.clock.now }, bytesIn: 1, bytesOut: 1 })
    expect(await tell(0, [file('/x')])).toBeUndefined()
    expect(await transfersOf(rooms.store, session)).toMatchObject({ total: 1 })
  })

  it('hold no bytes that a terminal obeys, no time before the session, and say what went missing', async () => {
    await tell(4, [file('/srv/\u001b[2J\u0000\r\nx', { at: 5 }), file('/y', { at: 9e15 })])
    const { items } = await transfersOf(rooms.store, session)
    expect(items[1]).toMatchObject({ path: String.raw`/srv/\u001b[2J\u0000\u000d\u000ax` })
    const row = await rooms.row(session)
    expect(items.map(({ at }) => Date.parse(at))).toEqual([rooms.clock.now, row.startedAt])
    expect((await rooms.ledger('file.transferred')).map(({ detail }) => detail['missed'])).toEqual([4, undefined])
  })

  it('write refused forwards within bounds, all in the list', async () => {
    const refused = Array.from({ length: 80 }, (_, at) => forward(at + 1, 'refused'))
    await tell(0, refused)
    expect((await forwardsOf(rooms.store, session)).total).toBe(80)
    expect(await rooms.ledger('forward.refused')).toHaveLength(30)
    expect(await rooms.ledger('forward.opened')).toEqual([])
  })

  it('are ten thousand in seconds, and as quick at the end as at the beginning', async () => {
    const times: number[] = []
    for (let from = 0; from < 10_000; from += 100) {
      const began = performance.now()
      await tell(
        from,
        Array.from({ length: 100 }, (_, at) => file(`/srv/${from + at}`)),
      )
      times.push(performance.now() - began)
    }
    const of = (part: number[]) => Math.round(part.toSorted((left, right) => left - right)[part.length >> 1] ?? 0)
    console.log(name, `median of 100 acts: ${of(times.slice(0, 20))} ms at first, ${of(times.slice(-20))} ms at last`)
    expect(await transfersOf(rooms.store, session)).toMatchObject({ total: 10_000, items: expect.objectContaining({ length: 500 }) as unknown })
    expect(of(times.slice(-20))).toBeLessThan(of(times.slice(0, 20)) * 4 + 50)
    expect(times.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(60_000)
  }, 120_000)
})
