// Why somebody may use a host, asked from either side.
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPostgres } from '../../../test/harness/postgres.ts'
import { grantActions } from '#domain/grant.ts'
import { AccountId, AssetId, makeId, OperatorId } from '#domain/id.ts'
import type { ExplainItem } from '#wire/api/access.ts'
import { explain } from '../access/explain.ts'
import { grantTo } from '../access/test-grants.ts'
import { engines } from '../store/test-engines.ts'
import { startApi, type TestApi } from './test-api.ts'
import { addAsset, failureOf } from './test-asset.ts'

describe.each(engines)('why, on %s', (engine) => {
  let api: TestApi
  let alice = ''
  let stopEngine = () => Promise.resolve()
  let bob: { id: string; cookie: string }
  let audra: { id: string; cookie: string }
  const ids: Record<string, string> = {}
  beforeAll(async () => {
    if (engine === 'postgres') {
      const server = await startPostgres()
      stopEngine = () => server.stop()
      api = await startApi({ place: { databaseUrl: await server.makeDatabase() } })
    } else api = await startApi()
    alice = await api.claimIt()
    bob = await api.addOperator('bob', { role: 'member' })
    audra = await api.addOperator('audra', { role: 'auditor' })
    await api.addOperator('zoe', { role: 'member' })
    const accounts = ['root', 'deploy'].map((username) => ({ username, auth: { kind: 'ask' } }))
    for (const [name, tags] of [
      ['db1', ['db']],
      ['db10', ['db']],
      ['db2', ['db']],
      ['web1', []],
    ] as const)
      ids[name] = (await addAsset(api, alice, { name, tags, accounts })).id
    ids['bare'] = (await addAsset(api, alice, { name: 'bare' })).id
    await api.store.transaction(async (trx) => {
      await trx.insertInto('groups').values({ id: 'gr_1', name: 'ops', createdAt: 1 }).execute()
      await trx.insertInto('groupMembers').values({ groupId: 'gr_1', operatorId: bob.id }).execute()
      await grantTo(
        trx,
        { groups: ['gr_1'], tags: ['db'], name: 'databases' },
        { accounts: ['deploy'], reason: true, until: '2099-01-01T00:00:00Z', sources: ['10.0.0.0/8'] },
      )
      await grantTo(trx, { operators: [bob.id], assets: [ids['db1'] ?? ''], name: 'db1 once' }, { until: '2020-01-01T00:00:00Z' })
      await grantTo(trx, { operators: [bob.id], assets: [ids['web1'] ?? ''], name: 'web1 safely' }, { secondFactor: true })
      await grantTo(trx, { operators: [bob.id], assets: [ids['bare'] ?? ''], name: 'bare' })
      await grantTo(trx, { operators: [audra.id], assets: [ids['web1'] ?? ''], name: 'audra’s' })
    })
  }, 60_000)
  afterAll(async () => {
    await api.stop()
    await stopEngine()
  })

  const ask = (query: Record<string, string>, cookie = alice) => api.ask('GET', `/api/v1/access/explain?${new URLSearchParams(query).toString()}`, { cookie })
  const items = async (query: Record<string, string>, cookie = alice) => {
    const answer = await ask(query, cookie)
    expect([answer.status, answer.json.error]).toEqual([200, undefined])
    return (answer.json as unknown as { items: ExplainItem[]; cut: boolean }).items
  }
  const names = (list: readonly { name: string }[]) => list.map(({ name }) => name)
  const said = (list: readonly ExplainItem[]) => list.map(({ operator, asset, account }) => `${operator.username} ${account}@${asset.name}`)

  it('says where to connections may be forwarded', async () => {
    const to = { operator: 'audra', asset: 'web1', account: 'root', action: 'forward' }
    expect(await items({ ...to, destination: 'localhost:8080' })).toMatchObject([{ permitted: true, grants: [{ name: 'audra’s' }] }])
    expect(await items({ ...to, destination: 'db.example.org:5432' })).toMatchObject([
      { permitted: false, near: [{ grant: { name: 'audra’s' }, missing: ['destination'] }] },
    ])
    for (const destination of ['db', 'db:1-9', '*:5432', '10.0.0.0/8:1', ' '])
      expect((await ask({ ...to, destination })).json.error, destination).toMatchObject({ code: 'bad_request', field: 'destination' })
    expect((await ask({ ...to, action: 'shell', destination: 'db:5432' })).json.error).toMatchObject({ code: 'bad_request', field: 'destination' })
  })

  it('may bob reach db1? by names or ids, for each account, with the deciding grants, what is owed and until when', async () => {
    const [deploy, root, ...rest] = await items({ operator: 'bob', asset: 'db1' })
    expect(rest).toEqual([])
    expect(deploy).toMatchObject({
      ...{ operator: { username: 'bob' }, asset: { name: 'db1' }, account: 'deploy', action: 'shell', permitted: true, endsAt: '2099-01-01T00:00:00.000Z' },
      ...{
        grants: [{ name: 'databases' }],
        duties: { reason: true, secondFactor: false, record: 'must' },
        near: [{ grant: { name: 'db1 once' }, missing: ['over'] }],
      },
    })
    expect(root).toMatchObject({ account: 'root', permitted: false, refusal: 'no_grant', grants: [] })
    expect(root?.near.map(({ grant, missing }) => [grant.name, missing]).toSorted()).toEqual([
      ['databases', ['account']],
      ['db1 once', ['over']],
    ])
    expect(await items({ operator: bob.id, asset: ids['db1'] ?? '' })).toEqual([deploy, root])
    expect(await items({ operator: 'bob', asset: 'DB1', account: 'root' })).toEqual([root])
  })

  it('from another place, at another time, for another act', async () => {
    const one = async (more: Record<string, string>) => (await items({ operator: 'bob', asset: 'db1', account: 'deploy', ...more }))[0]
    expect(await one({ source: '::ffff:10.1.2.3' })).toMatchObject({ permitted: true })
    expect(await one({ source: '192.0.2.1' })).toMatchObject({ permitted: false, refusal: 'no_grant', near: [{ missing: ['source'] }, { missing: ['over'] }] })
    expect(await one({ at: '2099-01-01T00:00:00Z' })).toMatchObject({ permitted: false, near: [{ missing: ['over'] }, { missing: ['over'] }] })
    expect(names((await one({ at: '2019-06-01T00:00:00Z', action: 'upload' }))?.grants ?? [])).toEqual(['databases', 'db1 once'])
  })

  it('with a second factor: they may once they show one; with one set up, they may', async () => {
    const asked = { operator: 'bob', asset: 'web1', account: 'root' }
    expect(await items(asked)).toMatchObject([{ permitted: false, refusal: 'second_factor_needed', grants: [{ name: 'web1 safely' }] }])
    await api.store.transaction((trx) =>
      trx.insertInto('secondFactors').values({ operatorId: bob.id, sealed: 'x', createdAt: 1, confirmedAt: 1, lastStep: 0 }).execute(),
    )
    expect(await items(asked)).toMatchObject([{ permitted: true, duties: { secondFactor: true } }])
    await api.store.transaction((trx) => trx.deleteFrom('secondFactors').execute())
  })

  it('what may bob reach? and who may reach web1? nobody and nothing else', async () => {
    expect(said(await items({ operator: 'bob' }))).toEqual([
      'bob @bare',
      'bob deploy@db1',
      'bob deploy@db2',
      'bob deploy@db10',
      'bob deploy@web1',
      'bob root@web1',
    ])
    expect(said(await items({ operator: 'bob', account: 'root' }))).toEqual(['bob root@web1'])
    expect(await items({ operator: 'zoe' })).toEqual([])
    expect(said(await items({ asset: 'web1', account: 'root' }))).toEqual(['alice root@web1', 'audra root@web1', 'bob root@web1'])
    expect(said(await items({ asset: 'db2', source: '192.0.2.1' }))).toEqual(['alice deploy@db2', 'alice root@db2'])
  })

  it('of a person who is disabled: no', async () => {
    const eve = await api.addOperator('eve', { role: 'member' })
    await api.store.transaction(async (trx) => {
      await grantTo(trx, { operators: [eve.id], name: 'eve’s' })
      await trx.updateTable('operators').set({ enabled: 0 }).where('id', '=', eve.id).execute()
    })
    expect(await items({ operator: 'eve', asset: 'web1', account: 'root' })).toMatchObject([{ permitted: false, refusal: 'disabled' }])
    expect(await items({ operator: 'eve' })).toEqual([])
    expect(said(await items({ asset: 'web1' }))).not.toContain('eve root@web1')
  })

  it('is told to administrators and auditors, and to nobody else', async () => {
    expect(said(await items({ asset: 'web1', account: 'root' }, audra.cookie))).toHaveLength(3)
    expect(await failureOf(ask({ operator: 'bob' }, bob.cookie))).toEqual([403, 'forbidden', undefined])
    // Not even whether there is such a person.
    expect(await failureOf(ask({ operator: 'nobody' }, bob.cookie))).toEqual([403, 'forbidden', undefined])
  })

  it.each<[Record<string, string>, number, string, string]>([
    [{}, 400, 'bad_request', 'operator'],
    [{ operator: 'nobody' }, 404, 'operator_not_found', 'operator'],
    [{ asset: 'nothing' }, 404, 'asset_not_found', 'asset'],
    [{ operator: 'bob', asset: 'db1', account: 'x' }, 404, 'account_not_found', 'account'],
    [{ operator: 'bob', action: 'administer' }, 400, 'bad_request', 'action'],
    [{ operator: 'bob', source: 'home' }, 400, 'bad_request', 'source'],
    [{ operator: 'bob', at: 'now' }, 400, 'bad_request', 'at'],
    [{ operator: '__proto__' }, 404, 'operator_not_found', 'operator'],
  ])('refuses %j', async (query, ...expected) => {
    expect(await failureOf(ask(query))).toEqual(expected)
  })

  it('stands 5,000 hosts and 200 people, and says when there are more than it tells', async () => {
    const people = Array.from({ length: 200 }, () => makeId(OperatorId, 'op', randomBytes(15)))
    const hosts = Array.from({ length: 5000 }, () => makeId(AssetId, 'as', randomBytes(15)))
    await api.store.transaction(async (trx) => {
      const rows = people.map((id, at) => ({
        id,
        username: `p${at}`,
        name: `p${at}`,
        role: 'member',
        mayWatch: 0,
        enabled: 1,
        passwordHash: 'x',
        createdAt: 1,
      }))
      await trx.insertInto('operators').values(rows).execute()
      const blank = { address: '10.0.0.1', port: 22, protocol: 'ssh', createdAt: 1, confirmedLoopback: 0 }
      const empty = { publicKey: null, keyAlgorithm: null, sealed: null, credentialId: null, createdAt: 1 }
      for (let from = 0; from < hosts.length; from += 500) {
        const part = hosts.slice(from, from + 500).map((id, at) => ({ id, at: from + at }))
        await trx
          .insertInto('assets')
          .values(part.map(({ id, at }) => ({ id, name: `many${at}`, tags: JSON.stringify([`t${at % 100}`]), ...blank })))
          .execute()
        await trx
          .insertInto('accounts')
          .values(
            part.flatMap(({ id }) =>
              ['root', 'deploy'].map((username) => ({ id: makeId(AccountId, 'ac', randomBytes(15)), assetId: id, username, authKind: 'ask', ...empty })),
            ),
          )
          .execute()
      }
      // Each grant of a few people on a few hosts; one person has all hosts outside of the hours, one all of them.
      for (const [at, id] of people.entries())
        await grantTo(
          trx,
          { operators: [id], tags: [`t${at % 100}`] },
          { hours: { timeZone: 'Europe/Berlin', spans: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', until: '24:00' }] } },
        )
      await grantTo(trx, { operators: [people[7] ?? ''] }, { actions: [...grantActions] })
      await grantTo(trx, { operators: people, assets: [hosts[0] ?? ''] })
    })
    const took: Record<string, number> = {}
    const asked = async (what: string, query: { operator?: string; asset?: string }) => {
      const before = process.cpuUsage()
      const answer = await explain(api.store.db, { ...query, action: 'shell', atMs: Date.now() })
      const { user, system } = process.cpuUsage(before)
      took[what] = (user + system) / 1000
      return answer
    }
    expect(await asked('one of a few hosts', { operator: 'p3' })).toMatchObject({ items: { length: 102 }, cut: false })
    expect(await asked('one of all hosts', { operator: 'p7' })).toMatchObject({ items: { length: 1000 }, cut: true })
    expect((await asked('a host of all people', { asset: 'many0' })).items).toHaveLength(402)
    expect((await asked('a host of a few', { asset: 'many1' })).items.length).toBeLessThan(10)
    // Some 50 ms each on a quiet machine; this says that nothing grows with hosts times people.
    expect(Object.entries(took).filter(([, ms]) => ms > 1000)).toEqual([])
  })

  it('says which grant permits one file, and which come near and why not', async () => {
    const dana = await api.addOperator('dana', { role: 'member' })
    const host = ids['web1'] ?? ''
    await api.store.transaction(async (trx) => {
      const to = (name: string) => ({ operators: [dana.id], assets: [host], name })
      await grantTo(trx, to('files: home'), { actions: ['upload', 'download'], paths: ['~/in', '/srv/*/in', '~/../in'], maxBytes: 1000 })
      await grantTo(trx, to('files: logs'), { actions: ['download'], paths: ['/var/log'], reason: true })
      await grantTo(trx, to('files: not yet'), { actions: ['upload'], from: '2099-01-01T00:00:00Z', maxBytes: 5 })
    })
    const of = async (query: Record<string, string>) => {
      const [item] = await items({ operator: 'dana', asset: 'web1', account: 'root', ...query })
      return { permitted: item?.permitted, by: item?.grants.map(({ name }) => name), near: item?.near.map(({ grant, missing }) => [grant.name, ...missing]) }
    }
    expect(await of({ action: 'download' })).toMatchObject({ permitted: true, by: ['files: home', 'files: logs'] })
    expect(await of({ action: 'download', path: '/var/log/x', bytes: '5000' })).toEqual({
      ...{ permitted: true, by: ['files: logs'] },
      near: [
        ['files: home', 'path', 'size'],
        ['files: not yet', 'action', 'not_yet', 'size'],
      ],
    })
    expect(await of({ action: 'upload', path: '/var/log/x', bytes: '5' })).toEqual({
      ...{ permitted: false, by: [] },
      near: [
        ['files: home', 'path'],
        ['files: logs', 'action'],
        ['files: not yet', 'not_yet'],
      ],
    })
    expect(await of({ action: 'upload', path: '~/in/x' })).toMatchObject({ permitted: true })
    expect(await of({ action: 'upload', path: '/srv/a/in/../in/x', bytes: '1000' })).toMatchObject({ permitted: true })
    for (const path of ['~', '~/out', '~/in/../out', '~/../in', '/users/me/in', '/srv/in', '/srv/a/in/../x'])
      expect([path, (await of({ action: 'upload', path })).permitted]).toEqual([path, false])
    for (const query of [{ path: 'srv/x' }, { path: '~root/x' }, { action: 'shell', path: '/srv' }, { action: 'shell', bytes: '1' }]) {
      const asked = { operator: 'dana', asset: 'web1', action: 'upload', ...query }
      expect((await failureOf(ask(asked)))[1]).toBe('bad_request')
    }
    // All who may, for this file.
    expect((await items({ asset: 'web1', action: 'download', path: '/var/log/x' })).map(({ operator }) => operator.username)).toContain('dana')
    expect((await items({ asset: 'web1', action: 'download', path: '/etc/shadow' })).map(({ operator }) => operator.username)).not.toContain('dana')
  })
})
