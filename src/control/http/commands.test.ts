import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeId, SessionId } from '#domain/id.ts'
import { randomBytes } from 'node:crypto'
import { keepCommands } from '../commands/keep-commands.ts'
import { listLedger } from '../audit/ledger.ts'
import { startApi, type TestApi } from './test-api.ts'

let api: TestApi
let alice = ''
const session = makeId(SessionId, 'se', randomBytes(15))
beforeAll(async () => {
  api = await startApi()
  alice = await api.claimIt()
  const { id } = (await api.ask('GET', '/api/v1/me', { cookie: alice })).json as { id: string }
  const of = { id: session, operatorId: id, operatorName: 'alice', assetId: null, assetName: 'web1', account: 'root', startedAt: 1000 }
  const rule = { name: 'no rm', match: 'pattern', pattern: 'rm *', effect: 'deny' }
  expect((await api.ask('POST', '/api/v1/command-rules', { cookie: alice, body: rule })).status).toBe(201)
  await keepCommands(
    api.store,
    of,
    [
      { number: 2, atMs: 1500, text: '=cmd|calc', how: 'screen' },
      { number: 4, atMs: 2500, text: 'rm -rf "/srv"', how: 'integration', folder: '/' },
    ],
    5000,
  )
})
afterAll(() => api.stop())

describe('commands over the API', () => {
  it('are one’s own, or all for whoever may replay; others see none', async () => {
    const list = async (cookie: string) => (await api.ask('GET', '/api/v1/commands', { cookie })).json
    expect(await list(alice)).toMatchObject({
      items: [{ text: 'rm -rf "/srv"', seconds: 2.5, verdict: 'noticed', rule: 'no rm', at: '1970-01-01T00:00:03.500Z' }, { text: '=cmd|calc' }],
      total: 2,
      of: 2,
    })
    expect(await list((await api.addOperator('audra', { role: 'auditor' })).cookie)).toMatchObject({ of: 2 })
    expect(await list((await api.addOperator('dave', { role: 'admin' })).cookie)).toEqual({ items: [], total: 0, of: 0 })
    expect(await list((await api.addOperator('bob', { role: 'member' })).cookie)).toEqual({ items: [], total: 0, of: 0 })
  })

  it('are narrowed, and wrong questions are named', async () => {
    const ask = async (query: string) => await api.ask('GET', `/api/v1/commands?${query}`, { cookie: alice })
    expect((await ask('verdict=noticed')).json).toMatchObject({ total: 1, of: 2 })
    expect((await ask('q=CALC&sort=operator')).json).toMatchObject({ total: 1 })
    expect((await ask('since=1970-01-01T00:00:03Z')).json).toMatchObject({ total: 1 })
    expect((await ask('sort=text')).status).toBe(400)
    expect((await ask('verdict=x')).status).toBe(400)
  })

  it('are taken away as a file in which no cell is a formula, and that is written down', async () => {
    const { text } = await api.ask('GET', '/api/v1/csv/commands?lang=zh', { cookie: alice })
    expect(text).toContain('命令')
    expect(text).toContain(`"rm -rf ""/srv"""`)
    expect(text).not.toMatch(/,=cmd/)
    expect((await listLedger(api.store.db, { code: 'list.exported' })).at(-1)).toMatchObject({ object: 'commands' })
  })

  it('have rules whose every change stands in the ledger with what was before', async () => {
    const body = { name: 'look', match: 'exact', pattern: 'reboot', effect: 'notice', note: 'ask first' }
    const made = await api.ask('POST', '/api/v1/command-rules', { cookie: alice, body })
    expect(made).toMatchObject({ status: 201, json: { ...body, enabled: true } })
    const where = `/api/v1/command-rules/${String(made.json['id'])}`
    expect((await api.ask('PUT', where, { cookie: alice, body: { ...body, enabled: false } })).json).toMatchObject({ enabled: false })
    expect((await api.ask('POST', '/api/v1/command-rules', { cookie: alice, body: { ...body, name: 'LOOK' } })).json).toMatchObject({
      error: { code: 'name_taken' },
    })
    expect((await api.ask('PUT', where, { cookie: alice, body: { ...body, pattern: 'x'.repeat(501) } })).status).toBe(400)
    expect((await api.ask('DELETE', where, { cookie: alice })).status).toBe(200)
    expect((await api.ask('DELETE', where, { cookie: alice })).status).toBe(404)
    for (const code of ['command_rule.created', 'command_rule.changed', 'command_rule.removed'] as const) {
      const row = (await listLedger(api.store.db, { code })).at(-1)
      expect([row?.before !== null, row?.after !== null]).toEqual([code !== 'command_rule.created', code !== 'command_rule.removed'])
    }
  })
})
