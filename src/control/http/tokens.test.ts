// API tokens: what they open, for how long, and what they never do.
import { traverseContractProcedures } from '@orpc/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TokenScope } from '#wire/api/second-factor.ts'
import { contract } from '#wire/api.ts'
import { gatewayHeaders } from '#wire/link.ts'
import { maxTokens } from '../sign-in/tokens.ts'
import { digestOf } from '../sign-in/opaque-token.ts'
import { routeScopes } from './route-scopes.ts'
import { password, startApi, type TestApi } from './test-api.ts'

const routes = new Map<string, { method: string; path: string }>()
traverseContractProcedures({ router: contract, path: [] }, ({ contract: procedure, path }) => {
  const { method = '', path: where = '' } = procedure['~orpc'].route
  routes.set(path.join('.'), { method, path: `/api/v1${where.replace(/\{\w+\}/g, 'x')}` })
})

let api: TestApi
let alice: string
beforeAll(async () => {
  api = await startApi()
  alice = await api.claimIt()
})
afterAll(() => api.stop())

let address = 0
/** From another address each time, unless said otherwise: that wrong tokens are slowed is a test of its own. */
const ask = (token: string, method: string, path: string, more: { body?: unknown; headers?: Record<string, string> } = {}) =>
  api.ask(method, path, {
    csrf: false,
    ...(more.body === undefined ? {} : { body: more.body }),
    headers: { authorization: `Bearer ${token}`, [gatewayHeaders.source]: `10.1.${(address += 1) >> 8}.${address & 255}`, ...more.headers },
  })
const make = async (cookie: string, facts: { name?: string; scopes?: TokenScope[]; expiresAt?: string } = {}) => {
  const made = await api.ask('POST', '/api/v1/tokens', { cookie, body: { name: 'ci', ...facts } })
  expect(made.status).toBe(201)
  return made.json as unknown as { id: string; token: string; scopes: TokenScope[] }
}
const codeOf = (answer: { json: { error?: { code: string } } }) => answer.json.error?.code

