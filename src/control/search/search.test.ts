import { describe, expect, it } from 'vitest'
import type { Store } from '../store/open-store.ts'
import { engines, useEngine } from '../store/test-engines.ts'
import { Reach } from '../access/sight.ts'
import { findIds } from './search.ts'

const admin = { operator: 'op_ann', sight: 'all' } as const
const stranger = { operator: 'op_bo', sight: new Reach([], 0) }

describe.each(engines)('the search over everything on %s', (name) => {
  const engine = useEngine(name)

  async function seed(store: Store): Promise<void> {
    const host = (id: string, hostName: string, address = '10.0.0.1', tags: string[] = []) => ({
      ...{ id, name: hostName, address, port: 22, protocol: 'ssh', tags: JSON.stringify(tags), createdAt: 1, lastUsedAt: null, confirmedLoopback: 0 },
      ...{ viaAssetId: null, viaAccountId: null, reachState: null, reachAt: null, reachFailure: null, reachRttMs: null },
    })
    const person = (id: string, username: string, shown: string) => ({
      ...{ id, username, name: shown },
      role: 'member',
      mayWatch: 0,
      enabled: 1,
      passwordHash: '',
      createdAt: 1,
    })
    const session = (id: string, operatorId: string, startedAt: number, state = 'ended') => ({
      ...{
        id,
        operatorId,
        operatorName: operatorId.slice(3),
        assetName: 'web',
        address: '10.0.0.1',
        port: 22,
        account: 'root',
        door: 'web',
        kind: 'shell',
        state,
      },
      ...{ source: '', gatewayId: 'gw_x', startedAt, bytesIn: 0, bytesOut: 0, recordingSeconds: 0, recordingBytes: 0 },
    })
    await store.transaction(async (trx) => {
      await trx
        .insertInto('assets')
        .values([
          host('as_1', 'a-web-behind'),
          host('as_2', 'web-01'),
          host('as_3', 'WEB'),
          host('as_4', 'db', '10.9.9.9', ['Web']),
          host('as_5', '100%_host'),
          host('as_6', '北京-应用'),
        ])
        .execute()
      const account = { authKind: 'ask', publicKey: null, keyAlgorithm: null, sealed: null, credentialId: null, createdAt: 1 }
      await trx
        .insertInto('accounts')
        .values({ id: 'ac_1', assetId: 'as_6', username: 'postgres', ...account })
        .execute()
      await trx
        .insertInto('operators')
        .values([person('op_ann', 'ann', 'Ann Weber'), person('op_bo', 'bo', 'Bo')])
        .execute()
      await trx
        .insertInto('sessions')
        .values([session('se_1', 'op_ann', 1, 'live'), ...[2, 3, 4, 5, 6, 7, 8].map((at) => session(`se_${at}`, at % 2 === 0 ? 'op_ann' : 'op_bo', at))])
        .execute()
    })
  }

  it('puts what is called so first, then what begins so, and finds addresses, tags, accounts, and any script', async () => {
    const store = await engine.open()
    await seed(store)
    const hosts = async (q: string) => (await findIds(store, { q, viewer: admin, people: true })).hosts
    expect(await hosts('web')).toEqual(['as_3', 'as_2', 'as_1', 'as_4'])
    expect(await hosts('web 01')).toEqual(['as_2'])
    expect(await hosts('10.9')).toEqual(['as_4'])
    expect(await hosts('北京')).toEqual(['as_6'])
    expect(await hosts('%_')).toEqual(['as_5'])
    expect(await hosts('应用 Postgres')).toEqual(['as_6'])
    expect(await hosts(' \t ')).toEqual([])
    expect((await findIds(store, { q: 'weber', viewer: admin, people: true })).people).toEqual([{ id: 'op_ann', username: 'ann', name: 'Ann Weber' }])
  })

  it('gives at most 6 sessions, the live ones first, then the newest; and nothing that one may not see', async () => {
    const store = await engine.open()
    await seed(store)
    expect((await findIds(store, { q: 'root', viewer: admin, people: true })).sessions).toEqual(['se_1', 'se_8', 'se_7', 'se_6', 'se_5', 'se_4'])
    expect(await findIds(store, { q: 'web', viewer: stranger, people: false, ownedBy: 'op_bo' })).toEqual({
      hosts: [],
      people: [],
      sessions: ['se_7', 'se_5', 'se_3'],
    })
  })
})
