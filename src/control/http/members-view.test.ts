// What somebody sees of the hosts who is no administrator: what they were granted, and of that what is theirs to know.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GrantTerms } from '#domain/grant.ts'
import type { AssetView } from '#wire/api/assets.ts'
import { grantTo } from '../access/test-grants.ts'
import { startApi, type TestApi } from './test-api.ts'
import { addAsset, failureOf, makeHostKey } from './test-asset.ts'

let api: TestApi
let alice = ''
let bob: { id: string; cookie: string }
const ids: Record<string, string> = {}
const day = () => new Date().getUTCDay() || 7
/** Hours that hold on other days alone, also when midnight passes while this runs. */
const otherDays = () => ({
  timeZone: 'UTC',
  spans: [{ days: [1, 2, 3, 4, 5, 6, 7].filter((each) => Math.abs(each - day()) % 6 > 1), from: '00:00', until: '24:00' }],
})

beforeAll(async () => {
  api = await startApi()
  alice = await api.claimIt()
  bob = await api.addOperator('bob', { role: 'member' })
  const ask = { kind: 'ask' }
  const shared = await api.ask('POST', '/api/v1/credentials', {
    cookie: alice,
    body: { name: 'the shared one', username: 'deploy', auth: { kind: 'password', password: 'x' } },
  })
  const add = async (name: string, more: Record<string, unknown>) => Object.assign(ids, { [name]: (await addAsset(api, alice, { name, ...more })).id })
  const gate = await addAsset(api, alice, { name: 'gate', accounts: [{ username: 'hop', auth: ask }] })
  const accounts = [
    { username: 'root', auth: ask },
    { username: 'deploy', auth: { kind: 'credential', id: shared.json['id'] } },
    { username: 'secretary', auth: ask },
  ]
  await add('web1', {
    address: '10.0.0.11',
    tags: ['web', 'prod'],
    accounts,
    trusted: [makeHostKey()],
    hostKeyPolicy: 'pin-first',
    via: { asset: gate.id, account: gate.accounts[0]?.id },
  })
  await add('db1', { address: '10.0.0.12', tags: ['db', 'prod'], accounts })
  await add('night', { address: '10.0.0.13', accounts })
  await add('office', { address: '10.0.0.14', accounts })
  await add('over', { address: '10.0.0.15', accounts })
  await add('bare', { address: '10.0.0.16', tags: ['bare'] })
  await add('files', { address: '10.0.0.17', accounts })
  await add('other', { address: '10.0.0.18', tags: ['other'], accounts })
  const grant = (assets: string[] | undefined, terms: Partial<GrantTerms>, tags: string[] = []) =>
    api.store.transaction((trx) => grantTo(trx, { operators: [bob.id], assets: assets?.map((name) => ids[name] ?? '') ?? [], tags }, terms))
  await grant(undefined, { accounts: ['deploy'], actions: ['shell'] }, ['web', 'bare'])
  await grant(['night'], { hours: otherDays() })
  await grant(['office'], { sources: ['203.0.113.0/24'] })
  await grant(['over'], { until: '2020-01-01T00:00:00Z' })
  await grant(['files'], { actions: ['upload'], accounts: ['root'] })
  // Of an account that this host does not have.
  await grant(['other'], { accounts: ['nobody'] })
})
afterAll(() => api.stop())

const get = async (path: string, cookie = bob.cookie) => await api.ask('GET', `/api/v1/${path}`, { cookie })
const items = async (path: string, cookie = bob.cookie) => ((await get(path, cookie)).json as unknown as { items: AssetView[] }).items
const names = async (query: string) => (await items(`assets?${query}`)).map(({ name }) => name)
const failed = (method: string, path: string, body?: unknown, cookie = bob.cookie) =>
  failureOf(api.ask(method, `/api/v1/${path}`, { cookie, ...(body === undefined ? {} : { body }) }))

