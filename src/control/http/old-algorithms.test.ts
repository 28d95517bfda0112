import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Probe } from '#wire/link.ts'
import { grantTo } from '../access/test-grants.ts'
import { startApi, type TestApi } from './test-api.ts'
import { addAsset, failureOf, makeHostKey } from './test-asset.ts'

let api: TestApi
let cookie = ''
beforeAll(async () => {
  api = await startApi()
  cookie = await api.claimIt()
})
afterAll(() => api.stop())

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString()
const change = (id: string, body: Record<string, unknown>) => api.ask('PATCH', `/api/v1/assets/${id}`, { cookie, body })

it('a host is marked for a year at most, keeps its mark through other changes, and the ledger has before and after', async () => {
  const until = inDays(30)
  const asset = await addAsset(api, cookie, { legacyUntil: until })
  expect(asset.legacyUntil).toBe(until)
  expect((await change(asset.id, { port: 2222 })).json['legacyUntil']).toBe(until)
  expect((await change(asset.id, { legacyUntil: null })).json).not.toHaveProperty('legacyUntil')
  const rows = (await api.ledger('asset.changed')).filter(({ object }) => object === asset.id)
  expect(JSON.parse(rows.at(-1)?.detail ?? '')).toMatchObject({ before: { oldAlgorithmsUntil: until }, after: { oldAlgorithmsUntil: null } })
  for (const legacyUntil of [inDays(370), 'soon', 5]) expect(await failureOf(change(asset.id, { legacyUntil }))).toEqual([400, 'bad_request', 'legacyUntil'])
  expect((await change(asset.id, { legacyUntil: inDays(365) })).status).toBe(200)
})

it('a look at a host may use them as the host does, and says so', async () => {
  const asked: Probe[] = []
  const key = makeHostKey()
  api.script.probe = async (probe) => {
    asked.push(probe)
    return probe.probe === 'scan' ? { probe: 'scan', keys: [key] } : { probe: 'check', steps: [] }
  }
  const until = inDays(3)
  const [marked, over] = [await addAsset(api, cookie, { legacyUntil: until }), await addAsset(api, cookie, { legacyUntil: inDays(-1) })]
  for (const { id } of [marked, over]) expect((await api.ask('POST', `/api/v1/assets/${id}/host-keys/scan`, { cookie })).status).toBe(200)
  const place = { address: '10.0.0.9', port: 22 }
  await api.ask('POST', '/api/v1/checks/scan', { cookie, body: { ...place, legacyUntil: until } })
  await api.ask('POST', '/api/v1/checks', { cookie, body: { ...place, legacyUntil: until, username: 'root', auth: { kind: 'ask' }, trusted: [] } })
  await api.ask('POST', '/api/v1/checks/scan', { cookie, body: place })
  const told = asked.map((probe) => ('legacyUntil' in probe ? probe.legacyUntil : undefined))
  expect(told).toEqual([Date.parse(until), undefined, Date.parse(until), Date.parse(until), undefined])
  const [row] = (await api.ledger('host_key.scanned')).filter(({ object }) => object === marked.id)
  expect(JSON.parse(row?.detail ?? '')).toMatchObject({ oldAlgorithmsUntil: until })
  expect(await failureOf(api.ask('POST', '/api/v1/checks/scan', { cookie, body: { ...place, legacyUntil: inDays(400) } }))).toEqual([
    400,
    'bad_request',
    'legacyUntil',
  ])
})

it('the mark is the administrators’ business', async () => {
  const member = await api.addOperator('ann', { role: 'member' })
  const asset = await addAsset(api, cookie, { legacyUntil: inDays(3) })
  await api.store.transaction((trx) => grantTo(trx, { operators: [member.id] }))
  const { status, text } = await api.ask('GET', `/api/v1/assets/${asset.id}`, { cookie: member.cookie })
  expect(status).toBe(200)
  expect(text).not.toContain('legacyUntil')
})
