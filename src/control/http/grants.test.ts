// Groups and grants, as administrators make them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPostgres } from '../../../test/harness/postgres.ts'
import { engines } from '../store/test-engines.ts'
import { startApi, type Json, type TestApi } from './test-api.ts'
import { addAsset, failureOf } from './test-asset.ts'

describe.each(engines)('groups and grants on %s', (engine) => {
  let api: TestApi
  let alice = ''
  let stopEngine = () => Promise.resolve()
  let bob: { id: string; cookie: string }
  let carol: { id: string; cookie: string }
  let db1 = ''
  let web1 = ''
  beforeAll(async () => {
    if (engine === 'postgres') {
      const server = await startPostgres()
      stopEngine = () => server.stop()
      api = await startApi({ place: { databaseUrl: await server.makeDatabase() } })
    } else api = await startApi()
    alice = await api.claimIt()
    bob = await api.addOperator('bob', { role: 'member' })
    carol = await api.addOperator('carol', { role: 'member' })
    db1 = (await addAsset(api, alice, { name: 'db1', tags: ['db'], accounts: [{ username: 'root', auth: { kind: 'ask' } }] })).id
    web1 = (await addAsset(api, alice, { name: 'web1', tags: ['web'] })).id
  }, 60_000)
  afterAll(async () => {
    await api.stop()
    await stopEngine()
  })

  const call = async (method: string, path: string, body?: unknown) => {
    const answer = await api.ask(method, `/api/v1/${path}`, { cookie: alice, ...(body === undefined ? {} : { body }) })
    expect([answer.status < 300, answer.json.error]).toEqual([true, undefined])
    return answer.json
  }
  const failed = (method: string, path: string, body?: unknown) =>
    failureOf(api.ask(method, `/api/v1/${path}`, { cookie: alice, ...(body === undefined ? {} : { body }) }))
  const names = (json: Json) => (json['items'] as { name: string }[]).map(({ name }) => name)
  const least = { actions: ['shell'], accounts: 'all' }
  const lastOf = async (code: Parameters<TestApi['ledger']>[0]) => (await api.ledger(code)).at(-1)

  it('begin with the group of administrators and its grant, which can be changed like any other', async () => {
    const groups = await call('GET', 'groups')
    expect(groups).toMatchObject({ total: 1, of: 1, items: [{ name: 'administrators', members: [{ username: 'alice' }] }] })
    const grants = await call('GET', 'grants')
    expect(grants).toMatchObject({
      total: 1,
      items: [{ assets: 'all', accounts: 'all', groups: [{ name: 'administrators' }], state: 'active', record: 'must' }],
    })
  })

  it('make, change and remove a group, and write down who joined and who left', async () => {
    const made = await call('POST', 'groups', { name: '  Ops 运维 ', members: [bob.id, bob.id] })
    expect(made).toMatchObject({ name: 'Ops 运维', members: [{ id: bob.id, username: 'bob' }], grants: [] })
    const id = String(made['id'])
    expect(await call('PATCH', `groups/${id}`, { members: [carol.id] })).toMatchObject({ name: 'Ops 运维', members: [{ username: 'carol' }] })
    expect(await lastOf('group.changed')).toMatchObject({ object: id, outcome: 'done', source: '192.0.2.1' })
    expect(JSON.parse((await lastOf('group.changed'))?.detail ?? '')).toEqual({ name: 'Ops 运维', joined: ['carol'], left: ['bob'] })
    expect(await call('PATCH', `groups/${id}`, { name: 'Operations' })).toMatchObject({ name: 'Operations', members: [{ username: 'carol' }] })
    const row = await lastOf('group.changed')
    expect([row?.before, row?.after]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), expect.stringMatching(/^[0-9a-f]{64}$/)])
    expect(row?.after).not.toBe(row?.before)
    await call('DELETE', `groups/${id}`)
    expect(await failed('GET', `groups/${id}`)).toEqual([404, 'group_not_found', undefined])
    expect(await lastOf('group.removed')).toMatchObject({ object: id })
  })

  it('find groups by name, in the order of people', async () => {
    for (const name of ['team 10', 'Team 2', 'team 1']) await call('POST', 'groups', { name })
    expect(names(await call('GET', 'groups?q=TEAM'))).toEqual(['team 1', 'Team 2', 'team 10'])
    expect(names(await call('GET', 'groups?q=team&sort=-name&size=1&page=2'))).toEqual(['Team 2'])
    expect(await call('GET', 'groups?q=team&size=1')).toMatchObject({ total: 3 })
  })

  it('refuse what is not there, and names that people could take for another, naming the field', async () => {
    const ghost = 'op_aaaaaaaaaaaaaaaaaaaaaaaa'
    expect(await failed('POST', 'groups', { name: 'x', members: [bob.id, ghost] })).toEqual([404, 'operator_not_found', 'members.1'])
    expect(await failed('POST', 'groups', { name: 'ADMINISTRATORS' })).toEqual([409, 'name_taken', 'name'])
    expect(await failed('PATCH', 'groups/gr_aaaaaaaaaaaaaaaaaaaaaaaa', { name: 'y' })).toEqual([404, 'group_not_found', undefined])
    const grant = { ...least, name: 'refused' }
    expect(await failed('POST', 'grants', { ...grant, operators: [bob.id, carol.id, bob.id, ghost] })).toEqual([404, 'operator_not_found', 'operators.3'])
    expect(await failed('POST', 'grants', { ...grant, groups: ['gr_nobody'] })).toEqual([404, 'group_not_found', 'groups.0'])
    expect(await failed('POST', 'grants', { ...grant, assets: [db1, '__proto__'] })).toEqual([404, 'asset_not_found', 'assets.1'])
    expect(await failed('POST', 'grants', { ...grant, name: 'Administrators: all hosts' })).toEqual([409, 'name_taken', 'name'])
    expect(await failed('POST', 'grants', { ...grant, from: '2026-02-01T00:00:00Z', until: '2026-02-01T00:00:00Z' })).toEqual([400, 'bad_request', 'until'])
    expect(await failed('PUT', 'grants/gt_aaaaaaaaaaaaaaaaaaaaaaaa', grant)).toEqual([404, 'grant_not_found', undefined])
    expect(await failed('DELETE', 'grants/__proto__')).toEqual([404, 'grant_not_found', undefined])
    expect((await call('GET', 'grants'))['of']).toBe(1)
  })

  it.each<[Record<string, unknown>, string]>([
    [{ actions: [] }, 'actions'],
    [{ actions: ['fly'] }, 'actions.0'],
    [{ accounts: ['a b'] }, 'accounts.0'],
    [{ accounts: 'some' }, 'accounts'],
    [{ sources: ['10.0.0.0/33'] }, 'sources.0'],
    [{ sources: ['::ffff:10.0.0.0/8'] }, 'sources.0'],
    [{ from: 'tomorrow' }, 'from'],
    [{ from: '2026-02-30T00:00:00Z' }, 'from'],
    [{ hours: { timeZone: 'Mars/Base', spans: [{ days: [1], from: '09:00', until: '17:00' }] } }, 'hours.timeZone'],
    [{ hours: { timeZone: 'UTC', spans: [{ days: [8], from: '09:00', until: '17:00' }] } }, 'hours.spans.0.days.0'],
    [{ maxSeconds: 1 }, 'maxSeconds'],
    [{ name: 'a\u0000b' }, 'name'],
    [{ name: 'a\u202eb' }, 'name'],
    [{ tags: ['a,b'] }, 'tags.0'],
    [{ operators: { length: 1 } }, 'operators'],
    [{ effect: 'deny' }, 'effect'],
    [{ id: 'gt_mine' }, 'id'],
  ])('refuse %j', async (more, field) => {
    const [status, , named] = await failed('POST', 'grants', { ...least, name: 'refused', ...more })
    expect([status, named]).toEqual([400, field])
  })

  it('make a grant of everything that can be said, and show it with names', async () => {
    const ops = String((await call('POST', 'groups', { name: 'ops', members: [carol.id] }))['id'])
    const hours = { timeZone: 'Europe/Berlin', spans: [{ days: [1, 2, 3], from: '22:00', until: '06:00' }] }
    const terms = {
      actions: ['shell', 'upload'],
      accounts: ['root'],
      from: '2026-01-01T00:00:00Z',
      until: '2099-01-01T00:00:00Z',
      hours,
      sources: ['10.0.0.0/8'],
    }
    const duties = { record: 'must', secondFactor: true, reason: true, maxSeconds: 3600, idleSeconds: 600, idleOn: 'input' }
    const input = { name: 'databases', note: 'why', operators: [bob.id], groups: [ops], assets: [db1], tags: ['db', 'db', 'e\u0301'], ...terms, ...duties }
    const made = await call('POST', 'grants', input)
    expect(made).toMatchObject({
      ...{ ...terms, ...duties, name: 'databases', note: 'why', tags: ['db', '\u00e9'] },
      operators: [{ id: bob.id, username: 'bob', name: 'bob' }],
      groups: [{ id: ops, name: 'ops' }],
      assets: [{ id: db1, name: 'db1' }],
    })
    expect(await call('GET', `grants/${String(made['id'])}`)).toEqual(made)
    const row = await lastOf('grant.created')
    expect([row?.before, row?.after]).toEqual([null, expect.stringMatching(/^[0-9a-f]{64}$/)])
    expect(JSON.parse(row?.detail ?? '')).toMatchObject({ name: 'databases', operators: ['bob'], groups: ['ops'], assets: ['db1'], accounts: ['root'], hours })
  })

  it('replace a grant whole: nothing of the older one stays behind', async () => {
    const { id } = (await call('POST', 'grants', {
      ...least,
      name: 'temporary',
      operators: [bob.id],
      assets: 'all',
      sources: ['10.0.0.0/8'],
      reason: true,
    })) as { id: string }
    const after = await call('PUT', `grants/${id}`, { ...least, name: 'temporary', accounts: ['root'], assets: [web1] })
    expect(after).toMatchObject({ operators: [], assets: [{ name: 'web1' }], accounts: ['root'], reason: false, state: 'empty' })
    expect(after).not.toHaveProperty('sources')
    expect(JSON.parse((await lastOf('grant.changed'))?.detail ?? '')).toMatchObject({
      before: { operators: ['bob'], assets: 'all' },
      after: { operators: [], assets: ['web1'] },
    })
    await call('DELETE', `grants/${id}`)
    expect(await failed('GET', `grants/${id}`)).toEqual([404, 'grant_not_found', undefined])
    expect(JSON.parse((await lastOf('grant.removed'))?.detail ?? '')).toMatchObject({ name: 'temporary' })
  })

  it('say whether a grant covers now', async () => {
    const day = new Date().getUTCDay() || 7
    const hours = (days: number[]) => ({ timeZone: 'UTC', spans: [{ days, from: '00:00', until: '24:00' }] })
    const other = [1, 2, 3, 4, 5, 6, 7].filter((each) => Math.abs(each - day) % 6 > 1)
    const named = { operators: [bob.id], assets: 'all' }
    const states: [Record<string, unknown>, string][] = [
      [named, 'active'],
      [{ ...named, from: '2099-01-01T00:00:00Z' }, 'not_yet'],
      [{ ...named, until: '2020-01-01T00:00:00Z' }, 'over'],
      [{ ...named, hours: hours(other) }, 'outside_hours'],
      [{ ...named, until: '2020-01-01T00:00:00Z', hours: hours(other) }, 'over'],
      [{ assets: 'all' }, 'empty'],
      [{ operators: [bob.id] }, 'empty'],
      [{ ...named, accounts: [] }, 'empty'],
    ]
    for (const [index, [more, state]] of states.entries()) {
      const made = await call('POST', 'grants', { ...least, name: `state ${index}`, ...more })
      expect([more, made['state']]).toEqual([more, state])
      await call('DELETE', `grants/${String(made['id'])}`)
    }
  })

  it('find grants by whom and what they name, also by a group, a tag, or all', async () => {
    const crew = String((await call('POST', 'groups', { name: 'crew', members: [carol.id] }))['id'])
    await call('POST', 'grants', { ...least, name: 'f by tag', tags: ['web'], operators: [bob.id] })
    await call('POST', 'grants', { ...least, name: 'f by id', assets: [web1], groups: [crew] })
    await call('POST', 'grants', { ...least, name: 'f of all', assets: 'all', note: 'Wartung' })
    await call('POST', 'grants', { ...least, name: 'f of another', assets: [db1] })
    const found = async (query: string) => names(await call('GET', `grants?q=f&${query}`)).filter((name) => name.startsWith('f '))
    expect(await found(`asset=${web1}`)).toEqual(['f by id', 'f by tag', 'f of all'])
    expect(await found(`asset=${db1}`)).toEqual(['f of all', 'f of another'])
    expect(await found(`operator=${bob.id}`)).toEqual(['f by tag'])
    expect(await found(`operator=${carol.id}`)).toEqual(['f by id'])
    expect(await found(`group=${crew}`)).toEqual(['f by id'])
    expect(await found(`group=${crew}&asset=${db1}`)).toEqual([])
    expect(await found('asset=as_nothing')).toEqual([])
    expect(names(await call('GET', 'grants?q=wartung'))).toEqual(['f of all'])
    expect(await failed('GET', 'grants?sort=terms')).toEqual([400, 'bad_request', 'sort'])
  })

  it('go with what they name: nothing is left of a person, a group or a host that is gone', async () => {
    const gone = await addAsset(api, alice)
    const group = String((await call('POST', 'groups', { name: 'to go', members: [bob.id] }))['id'])
    const { id } = (await call('POST', 'grants', { ...least, name: 'of what goes', assets: [gone.id], groups: [group] })) as { id: string }
    await call('DELETE', `assets/${gone.id}`)
    expect(await call('GET', `grants/${id}`)).toMatchObject({ assets: [], groups: [{ name: 'to go' }], state: 'empty' })
    await call('DELETE', `groups/${group}`)
    expect(await call('GET', `grants/${id}`)).toMatchObject({ assets: [], groups: [], state: 'empty' })
  })

  describe('AUTHZ-14 nobody takes more than was given to them', () => {
    it('who is no administrator can neither see nor change what is granted, whatever they are granted themselves', async () => {
      await call('POST', 'grants', {
        ...least,
        name: 'bob has all',
        actions: ['shell', 'exec', 'upload', 'download', 'forward'],
        assets: 'all',
        operators: [bob.id],
      })
      const { id } = (await call('POST', 'groups', { name: 'bobs', members: [bob.id] })) as { id: string }
      const grants = (await call('GET', 'grants?q=bob'))['items'] as { id: string }[]
      const grantId = grants[0]?.id ?? ''
      const auditor = await api.addOperator('audra', { role: 'auditor' })
      for (const { cookie } of [bob, auditor]) {
        const refused = (method: string, path: string, body?: unknown) =>
          failureOf(api.ask(method, `/api/v1/${path}`, { cookie, ...(body === undefined ? {} : { body }) }))
        for (const list of ['groups', 'grants']) expect(await refused('GET', list)).toEqual([403, 'forbidden', undefined])
        expect(await refused('POST', 'groups', { name: 'mine', members: [bob.id] })).toEqual([403, 'forbidden', undefined])
        expect(await refused('POST', 'grants', { ...least, name: 'mine', operators: [bob.id], assets: 'all' })).toEqual([403, 'forbidden', undefined])
        for (const [method, body] of [['GET'], ['PATCH', { members: [bob.id, carol.id] }], ['DELETE']] as const)
          expect(await refused(method, `groups/${id}`, body)).toEqual([404, 'group_not_found', undefined])
        for (const [method, body] of [['GET'], ['PUT', { ...least, name: 'bob has all', assets: 'all', operators: [bob.id] }], ['DELETE']] as const)
          expect(await refused(method, `grants/${grantId}`, body)).toEqual([404, 'grant_not_found', undefined])
      }
    })

    it('an administrator who grants something to themselves does it under their name, in the ledger', async () => {
      const me = (await call('GET', 'me'))['id']
      await call('POST', 'grants', { ...least, name: 'for me', operators: [me], assets: 'all' })
      expect(await lastOf('grant.created')).toMatchObject({ operator: me, detail: expect.stringContaining('"operators":["alice"]') })
    })
  })

  it('say which files, and how large, in the answer and in the ledger', async () => {
    const files = { ...least, actions: ['upload', 'download'], paths: ['/srv/app', '~/in/*', '/srv/app'], maxBytes: 1_000_000 }
    const made = await call('POST', 'grants', { ...files, name: 'files', operators: [bob.id], assets: [web1] })
    const id = String(made['id'])
    expect(made).toMatchObject({ paths: ['/srv/app', '~/in/*'], maxBytes: 1_000_000 })
    expect(JSON.parse((await lastOf('grant.created'))?.detail ?? '')).toMatchObject({ paths: ['/srv/app', '~/in/*'], maxBytes: 1_000_000 })
    const before = (await lastOf('grant.created'))?.after
    const { paths: _paths, ...everywhere } = files
    const changed = await call('PUT', `grants/${id}`, { ...everywhere, maxBytes: 5, name: 'files', operators: [bob.id], assets: [web1] })
    expect(changed['paths']).toBeUndefined()
    expect(changed['maxBytes']).toBe(5)
    const row = await lastOf('grant.changed')
    expect(row?.before).toBe(before)
    expect(row?.after).not.toBe(before)
    expect(JSON.parse(row?.detail ?? '')).toMatchObject({ before: { paths: ['/srv/app', '~/in/*'], maxBytes: 1_000_000 }, after: { maxBytes: 5 } })
    for (const [wrong, field] of [
      [{ paths: [] }, 'paths'],
      [{ paths: ['srv'] }, 'paths.0'],
      [{ paths: ['/srv', '~root'] }, 'paths.1'],
      [{ paths: ['/a\u0000b'] }, 'paths.0'],
      [{ paths: ['/a\u202eb'] }, 'paths.0'],
      [{ paths: [`/${'x'.repeat(500)}`] }, 'paths.0'],
      [{ paths: Array.from({ length: 51 }, (_, at) => `/${at}`) }, 'paths'],
      [{ maxBytes: 0 }, 'maxBytes'],
      [{ maxBytes: 1.5 }, 'maxBytes'],
      [{ maxBytes: 1e300 }, 'maxBytes'],
    ] as const)
      expect(await failed('POST', 'grants', { ...files, name: 'wrong', ...wrong })).toEqual([400, 'bad_request', field])
  })
})