describe('API tokens', () => {
  it('are shown once, kept as a digest, and say who their owner is', async () => {
    const made = await make(alice, { name: 'deploy script' })
    expect(made.token).toMatch(/^spt_[A-Za-z0-9_-]{43}$/)
    expect(made.scopes).toEqual(['read', 'connect', 'manage'])
    expect((await ask(made.token, 'GET', '/api/v1/me')).json).toMatchObject({ username: 'alice', role: 'admin' })
    const rows = await api.store.db.selectFrom('tokens').selectAll().execute()
    const list = await api.ask('GET', '/api/v1/tokens', { cookie: alice })
    const said = JSON.stringify([rows, list.json, await api.ledger('token.created'), api.logged])
    expect(said).not.toContain(made.token.slice(4))
    expect(rows.map(({ hash }) => hash)).toContain(digestOf(made.token))
    expect(list.json['items']).toMatchObject([{ id: made.id, name: 'deploy script', lastSource: expect.stringMatching(/^10\.1\./) }])
  })

  it('need no header against foreign pages, and are refused beside a cookie', async () => {
    const { token } = await make(alice)
    expect((await ask(token, 'PATCH', '/api/v1/me', { body: { name: 'Alice' } })).status).toBe(200)
    const both = await ask(token, 'PATCH', '/api/v1/me', { body: { name: 'Mallory' }, headers: { cookie: alice } })
    expect([both.status, codeOf(both)]).toEqual([400, 'bad_request'])
    // A foreign page that adds any Authorization header does not get around the header that it cannot send.
    const planted = await ask('x', 'PATCH', '/api/v1/me', { body: { name: 'Mallory' }, headers: { cookie: alice } })
    expect([planted.status, codeOf(planted)]).toEqual([400, 'bad_request'])
    const foreign = await ask(token, 'PATCH', '/api/v1/me', { body: { name: 'Mallory' }, headers: { 'sec-fetch-site': 'cross-site' } })
    expect(foreign.status).toBe(403)
    expect((await api.ask('GET', '/api/v1/me', { cookie: alice })).json['name']).toBe('Alice')
    // What a proxy asks for by itself is no business of ours.
    expect((await api.ask('GET', '/api/v1/me', { cookie: alice, headers: { authorization: 'Basic eDp5' } })).status).toBe(200)
  })

  it('have one scope for every route of the contract', () => {
    expect(Object.keys(routeScopes).toSorted()).toEqual([...routes.keys()].toSorted())
  })

  it('reach every route by its scope and no other, and those of persons by none', async () => {
    const tokens = new Map<TokenScope, string>()
    for (const scope of ['read', 'connect', 'manage'] as const) tokens.set(scope, (await make(alice, { scopes: [scope] })).token)
    const all = (await make(alice)).token
    const wrong: string[] = []
    for (const [name, { method, path }] of routes) {
      for (const [scope, token] of [...tokens, ['all', all] as const]) {
        // An empty object is no input of a change that does anything.
        const body = method === 'GET' ? {} : { body: { nothing: 1 } }
        const answer = await ask(token, method, path, body)
        const isOpen = routeScopes[name] === scope || (scope === 'all' && routeScopes[name] !== 'person')
        const isRefused = answer.status === 403 && codeOf(answer) === 'token_not_allowed'
        if (isOpen === isRefused || answer.status === 401) wrong.push(`${name} with ${scope}: ${answer.status} ${codeOf(answer)}`)
      }
    }
    expect(wrong).toEqual([])
    for (const path of ['/api/v1/csv/assets', '/api/v1/sessions/x/recording?format=v3']) {
      expect(codeOf(await ask(tokens.get('connect') ?? '', 'GET', path))).toBe('token_not_allowed')
      expect(codeOf(await ask(tokens.get('read') ?? '', 'GET', path))).not.toBe('token_not_allowed')
    }
  })

  it('never make themselves at home: no sign-in, password, second factor, key, approval or token of their own', () => {
    const personal = Object.entries(routeScopes).flatMap(([name, scope]) => (scope === 'person' ? [name] : []))
    expect(personal.toSorted()).toEqual(
      [
        ...['signIn', 'signOut', 'claim.make', 'account.changePassword', 'account.endSignIn', 'account.endOtherSignIns'],
        ...['operatorKeys.add', 'operatorKeys.remove'],
        ...[...routes.keys()].filter((name) => /^(secondFactor|tokens|approvals)\./.test(name)),
      ].toSorted(),
    )
  })

  it('are refused alike when they never were, have expired, were removed, or their owner is disabled', async () => {
    const bob = await api.addOperator('bob', { role: 'member' })
    const [expired, removed, disabled] = [
      await make(bob.cookie, { expiresAt: new Date(Date.now() + 60_000).toISOString() }),
      await make(bob.cookie),
      await make(bob.cookie),
    ]
    for (const { token } of [expired, removed, disabled]) expect((await ask(token, 'GET', '/api/v1/me')).status).toBe(200)
    await api.store.transaction((trx) =>
      trx
        .updateTable('tokens')
        .set({ expiresAt: Date.now() - 1 })
        .where('id', '=', expired.id)
        .execute(),
    )
    expect((await api.ask('DELETE', `/api/v1/tokens/${removed.id}`, { cookie: bob.cookie })).status).toBe(200)
    await api.store.transaction((trx) => trx.updateTable('operators').set({ enabled: 0 }).where('id', '=', bob.id).execute())
    const never = `spt_${'x'.repeat(43)}`
    const answers = []
    for (const token of [
      expired.token,
      removed.token,
      disabled.token,
      never,
      'spt_',
      'x',
      disabled.token.slice(0, -1),
      `${disabled.token}x`,
      disabled.token.slice(4),
    ])
      answers.push(await ask(token, 'GET', '/api/v1/me'))
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
    expect([answers[0]?.status, codeOf(answers[0] ?? { json: {} })]).toEqual([401, 'unauthenticated'])
    expect((await ask(never, 'POST', '/api/v1/sign-in', { body: { username: 'alice', password } })).status).toBe(401)
  })

  it('slow a source that shows wrong ones, and never a right one from there', async () => {
    const { token } = await make(alice)
    const from = { [gatewayHeaders.source]: '203.0.113.77' }
    const answers: number[] = []
    for (let tries = 0; tries < 12; tries += 1) answers.push((await ask(`spt_${'y'.repeat(43)}`, 'GET', '/api/v1/me', { headers: from })).status)
    expect(answers).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429])
    expect((await ask(token, 'GET', '/api/v1/me', { headers: from })).status).toBe(200)
    // It is the counter of wrong passwords too.
    const signIn = await api.ask('POST', '/api/v1/sign-in', { headers: from, body: { username: 'alice', password } })
    expect([signIn.status, codeOf(signIn)]).toEqual([429, 'sign_in_slowed'])
  })

  it('have the rights of their owner as they are at that moment', async () => {
    const carol = await api.addOperator('carol', { role: 'admin' })
    const { token } = await make(carol.cookie)
    expect((await ask(token, 'GET', '/api/v1/operators')).status).toBe(200)
    expect((await api.ask('PATCH', `/api/v1/operators/${carol.id}`, { cookie: alice, body: { role: 'member' } })).status).toBe(200)
    const refused = await ask(token, 'GET', '/api/v1/operators')
    expect([refused.status, codeOf(refused)]).toEqual([403, 'forbidden'])
    expect((await ask(token, 'GET', '/api/v1/me')).json['role']).toBe('member')
    expect((await api.ask('POST', `/api/v1/operators/${carol.id}/password`, { cookie: alice, body: { password: 'another long password' } })).status).toBe(200)
    expect((await ask(token, 'GET', '/api/v1/me')).status).toBe(401)
  })

  it('are only ever one’s own, at most fifty, with an end that lies ahead', async () => {
    const dora = await api.addOperator('dora', { role: 'admin' })
    const { id } = await make(dora.cookie)
    const foreign = await api.ask('DELETE', `/api/v1/tokens/${id}`, { cookie: alice })
    expect([foreign.status, codeOf(foreign)]).toEqual([404, 'token_not_found'])
    const past = await api.ask('POST', '/api/v1/tokens', { cookie: dora.cookie, body: { name: 'x', expiresAt: '2001-01-01T00:00:00Z' } })
    expect([past.status, past.json.error?.field]).toEqual([400, 'expiresAt'])
    for (let count = 1; count < maxTokens; count += 1) await make(dora.cookie)
    const oneMore = await api.ask('POST', '/api/v1/tokens', { cookie: dora.cookie, body: { name: 'x' } })
    expect([oneMore.status, codeOf(oneMore)]).toEqual([409, 'conflict'])
  })

  it('write down their use once a minute at most', async () => {
    const { id, token } = await make(alice)
    const used = async () => (await api.store.db.selectFrom('tokens').select('lastUsedAt').where('id', '=', id).executeTakeFirstOrThrow()).lastUsedAt
    expect(await used()).toBeNull()
    await ask(token, 'GET', '/api/v1/me')
    const first = await used()
    await ask(token, 'GET', '/api/v1/me')
    expect(await used()).toBe(first)
    await api.store.transaction((trx) =>
      trx
        .updateTable('tokens')
        .set({ lastUsedAt: Date.now() - 61_000 })
        .where('id', '=', id)
        .execute(),
    )
    await ask(token, 'GET', '/api/v1/me')
    expect(await used()).toBeGreaterThan(Date.now() - 30_000)
  })

  it('take the sessions that were opened with them along when they are removed', async () => {
    const erin = await api.addOperator('erin', { role: 'member' })
    const { id } = await make(erin.cookie)
    const session = `se_${'c'.repeat(28)}`
    const what = { id: session, operatorId: erin.id, operatorName: 'erin', assetName: 'web1', address: '10.0.0.5', port: 22, account: 'root', signInId: id }
    const how = { door: 'web', kind: 'shell', state: 'live', source: '192.0.2.1', gatewayId: `gw_${'a'.repeat(24)}`, startedAt: 1, bytesIn: 0, bytesOut: 0 }
    await api.store.transaction((trx) =>
      trx
        .insertInto('sessions')
        .values({ ...what, ...how, recordingSeconds: 0, recordingBytes: 0 })
        .execute(),
    )
    expect((await api.ask('DELETE', `/api/v1/tokens/${id}`, { cookie: erin.cookie })).status).toBe(200)
    const row = await api.store.db.selectFrom('sessions').select('mustEnd').where('id', '=', session).executeTakeFirstOrThrow()
    expect(row.mustEnd).toBe('revoked')
    expect(api.script.pushed).toContainEqual(expect.objectContaining({ gateway: how.gatewayId }))
  })
})