describe('a member', () => {
  const seen = ['bare', 'files', 'night', 'office', 'web1']

  it('sees the hosts that a grant names, also those of other hours and places, and no others', async () => {
    expect(await names('')).toEqual(seen)
    expect((await get('assets')).json).toMatchObject({ total: seen.length, of: seen.length })
    expect((await get('assets?q=web1')).json).toMatchObject({ total: 1, of: seen.length })
    expect(await items('assets', (await api.addOperator('dora', { role: 'member' })).cookie)).toEqual([])
    for (const [name, id] of Object.entries(ids)) expect([name, (await get(`assets/${id}`)).status]).toEqual([name, seen.includes(name) ? 200 : 404])
  })

  it('sees them alike as an auditor: reading the ledger opens no host', async () => {
    const audra = await api.addOperator('audra', { role: 'auditor' })
    expect(await items('assets', audra.cookie)).toEqual([])
    expect(await failed('GET', `assets/${ids['web1']}`, undefined, audra.cookie)).toEqual([404, 'asset_not_found', undefined])
  })

  it('sees an account that they may use, and nothing of the others, the keys, the way and the shared credential', async () => {
    const answer = await get(`assets/${ids['web1']}`)
    expect(answer.json).toMatchObject({ name: 'web1', address: '10.0.0.11', tags: ['web', 'prod'], hostKeys: [], hostKeyPolicy: 'strict', changedKeys: 0 })
    expect((answer.json as unknown as AssetView).accounts).toEqual([{ id: expect.any(String), username: 'deploy', auth: { kind: 'password' } }])
    expect(answer.json).not.toHaveProperty('via')
    const whole = answer.text + (await get('assets?q=web1')).text + (await get('csv/assets?q=web1')).text + (await get('search?q=web1')).text
    for (const word of ['root', 'secretary', 'hop', 'gate', 'the shared one', 'SHA256', 'pin-first', 'cr_', 'db1'])
      expect([word, whole.includes(word)]).toEqual([word, false])
    // The account for which they may bring files there.
    expect((await items('assets?q=files'))[0]?.accounts.map(({ username }) => username)).toEqual(['root'])
    // The administrator sees all of it.
    expect((await get(`assets/${ids['web1']}`, alice)).json).toMatchObject({ via: { assetName: 'gate' }, hostKeyPolicy: 'pin-first', accounts: { length: 3 } })
  })

  it('finds no host by what they do not see', async () => {
    expect(await names('q=deploy')).toEqual(['night', 'office', 'web1'])
    expect(await names('q=root')).toEqual(['files', 'night', 'office'])
    expect(await names('q=secretary')).toEqual(['night', 'office'])
    expect(await names('q=db1')).toEqual([])
    expect(await names('tag=prod')).toEqual(['web1'])
    expect(await names('credential=cr_1')).toEqual([])
    expect(await names('key=trusted')).toEqual([])
    expect(await names('key=unknown')).toEqual(seen)
    const found = (await get('search?q=secretary')).json as { hosts: AssetView[] }
    expect(found.hosts.map(({ name }) => name)).toEqual(['night', 'office'])
    expect(((await get('search?q=10.0.0.1')).json as { hosts: AssetView[] }).hosts.map(({ name }) => name)).toEqual(seen)
    expect((await get('assets/tags')).json['items']).toEqual([
      { tag: 'bare', hosts: 1 },
      { tag: 'prod', hosts: 1 },
      { tag: 'web', hosts: 1 },
    ])
  })

  it('sorts by their own use, and not by that of others', async () => {
    await api.store.transaction(async (trx) => {
      await trx
        .updateTable('assets')
        .set({ lastUsedAt: 5 })
        .where('id', '=', ids['bare'] ?? '')
        .execute()
      await trx
        .insertInto('assetUses')
        .values({ operatorId: bob.id, assetId: ids['night'] ?? '', accountId: null, usedAt: 7 })
        .execute()
    })
    expect((await names('sort=-lastUsedAt'))[0]).toBe('night')
    expect(await names('recent=true')).toEqual(['night'])
    expect((await items('assets?q=bare'))[0]).not.toHaveProperty('lastUsedAt')
  })

  it('keeps favourites of what they see, and of nothing else', async () => {
    expect(await failed('PUT', `assets/${ids['web1']}/favourite`)).toEqual([200, undefined, undefined])
    expect(await names('favourite=true')).toEqual(['web1'])
    expect(await failed('DELETE', `assets/${ids['web1']}/favourite`)).toEqual([200, undefined, undefined])
    expect(await names('favourite=true')).toEqual([])
    for (const method of ['PUT', 'DELETE']) expect(await failed(method, `assets/${ids['db1']}/favourite`)).toEqual([404, 'asset_not_found', undefined])
  })

  it('takes the same list away as a file', async () => {
    const lines = (await get('csv/assets?lang=en')).text.trimEnd().split('\r\n')
    expect(lines.slice(1).map((line) => line.split(',')[0])).toEqual(seen)
    expect((await api.ledger('list.exported')).at(-1)).toMatchObject({ operator: bob.id, object: 'assets', detail: expect.stringContaining('"rows":5') })
  })

  it('changes nothing: a host that they see is as closed to their hands as one that they do not', async () => {
    for (const name of ['web1', 'db1']) {
      const path = `assets/${ids[name]}`
      expect(await failed('PATCH', path, { tags: ['mine'] })).toEqual([404, 'asset_not_found', undefined])
      expect(await failed('DELETE', path)).toEqual([404, 'asset_not_found', undefined])
      expect(await failed('POST', `${path}/accounts`, { username: 'x', auth: { kind: 'ask' } })).toEqual([404, 'asset_not_found', undefined])
      expect(await failed('PUT', `${path}/host-keys`, { trusted: [] })).toEqual([404, 'asset_not_found', undefined])
      expect(await failed('POST', `${path}/reach`)).toEqual([404, 'asset_not_found', undefined])
    }
  })
})

