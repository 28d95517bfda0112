import { describe, expect, it } from 'vitest'
import { sessionColumns } from '#wire/api/session-columns.ts'
import type { SessionColumn } from '../http/desks.ts'
import type { Store } from '../store/open-store.ts'
import { engines, useEngine } from '../store/test-engines.ts'
import { sessionSearchText } from './search-text.ts'
import { allSessions, getSession, listSessions } from './session-list.ts'

const blank = {
  operatorId: 'op_1',
  operatorName: 'ann',
  assetId: null,
  assetName: 'web1',
  address: '192.0.2.1',
  port: 22,
  account: 'root',
  accountId: null,
  door: 'web',
  kind: 'shell',
  state: 'ended',
  source: '198.51.100.1',
  gatewayId: 'gw_1',
  startedAt: 1000,
  beganAt: null,
  endedAt: null,
  endReason: null,
  endMessage: null,
  failure: null,
  exitStatus: null,
  signal: null,
  bytesIn: 0,
  bytesOut: 0,
  idleMs: null,
  lastBeatAt: null,
  mustEnd: null,
  mustEndBy: null,
  mustEndText: null,
  recordingState: null,
  recordingFile: null,
  recordingSeconds: 0,
  recordingBytes: 0,
  recordingHead: null,
}
type Change = Partial<Omit<typeof blank, 'assetId' | 'idleMs' | 'endedAt' | 'endReason' | 'recordingState'>> & {
  assetId?: string
  idleMs?: number
  endedAt?: number
  endReason?: string
  recordingState?: string
}
const insert = (store: Store, rows: Record<string, Change>) =>
  store.transaction(async (trx) => {
    for (const [id, change] of Object.entries(rows))
      await trx
        .insertInto('sessions')
        .values({ ...blank, id, ...change, search: sessionSearchText({ ...blank, ...change }) })
        .execute()
  })
const page = { page: 1, size: 50 }
const ids = async (store: Store, query: Partial<Parameters<typeof listSessions>[1]>) =>
  (await listSessions(store, { ...page, ...query })).items.map((item) => item.id)

