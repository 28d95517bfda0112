import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Asker } from '#domain/access.ts'
import type { HostKey } from '#domain/host-key.ts'
import { OperatorId } from '#domain/id.ts'
import { openTestLinks, type TestLinks } from '../link/test-links.ts'
import { engines, useEngine } from '../store/test-engines.ts'
import { hostKeysOf } from './asset-rows.ts'
import { trustHostKeys } from './host-keys.ts'
import { decideKeyChange, listKeyChanges, maxOpenOfHost, noteKeyChange } from './key-changes.ts'

function hostKey(seed: number): HostKey {
  const type = Buffer.from('ssh-ed25519')
  const body = createHash('sha256').update(`${seed}`).digest()
  const blob = Buffer.concat([Buffer.of(0, 0, 0, type.length), type, Buffer.of(0, 0, 0, 32), body])
  return { type: 'ssh-ed25519', key: blob.toString('base64'), fingerprint: `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}` }
}

describe.each(engines)('changed keys on %s', (name) => {
  const engine = useEngine(name)
  let rooms: TestLinks
  beforeEach(async () => {
    rooms = await openTestLinks(engine)
  })
  afterEach(() => rooms.close())

  const actor = async () => {
    const { id } = await rooms.seedOperator({ username: 'ann' })
    const operator: Asker = { id: OperatorId.parse(id), name: 'ann', role: 'admin', enabled: true, mayWatch: true, groups: [], secondFactor: false }
    return { operator, source: '192.0.2.1' }
  }
  const meet = (asset: string, seed: number) =>
    rooms.store.transaction((trx) =>
      noteKeyChange(trx, { asset, offered: hostKey(seed), operatorName: 'bob', gateway: 'gw_x', now: (rooms.clock.now += 1000) }),
    )
  const list = (query: Partial<Parameters<typeof listKeyChanges>[1]> = {}) => listKeyChanges(rooms.store, { page: 1, size: 50, ...query })
  const trusted = async (asset: string) => (await hostKeysOf(rooms.store.db, asset)).map(({ fingerprint }) => fingerprint)
  const row = async (seed: number) => (await list()).items.find((item) => item.offered.fingerprint === hostKey(seed).fingerprint)?.id ?? ''

  it('are one row for each host and key, counted, found and sorted', async () => {
    const [web, db] = [await rooms.seedAsset(undefined, { name: 'web10' }), await rooms.seedAsset(undefined, { name: 'web2' })]
    await trustHostKeys(rooms.rules, web.id, [hostKey(0)], await actor())
    for (const [asset, seed] of [
      [web.id, 1],
      [web.id, 1],
      [db.id, 1],
      [web.id, 2],
    ] as const)
      await meet(asset, seed)
    const { items, total, of } = await list()
    expect([total, of]).toEqual([3, 3])
    expect(items.map((item) => [item.assetName, item.times])).toEqual([
      ['web10', 1],
      ['web2', 1],
      ['web10', 2],
    ])
    expect(items[0]).toMatchObject({ asset: web.id, offered: hostKey(2), trusted: [hostKey(0)], operator: 'bob', address: '192.0.2.10' })
    expect((await list({ sort: 'assetName' })).items.map((item) => item.assetName)).toEqual(['web2', 'web10', 'web10'])
    expect((await list({ sort: '-times', size: 1 })).items).toMatchObject([{ times: 2 }])
    expect((await list({ q: 'WEB2' })).total).toBe(1)
    expect((await list({ q: `web10 ${hostKey(2).fingerprint}` })).total).toBe(1)
    expect((await list({ page: 2, size: 2 })).items).toHaveLength(1)
  })

  it('are at most twenty of one host: the one met longest ago goes', async () => {
    const [web, db] = [await rooms.seedAsset(), await rooms.seedAsset()]
    await meet(db.id, 1)
    for (let seed = 0; seed < maxOpenOfHost; seed += 1) await meet(web.id, seed)
    await meet(web.id, 0)
    await meet(web.id, 99)
    const { items, total } = await list()
    expect(total).toBe(maxOpenOfHost + 1)
    const left = new Set(items.filter((item) => item.asset === web.id).map((item) => item.offered.fingerprint))
    expect([left.has(hostKey(0).fingerprint), left.has(hostKey(1).fingerprint), left.has(hostKey(99).fingerprint)]).toEqual([true, false, true])
  })

  it('are trusted in the place of all others, or refused, with one row in the ledger', async () => {
    const by = await actor()
    const { id } = await rooms.seedAsset(undefined, { name: 'web1' })
    await trustHostKeys(rooms.rules, id, [hostKey(10), hostKey(11)], by)
    for (const seed of [1, 2, 3]) await meet(id, seed)
    await decideKeyChange(rooms.rules, await row(1), { decision: 'refuse' }, by)
    expect(await trusted(id)).toHaveLength(2)
    const shown = [hostKey(11).fingerprint, hostKey(10).fingerprint]
    await decideKeyChange(rooms.rules, await row(2), { decision: 'trust', expected: shown }, by)
    expect(await trusted(id)).toEqual([hostKey(2).fingerprint])
    await expect(decideKeyChange(rooms.rules, await row(3), { decision: 'trust', expected: shown }, by)).rejects.toMatchObject({ code: 'conflict' })
    expect((await list()).items.map((item) => item.offered.fingerprint)).toEqual([hostKey(3).fingerprint])
    await expect(decideKeyChange(rooms.rules, 'kc_aaaaaaaaaaaaaaaaaaaaaaaa', { decision: 'refuse' }, by)).rejects.toMatchObject({ code: 'not_found' })
    const rows = await rooms.ledger('host_key.decided')
    expect(rows).toMatchObject([
      { object: id, operator: by.operator.id, detail: { decision: 'refuse', offered: hostKey(1).fingerprint } },
      { detail: { decision: 'trust', after: [hostKey(2).fingerprint], before: expect.arrayContaining(shown) as string[] } },
    ])
  })

  it('go when they are trusted on the page of the host, and with the host', async () => {
    const { id } = await rooms.seedAsset()
    for (const seed of [1, 2]) await meet(id, seed)
    await trustHostKeys(rooms.rules, id, [hostKey(1)], await actor())
    expect((await list()).items.map((item) => item.offered.fingerprint)).toEqual([hostKey(2).fingerprint])
    await rooms.store.transaction(async (trx) => {
      await trx.deleteFrom('accounts').where('assetId', '=', id).execute()
      await trx.deleteFrom('assets').where('id', '=', id).execute()
    })
    expect((await list()).of).toBe(0)
  })
})
