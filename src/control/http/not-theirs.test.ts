// Every route that the API describes, asked for something that is somebody else's: what exists and what does not answer alike, in body and in time.
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { base32, GatewayId, makeId, SessionId } from '#domain/id.ts'
import { makeUserKey } from '../sign-in/test-ssh-client.ts'
import { apiPrefix } from './contract-routes.ts'
import { startApi, type Answer, type TestApi } from './test-api.ts'
import { addAsset, makeHostKey } from './test-asset.ts'
import { sampleOf, type Schema } from './test-sample-body.ts'

type Operation = { operationId?: string; requestBody?: { content?: Record<string, { schema?: Schema }> }; parameters?: Parameter[] }
type Parameter = { name: string; in: string; required?: boolean; schema?: Schema }
type Route = { method: string; path: string; operation: Operation }

let api: TestApi
let routes: Route[]
const ids: Record<string, string> = {}
/** Whose headers to ask with. Each is somebody to whom nothing of alice's is open. */
const askers: Record<string, Record<string, string>> = {}
/** Fields that a schema alone does not say enough about. */
const known: Record<string, unknown> = {
  username: 'wendy',
  address: '10.0.0.9',
  password: 'long enough for all',
  code: '000000',
  kind: 'shell',
  auth: { kind: 'ask' },
  reason: 'x',
  decision: 'refuse',
  accounts: 'all',
  actions: ['shell'],
  id: 'x',
}
/** What a part of a path names. */
const objects: [RegExp, string][] = [
  [/^\/assets\/\{id\}\/accounts\/\{account\}/, 'account'],
  [/^\/assets\//, 'asset'],
  [/^\/sessions\//, 'session'],
  [/^\/credentials\//, 'credential'],
  [/^\/operators\/\{id\}\/keys\/\{key\}/, 'key'],
  [/^\/operators\//, 'operator'],
  [/^\/me\/keys\//, 'key'],
  [/^\/approvals\//, 'approval'],
  [/^\/groups\//, 'group'],
  [/^\/grants\//, 'grant'],
  [/^\/tokens\//, 'token'],
  [/^\/command-rules\//, 'rule'],
  [/^\/host-key-changes\/|^\/key-changes\//, 'change'],
  [/^\/me\/sign-ins\//, 'signIn'],
]
/** What an auditor may look at, whosever it is: all others are refused to them as to everybody. */
const auditorReads = /^\/sessions\/\{id\}(\/(watches|commands|transfers|forwards|recording(\/verify|\/screens)?))?$/

beforeAll(async () => {
  api = await startApi()
  const alice = await api.claimIt()
  const as = (cookie: string) => ({ cookie })
  const bob = await api.addOperator('bob', { role: 'member' })
  const made = async (path: string, body: Record<string, unknown>, cookie = alice) => {
    const answer = await api.ask('POST', `${apiPrefix}/${path}`, { cookie, body })
    expect([path, answer.status]).toEqual([path, 201])
    return answer.json as { id: string; token?: string }
  }
  const { token = '' } = await made('tokens', { name: 'of bob' }, bob.cookie)
  Object.assign(askers, {
    nobody: {},
    'another operator': as(bob.cookie),
    'an auditor': as((await api.addOperator('erin', { role: 'auditor' })).cookie),
    'a token': { authorization: `Bearer ${token}` },
  })
  const asset = await addAsset(api, alice, { accounts: [{ username: 'root', auth: { kind: 'ask' } }], trusted: [makeHostKey()] })
  Object.assign(ids, { asset: asset.id, account: asset.accounts[0]?.id ?? '', session: makeId(SessionId, 'se', randomBytes(15)) })
  ids['credential'] = (await made('credentials', { name: 'shared', username: 'root', auth: { kind: 'ask' } })).id
  ids['operator'] = (await api.addOperator('carol', { role: 'member' })).id
  const key = await api.door.operatorKeys.add({ operator: ids['operator'], name: 'carol', source: '192.0.2.1' }, { line: makeUserKey().publicLine })
  const waits = await api.door.approvals.ask(GatewayId.parse(`gw_${'a'.repeat(24)}`), { typed: 'carol', source: '192.0.2.1', client: 'OpenSSH' })
  Object.assign(ids, { key: key.id, approval: waits.url.slice(waits.url.lastIndexOf('/') + 1) })
  ids['group'] = (await made('groups', { name: 'ops' })).id
  ids['grant'] = (await made('grants', { name: 'ops', actions: ['shell'], accounts: 'all', assets: [asset.id] })).id
  ids['token'] = (await made('tokens', { name: 'of alice' })).id
  const signIns = (await api.ask('GET', `${apiPrefix}/me/sign-ins`, { cookie: alice })).json as unknown as { items: { id: string }[] }
  ids['signIn'] = signIns.items[0]?.id ?? ''
  await putSession((await api.ask('GET', `${apiPrefix}/me`, { cookie: alice })).json['id'] as string)
  api.script.recordings.set(ids['session'] ?? '', { bytes: Buffer.from('{}'), ended: false })
  const document = (await api.ask('GET', '/api/openapi.json')).json as unknown as { paths: Record<string, Record<string, Operation>> }
  routes = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  )
})
afterAll(() => api.stop())

async function putSession(operatorId: string): Promise<void> {
  const what = { id: ids['session'] ?? '', operatorId, operatorName: 'alice', assetName: 'web1', address: '10.0.0.5', port: 22, account: 'root' }
  const how = { door: 'web', kind: 'shell', state: 'live', source: '192.0.2.1', gatewayId: `gw_${'a'.repeat(24)}`, startedAt: 1, bytesIn: 0, bytesOut: 0 }
  const recording = { recordingState: 'writing', recordingFile: 'x.cast', recordingSeconds: 0, recordingBytes: 1 }
  await api.store.transaction((trx) =>
    trx
      .insertInto('sessions')
      .values({ ...what, ...how, ...recording })
      .execute(),
  )
}

const nameOf = ({ path }: Route) => objects.find(([pattern]) => pattern.test(path))?.[1]
/** An id of the same form that names nothing. */
const absentLike = (id: string) => (id.includes('_') ? `${id.slice(0, 3)}${base32(randomBytes(15))}` : randomBytes(16).toString('hex'))

function requestOf(route: Route, id: string, headers: Record<string, string>) {
  const { method, path, operation } = route
  // What stands before it in the path exists.
  const [asset, part] = nameOf(route) === 'account' ? [ids['asset'] ?? '', id] : path.includes('{key}') ? [ids['operator'] ?? '', id] : [id, id]
  const query = (operation.parameters ?? []).filter((each) => each.in === 'query' && each.required === true)
  const search = new URLSearchParams(query.map(({ name, schema = {} }) => [name, String(sampleOf(schema, known, name))])).toString()
  const where = `${apiPrefix}${path.replace('{id}', asset).replace(/\{(account|key)\}/, part)}${search && `?${search}`}`
  const schema = operation.requestBody?.content?.['application/json']?.schema
  const body = method === 'GET' || schema === undefined ? undefined : sampleOf(schema, known)
  return () => api.ask(method, where, { headers, ...(body === undefined ? {} : { body }) })
}

const saidBy = ({ status, text }: Answer, id: string) => ({ status, text: text.replaceAll(id, 'ID') })

describe('what is not theirs', () => {
  it('is asked of all that is served: the description leaves nothing out', () => {
    const served = api.routes.filter((route) => route.includes(`${apiPrefix}/`)).map((route) => route.replace(/:(\w+)/g, '{$1}').replace(apiPrefix, ''))
    expect(routes.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(served.toSorted())
  })

  it('is an object that the test has, for every route with an id', () => {
    const unnamed = routes.filter(({ path }) => path.includes('{')).filter((route) => nameOf(route) === undefined)
    expect(unnamed.map(({ path }) => path)).toEqual([])
  })

  it.each(['nobody', 'another operator', 'an auditor', 'a token'])('answers %s alike whether it exists or not', async (who) => {
    const headers = askers[who] ?? {}
    const wrong: unknown[] = []
    let asked = 0
    for (const route of routes.filter(({ path }) => path.includes('{'))) {
      if (who === 'an auditor' && route.method === 'GET' && auditorReads.test(route.path)) continue
      // One's own sign-ins and tokens: nobody else's stand behind any id.
      const id = ids[nameOf(route) ?? ''] ?? `kc_${'a'.repeat(24)}`
      const absent = absentLike(id)
      const [there, gone] = [saidBy(await requestOf(route, id, headers)(), id), saidBy(await requestOf(route, absent, headers)(), absent)]
      asked += 1
      const isRefused = who === 'nobody' ? there.status === 401 : [403, 404].includes(there.status)
      // Whoever sees a session may learn that they may not end it.
      const isKnown = who === 'an auditor' && route.path.startsWith('/sessions/') && there.status === 403 && gone.status === 404
      if (!isRefused || (!isKnown && JSON.stringify(there) !== JSON.stringify(gone))) wrong.push({ route: `${route.method} ${route.path}`, there, gone })
    }
    expect(wrong).toEqual([])
    expect(asked).toBeGreaterThan(25)
  })

  it('takes as long either way', { timeout: 60_000 }, async () => {
    const slower: unknown[] = []
    for (const route of routes.filter(({ path }) => path.includes('{'))) {
      const id = ids[nameOf(route) ?? ''] ?? `kc_${'a'.repeat(24)}`
      const headers = askers['another operator'] ?? {}
      const [there, gone] = [requestOf(route, id, headers), requestOf(route, absentLike(id), headers)]
      const best = { there: Infinity, gone: Infinity }
      for (let round = 0; round < 12; round += 1)
        for (const [name, ask] of round % 2 === 0
          ? [['there', there] as const, ['gone', gone] as const]
          : [['gone', gone] as const, ['there', there] as const]) {
          const from = performance.now()
          await ask()
          best[name] = Math.min(best[name], performance.now() - from)
        }
      // The best of twelve is free of the machine's noise; an answer takes about 1 ms, a look into the recording or a hash of a password far more.
      if (Math.abs(best.there - best.gone) > 1 + Math.min(best.there, best.gone) / 2) slower.push({ route: `${route.method} ${route.path}`, ...best })
    }
    expect(slower).toEqual([])
  })
})