describe('a ticket', () => {
  const ticket = (asset: string | undefined, account?: string) =>
    api.ask('POST', '/api/v1/tickets', { cookie: bob.cookie, body: { kind: 'shell', asset, ...(account === undefined ? {} : { account }) } })

  it('is given for the account of the grant, and without naming it when it is the only one', async () => {
    expect((await ticket(ids['web1'], 'deploy')).status).toBe(201)
    expect((await ticket(ids['web1'])).status).toBe(201)
  })

  it('AUTHZ-01 is refused without a grant as for a host that is not there, down to the byte', async () => {
    const absent = await ticket('as_aaaaaaaaaaaaaaaaaaaaaaaa')
    expect([absent.status, absent.json.error?.code]).toEqual([404, 'asset_not_found'])
    // By id, name, address, in another case, and half of it.
    const db1 = ids['db1'] ?? ''
    for (const given of [
      db1,
      'db1',
      'DB1',
      '10.0.0.12',
      'web1',
      'WEB1',
      db1.toUpperCase(),
      `${db1} `,
      `${db1}%00`,
      db1.slice(0, -1),
      ids['over'],
      ids['other'],
      '__proto__',
      '',
    ]) {
      const answer = await ticket(given)
      expect([given, answer.status, answer.text]).toEqual([given, absent.status, absent.text])
    }
    for (const account of ['root', 'deploy', 'nothing']) expect((await ticket(ids['db1'], account)).text).toBe(absent.text)
  })

  it('AUTHZ-02 is refused for any account but that of the grant, as for one that is not there', async () => {
    const absent = await ticket(ids['web1'], 'nothing')
    expect([absent.status, absent.json.error?.code]).toEqual([404, 'account_not_found'])
    const whole = (await get(`assets/${ids['web1']}`, alice)).json as unknown as AssetView
    const root = whole.accounts.find(({ username }) => username === 'root')?.id
    for (const account of [
      'root',
      root,
      'Deploy',
      'DEPLOY',
      'deploy%00',
      'deploy ',
      ' deploy',
      'deploy:web1',
      'deploy+root',
      'root,deploy',
      'secretary',
      '__proto__',
      '',
    ]) {
      const answer = await ticket(ids['web1'], account)
      expect([account, answer.status, answer.text]).toEqual([account, absent.status, absent.text])
    }
  })

  it('says of a host that they see why it does not open', async () => {
    const night = await ticket(ids['night'], 'root')
    expect([night.status, night.json.error?.code]).toEqual([403, 'access_not_now'])
    const opens = Date.parse(String(night.json.error?.detail?.['opensAt']))
    expect(opens).toBeGreaterThan(Date.now())
    expect(opens).toBeLessThan(Date.now() + 7 * 86_400_000)
    const office = await ticket(ids['office'], 'root')
    expect([office.status, office.json.error?.code, office.json.error?.detail]).toEqual([403, 'access_not_now', undefined])
    expect(office.text).not.toContain('203.0.113')
    expect((await ticket(ids['files'], 'root')).json.error?.code).toBe('not_granted')
    // Of one account of a host while another is open: why it is closed, when it is theirs at other hours, and nothing when it is not.
    const web1 = ids['web1'] ?? ''
    const more = await api.store.transaction((trx) => grantTo(trx, { operators: [bob.id], assets: [web1] }, { accounts: ['root'], hours: otherDays() }))
    expect((await ticket(web1, 'root')).json.error?.code).toBe('access_not_now')
    expect((await ticket(web1, 'secretary')).json.error?.code).toBe('account_not_found')
    expect((await ticket(web1, 'deploy')).status).toBe(201)
    await api.store.transaction((trx) => trx.deleteFrom('grants').where('id', '=', more).execute())
    // An administrator sees every host, so nothing is hidden by saying that one is not there.
    const dave = await api.addOperator('dave', { role: 'admin' })
    await api.store.transaction((trx) => trx.deleteFrom('grantOperators').where('operatorId', '=', dave.id).execute())
    expect(await failed('POST', 'tickets', { kind: 'shell', asset: web1, account: 'root' }, dave.cookie)).toEqual([403, 'not_granted', undefined])
  })

  it('AUTHZ-04 is given from the network of the grant in each way to write it', async () => {
    const from = async (source: string) =>
      (
        await api.ask('POST', '/api/v1/tickets', {
          cookie: bob.cookie,
          headers: { 'x-sallyport-source': source },
          body: { kind: 'shell', asset: ids['office'], account: 'root' },
        })
      ).status
    expect(await from('203.0.113.7')).toBe(201)
    expect(await from('::ffff:203.0.113.7')).toBe(201)
    expect(await from('::FFFF:cb00:7107')).toBe(201)
    expect(await from('::ffff:203.0.113.7%eth0')).toBe(201)
    for (const source of ['203.0.114.7', '::203.0.113.7', '203.0.113.7, 192.0.2.1', '']) expect([source, await from(source)]).toEqual([source, 403])
  })
})