describe.each(engines)('the list of sessions on %s', (name) => {
  const engine = useEngine(name)

  it('shows newest first, a page at a time, with what matches of what there is', async () => {
    const store = await engine.open()
    await insert(store, Object.fromEntries(Array.from({ length: 5 }, (_, index) => [`s${index}`, { startedAt: 1000 + Math.floor(index / 2) }])))
    expect(await ids(store, {})).toEqual(['s4', 's3', 's2', 's1', 's0'])
    expect(await listSessions(store, { page: 2, size: 2 })).toMatchObject({ items: [{ id: 's2' }, { id: 's1' }], total: 5, of: 5 })
    expect(await ids(store, { page: 9 })).toEqual([])
  })

  it('sorts by every column, the same on both engines, with what has no value last', async () => {
    const store = await engine.open()
    await insert(store, {
      a: {
        startedAt: 1,
        endedAt: 5,
        operatorName: 'Zoe',
        assetName: 'b',
        address: '10.0.0.1',
        account: 'x',
        bytesIn: 1,
        bytesOut: 9,
        state: 'ended',
        door: 'web',
        endReason: 'idle',
        source: '9.9.9.9',
        gatewayId: 'gw_1',
        recordingSeconds: 4,
        recordingBytes: 70,
        recordingState: 'intact',
      },
      b: {
        startedAt: 2,
        operatorName: 'ann',
        assetName: 'ä',
        address: '10.0.0.2',
        account: 'Y',
        bytesIn: 20,
        bytesOut: 8,
        state: 'live',
        idleMs: 5,
        door: 'ssh',
        source: '8.8.8.8',
        gatewayId: 'gw_2',
        recordingSeconds: 5,
        recordingBytes: 7,
      },
      c: {
        startedAt: 3,
        endedAt: 4,
        operatorName: 'bob',
        assetName: 'C',
        address: '9.0.0.1',
        account: 'z',
        bytesIn: 3,
        bytesOut: 10,
        state: 'opening',
        door: 'api',
        endReason: 'exited',
        source: '::1',
        gatewayId: 'gw_3',
        recordingSeconds: 0.5,
        recordingBytes: 8,
        recordingState: 'altered',
      },
    })
    const expected: Partial<Record<SessionColumn, [string, string]>> = {
      startedAt: ['abc', 'cba'],
      endedAt: ['cab', 'acb'],
      operator: ['abc', 'cba'],
      asset: ['cab', 'bac'],
      address: ['abc', 'cba'],
      account: ['bac', 'cab'],
      bytesOut: ['bac', 'cab'],
      state: ['abc', 'cba'],
      door: ['cba', 'abc'],
      endReason: ['cab', 'acb'],
      bytesIn: ['acb', 'bca'],
      source: ['bac', 'cab'],
      // By name, which is not the order of the ids; one that is gone by its id.
      gateway: ['bac', 'cab'],
      // a lasted 4 ms, c 1 ms, b lives since 2 ms after the epoch.
      seconds: ['cab', 'bac'],
      idle: ['bac', 'bca'],
      recordingSeconds: ['cab', 'bac'],
      recordingBytes: ['bca', 'acb'],
      recordingState: ['cab', 'acb'],
    }
    await store.transaction((trx) =>
      trx
        .insertInto('gateways')
        .values([
          { id: 'gw_1', publicKey: 'k', name: 'beta', state: 'accepted', version: '1', since: 1, lastBeatAt: 1, load: null },
          { id: 'gw_2', publicKey: 'l', name: 'alpha', state: 'accepted', version: '1', since: 1, lastBeatAt: 1, load: null },
        ])
        .execute(),
    )
    expect(Object.keys(expected).toSorted()).toEqual([...sessionColumns].toSorted())
    for (const [column, [up, down]] of Object.entries(expected)) {
      expect((await ids(store, { sort: column as SessionColumn })).join(''), column).toBe(up)
      expect((await ids(store, { sort: `-${column as SessionColumn}` })).join(''), `-${column}`).toBe(down)
    }
  })

  it('filters by state, by recording and by owner', async () => {
    const store = await engine.open()
    await insert(store, {
      a: { state: 'opening' },
      b: { state: 'live', operatorId: 'op_2' },
      c: { state: 'unreachable' },
      d: { state: 'ended', recordingState: 'intact' },
    })
    expect((await ids(store, { state: 'live', sort: 'state' })).toSorted()).toEqual(['a', 'b'])
    expect(await ids(store, { state: 'unreachable' })).toEqual(['c'])
    expect(await ids(store, { state: 'ended' })).toEqual(['d'])
    expect(await ids(store, { recorded: true })).toEqual(['d'])
    expect((await ids(store, { recorded: false })).toSorted()).toEqual(['a', 'b', 'c'])
    expect(await listSessions(store, { ...page, ownedBy: 'op_2' })).toMatchObject({ items: [{ id: 'b' }], total: 1, of: 1 })
    expect(await listSessions(store, { ...page, ownedBy: 'op_2', state: 'ended' })).toMatchObject({ items: [], total: 0, of: 1 })
  })

  it('filters by what a session does and by its door', async () => {
    const store = await engine.open()
    await insert(store, { a: {}, b: { kind: 'sftp', door: 'ssh' }, c: { kind: 'exec', door: 'ssh' } })
    expect([await ids(store, { kind: 'sftp' }), await ids(store, { kind: 'rsync' })]).toEqual([['b'], []])
    expect((await ids(store, { door: 'ssh' })).toSorted()).toEqual(['b', 'c'])
    expect(await listSessions(store, { ...page, door: 'ssh', kind: 'exec' })).toMatchObject({
      items: [{ id: 'c', kind: 'exec' }],
      total: 1,
      of: 3,
    })
  })

  it('filters by host, person, end and time, whatever it is sorted by', async () => {
    const store = await engine.open()
    await insert(store, {
      a: { startedAt: 1, assetId: 'as_1', endReason: 'idle', state: 'ended', bytesIn: 3 },
      b: { startedAt: 2, assetName: 'db', operatorName: 'bob', operatorId: 'op_2', endReason: 'exited', state: 'ended', bytesIn: 2 },
      c: { startedAt: 3, assetName: 'as_1', endReason: 'idle', state: 'ended', bytesIn: 1, recordingState: 'intact' },
    })
    for (const sort of [undefined, 'bytesIn', 'seconds'] as const) {
      const found = async (query: Parameters<typeof ids>[1]) => (await ids(store, { ...query, ...(sort === undefined ? {} : { sort }) })).toSorted().join('')
      expect([await found({ asset: 'as_1' }), await found({ asset: 'db' }), await found({ asset: 'd' })]).toEqual(['ac', 'b', ''])
      expect([await found({ operator: 'bob' }), await found({ operator: 'op_1' })]).toEqual(['b', 'ac'])
      expect([await found({ endReason: 'idle' }), await found({ endReason: 'idle', state: 'ended', recorded: true })]).toEqual(['ac', 'c'])
      expect([await found({ since: 2 }), await found({ until: 2 }), await found({ since: 2, until: 3 }), await found({ since: 2, q: 'ann' })]).toEqual([
        'bc',
        'a',
        'b',
        'c',
      ])
    }
    expect(await listSessions(store, { ...page, q: 'ann', endReason: 'idle', size: 1, page: 2, sort: 'bytesIn' })).toMatchObject({
      items: [{ id: 'a' }],
      total: 2,
      of: 3,
    })
    expect(await listSessions(store, { ...page, q: 'ann', page: 7 })).toEqual({ items: [], total: 2, of: 3 })
  })

  it('pages through whatever it is sorted by without showing a row twice', async () => {
    const store = await engine.open()
    await insert(
      store,
      Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`s${n}`, { startedAt: n % 3, bytesIn: n % 4, state: n % 2 === 0 ? 'ended' : 'live' }])),
    )
    for (const query of [
      { sort: 'bytesIn' },
      { sort: '-seconds', state: 'ended' },
      { q: 'web1', sort: '-bytesOut' },
      { state: 'live', sort: 'startedAt' },
    ] as const) {
      const seen: string[] = []
      for (let number = 1; number <= 5; number += 1) seen.push(...(await ids(store, { ...query, page: number, size: 7 })))
      expect(new Set(seen).size, JSON.stringify(query)).toBe(seen.length)
      expect(seen).toHaveLength((await listSessions(store, { ...page, ...query })).total)
    }
  })

  it('gives all of a list in its order, up to a number', async () => {
    const store = await engine.open()
    await insert(
      store,
      Object.fromEntries(Array.from({ length: 900 }, (_, n) => [`s${String(n).padStart(3, '0')}`, { startedAt: n, state: n === 5 ? 'live' : 'ended' }])),
    )
    const { count, rows } = await allSessions(store, { state: 'ended', sort: '-startedAt' }, 850, Date.now())
    const seen: string[] = []
    for await (const some of rows) seen.push(...some.map(({ id }) => id))
    expect([count, seen.length, seen[0], seen.at(-1), new Set(seen).size]).toEqual([850, 850, 's899', 's050', 850])
  })

  it.each([
    ['web', ['a', 'b', 'd']],
    ['WEB1', ['a']],
    ['100%', ['c']],
    ['%', ['c']],
    ['_', ['d']],
    ['\\', ['d']],
    ["'", ['b']],
    ["' or '1'='1", []],
    ['root web1', ['a']],
    ['192.0.2.9', ['b']],
    ['数据库', ['c']],
    ['nothing', []],
    ['  ', ['a', 'b', 'c', 'd']],
    ['Ärger', ['d']],
    ['äRGER strasse', ['d']],
    ['ＷＥＢ１', ['a']],
    ['192.0.2.9:22', ['b']],
    ['ann root', ['a', 'c', 'd']],
    // Between two columns there is no text.
    ['annweb1', []],
  ])('takes the search for %j literally', async (q, expected) => {
    const store = await engine.open()
    await insert(store, {
      a: { assetName: 'web1' },
      b: { assetName: "o'web", address: '192.0.2.9', account: 'deploy' },
      c: { assetName: '数据库-100%', address: '10.0.0.1' },
      d: { assetName: 'WEB_3\\x-ärger-straße' },
    })
    expect((await ids(store, { q })).toSorted()).toEqual(expected)
  })

  it('shows one session with all its facts, and none that is not there', async () => {
    const store = await engine.open()
    await store.transaction((trx) =>
      trx
        .insertInto('gateways')
        .values({ id: 'gw_1', publicKey: 'k', name: 'g1', state: 'accepted', version: '1', since: 1, lastBeatAt: 1, load: null })
        .execute(),
    )
    await insert(store, {
      a: { address: '2001:db8::1', endedAt: 2000, endReason: 'exited', recordingState: 'intact', recordingBytes: 7, recordingSeconds: 1.5 },
    })
    expect(await getSession(store, 'a')).toEqual({
      id: 'a',
      operatorId: 'op_1',
      operator: 'ann',
      asset: 'web1',
      address: '[2001:db8::1]:22',
      account: 'root',
      door: 'web',
      kind: 'shell',
      state: 'ended',
      startedAt: '1970-01-01T00:00:01.000Z',
      endedAt: '1970-01-01T00:00:02.000Z',
      endReason: 'exited',
      gateway: 'g1',
      bytesIn: 0,
      bytesOut: 0,
      source: '198.51.100.1',
      recording: { fileName: 'a.cast', seconds: 1.5, bytes: 7, state: 'intact' },
    })
    expect(await getSession(store, 'b')).toBeUndefined()
  })
})
