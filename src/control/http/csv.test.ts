// Lists as files: who gets them, what stands in them, and what is written down about it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { record } from '../audit/ledger.ts'
import { fillHistory } from '../sessions/test-history.ts'
import { sessionSearchText } from '../sessions/search-text.ts'
import { startApi, type TestApi } from './test-api.ts'
import { addAsset } from './test-asset.ts'

let api: TestApi
let alice: string
let bob: { id: string; cookie: string }

const hostile = { operatorName: '=cmd|calc', assetName: '中文,"host"', address: '10.0.0.5', port: 22, account: '+root' }
beforeAll(async () => {
  api = await startApi()
  alice = await api.claimIt()
  bob = await api.addOperator('bob', { role: 'member' })
  await fillHistory(api.store, 1500)
  const how = { door: 'web', kind: 'shell', state: 'ended', source: '192.0.2.1', gatewayId: 'gw_1', startedAt: 1_700_000_000_000, endedAt: 1_700_000_009_500 }
  const rest = { endReason: 'exited', exitStatus: 3, endMessage: 'two\r\nlines', bytesIn: 1, bytesOut: 2, recordingSeconds: 0, recordingBytes: 0 }
  await api.store.transaction((trx) =>
    trx
      .insertInto('sessions')
      .values({ id: 'se_hostile', operatorId: bob.id, ...hostile, search: sessionSearchText(hostile), ...how, ...rest })
      .execute(),
  )
  await addAsset(api, alice, { name: 'web1', address: '10.0.0.7', tags: ['=1+1', 'prod'], accounts: [{ username: 'root', auth: { kind: 'ask' } }] })
})
afterAll(() => api.stop())

const get = (path: string, cookie: string, headers: Record<string, string> = {}) => api.ask('GET', `/api/v1/csv/${path}`, { cookie, headers })
const linesOf = (text: string) => text.trimEnd().split('\r\n')

describe('a list as CSV', () => {
  it('holds every row that matches, in its order, under headings of the language', async () => {
    const answer = await get('sessions?state=ended&sort=startedAt&lang=zh', alice)
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8; header=present')
    expect(answer.headers['content-disposition']).toMatch(/^attachment; filename="sallyport-sessions-\d{4}-\d\d-\d\d\.csv"/)
    expect([...answer.bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
    const { total } = (await api.ask('GET', '/api/v1/sessions?state=ended', { cookie: alice })).json as { total: number }
    expect(total).toBe(1501)
    // One message has a line break of its own.
    expect(linesOf(answer.text)).toHaveLength(total + 2)
    expect(answer.text.slice(1)).toMatch(/^开始时间,结束时间,时长（秒）,操作员,主机,/)
    expect((await get('sessions?q=nobody', alice, { 'accept-language': 'de, zh-CN;q=0.9' })).text).toMatch(/^\uFEFF?开始时间/)
    expect((await get('sessions?q=nobody', alice)).text).toMatch(/^\uFEFF?Started,Ended,Seconds/)
  })

  it('lets no name become a formula', async () => {
    const { text } = await get('sessions?operator=%3Dcmd%7Ccalc', alice)
    expect(text).toContain(
      `2023-11-14T22:13:20.000Z,2023-11-14T22:13:29.500Z,9.5,'=cmd|calc,"中文,""host""",10.0.0.5:22,'+root,web,shell,,ended,exited,"two\r\nlines",,3,gw_1,192.0.2.1,1,2,`,
    )
    const assets = await get('assets', alice)
    expect(linesOf(assets.text)[1]).toMatch(/^web1,10\.0\.0\.7,22,'=1\+1 prod,root,strict,/)
  })

  it('is given of the ledger to whoever may look through it, with every row and no formula', async () => {
    const auditor = await api.addOperator('audra', { role: 'auditor' })
    await api.store.transaction((trx) =>
      record(
        trx,
        { code: 'asset.changed', outcome: 'done', operator: bob.id, object: '=HYPERLINK("x")', source: '@1', detail: { name: 'a\r\nb' } },
        Date.now(),
      ),
    )
    const { total } = (await api.ask('GET', '/api/v1/audit?code=asset.changed', { cookie: auditor.cookie })).json as { total: number }
    expect(total).toBe(1)
    const { text, status } = await get('audit?code=asset.changed&lang=zh', auditor.cookie)
    expect(status).toBe(200)
    expect(text.slice(1)).toMatch(/^链上序号,行,时间,入链时间,行为,结果,操作员,/)
    expect(linesOf(text)[1]).toContain(`,asset.changed,done,bob,${bob.id},,"'=HYPERLINK(""x"")",'@1,"{""name"":""a\\r\\nb""}",`)
    const all = (await api.ask('GET', '/api/v1/audit', { cookie: alice })).json as { total: number }
    expect(linesOf((await get('audit', alice)).text)).toHaveLength(all.total + 1)
    expect((await get('audit', bob.cookie)).status).toBe(403)
    const [row] = (await api.ledger('list.exported')).filter(({ object }) => object === 'audit')
    expect(row).toMatchObject({ operator: auditor.id })
    expect(JSON.parse(row?.detail ?? '')).toEqual({ query: { code: 'asset.changed' }, rows: 1 })
    expect(row?.requestId).toMatch(/^[\w-]{12}$/)
  })

  it('is given as the list is: members their own sessions, and the hosts of their grants', async () => {
    expect(linesOf((await get('sessions?lang=en', bob.cookie)).text)).toHaveLength(3)
    expect((await get('sessions', '')).status).toBe(401)
    expect((await get('assets', '')).status).toBe(401)
    expect(linesOf((await get('assets?lang=en', bob.cookie)).text)).toHaveLength(1)
    expect((await get('assets', alice)).status).toBe(200)
  })

  it.each([
    ['sessions?sort=passwordHash', 'bad_request', 'sort'],
    ['sessions?state=dead', 'bad_request', 'state'],
    ['sessions?since=yesterday', 'bad_request', 'since'],
    ['sessions?lang=de', 'bad_request', 'lang'],
    ['sessions?page=2', 'unknown_field', 'page'],
    ['sessions?ownedBy=x', 'unknown_field', 'ownedBy'],
    [`sessions?q=${'x'.repeat(201)}`, 'bad_request', 'q'],
    ['assets?key=rusty', 'bad_request', 'key'],
  ])('refuses %.40s', async (path, code, field) => {
    const { status, json } = await get(path, alice)
    expect([status, json.error?.code, json.error?.field]).toEqual([400, code, field])
  })

  it('is written down with what was asked and how much it was', async () => {
    await get('sessions?q=host-7&state=ended', alice)
    const row = (await api.ledger('list.exported')).at(-1)
    expect(row).toMatchObject({ outcome: 'done', object: 'sessions', source: '192.0.2.1' })
    expect(JSON.parse(row?.detail ?? '')).toMatchObject({ query: { q: 'host-7', state: 'ended' }, rows: expect.any(Number) })
  })

  it('stands in the description of the API', async () => {
    const { json } = await api.ask('GET', '/api/openapi.json')
    const names = (json['paths'] as Record<string, { get: { parameters: { name: string }[] } }>)['/csv/sessions']?.get.parameters.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['q', 'sort', 'state', 'since', 'lang']))
    expect(names).not.toContain('page')
  })
})
