// AUTH-08: what half a sign-in gives back opens nothing, on any route.
import { traverseContractProcedures } from '@orpc/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contract } from '#wire/api.ts'
import { gatewayHeaders } from '#wire/link.ts'
import { type Answer, password, startApi, type TestApi } from './test-api.ts'

const openToAll = new Set(['claim.state', 'claim.make', 'signIn'])
const routes: [name: string, method: string, path: string][] = []
traverseContractProcedures({ router: contract, path: [] }, ({ contract: procedure, path }) => {
  const { method = '', path: where = '' } = procedure['~orpc'].route
  routes.push([path.join('.'), method, `/api/v1${where.replace(/\{\w+\}/g, 'x')}`])
})
const others = ['/api/v1/csv/sessions', '/api/v1/csv/assets', '/api/v1/sessions/x/recording'].map((path): [string, string, string] => [path, 'GET', path])

let api: TestApi
let halves: Answer[]
beforeAll(async () => {
  api = await startApi()
  const alice = await api.claimIt()
  const dave = await api.addOperator('dave', { role: 'admin' })
  const erin = await api.addOperator('erin', { role: 'auditor' })
  const change = (body: unknown) => api.ask('PATCH', '/api/v1/settings', { cookie: alice, body })
  expect((await change({ secondFactorFor: ['auditor'] })).status).toBe(200)
  await api.store.transaction(async (trx) => {
    await trx.updateTable('operators').set({ mustChangePassword: 1 }).where('id', '=', dave.id).execute()
    await trx.deleteFrom('signIns').where('operatorId', 'in', [dave.id, erin.id]).execute()
  })
  const setup = await api.ask('POST', '/api/v1/sign-in', { body: { username: 'erin', password } })
  const must = await api.ask('POST', '/api/v1/sign-in', { body: { username: 'dave', password } })
  // One that is set up already asks for its code.
  await api.store.transaction((trx) => trx.updateTable('secondFactors').set({ confirmedAt: 1 }).execute())
  const totp = await api.ask('POST', '/api/v1/sign-in', { body: { username: 'erin', password } })
  halves = [setup, must, totp]
})
afterAll(() => api.stop())

describe('half a sign-in', () => {
  it('names what is missing, sets no cookie, and leaves no sign-in behind', async () => {
    expect(halves.map(({ status, json }) => [status, json['next']])).toEqual([
      [200, 'setup'],
      [200, 'password'],
      [200, 'totp'],
    ])
    for (const { headers } of halves) expect(headers['set-cookie']).toBeUndefined()
    expect(await api.store.db.selectFrom('signIns').innerJoin('operators', 'operators.id', 'signIns.operatorId').select('username').execute()).toEqual([
      { username: 'alice' },
    ])
  })

  it('opens none of the routes with anything that it gave back: 401 on all of them (AUTH-08)', async () => {
    const { secret = '', uri = '' } = (halves[0]?.json['setup'] ?? {}) as { secret?: string; uri?: string }
    const given = [...new Set([secret, uri, ...halves.map(({ text }) => text), 'totp', 'setup', 'password'])]
    const opened: string[] = []
    let count = 0
    const closed = routes.filter(([name]) => !openToAll.has(name)).concat(others)
    expect(closed.length).toBeGreaterThan(60)
    for (const [name, method, path] of closed)
      for (const text of given) {
        const plain = encodeURIComponent(text)
        for (const headers of [{ cookie: `sallyport=${plain}` }, { authorization: `Bearer ${plain}` }, { authorization: `Bearer spt_${plain}` }] as Record<
          string,
          string
        >[]) {
          // Another address each: that tries are slowed is not what is asked here.
          const { status } = await api.ask(method, path, {
            headers: { ...headers, [gatewayHeaders.source]: `2001:db8:0:${(count += 1).toString(16)}::1` },
            ...(method === 'GET' ? {} : { body: {} }),
          })
          if (status !== 401) opened.push(`${name} ${status}`)
        }
      }
    expect(opened).toEqual([])
  }, 60_000)
})
