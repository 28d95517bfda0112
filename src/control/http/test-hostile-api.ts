// The API as an administrator has it, with one of each thing, for requests that nobody honest sends. What a request takes away is put back before the next one.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { GatewayId, makeId, SessionId } from '#domain/id.ts'
import { noteKeyChange } from '../assets/key-changes.ts'
import { makeUserKey } from '../sign-in/test-ssh-client.ts'
import type { Engine } from '../store/engine.ts'
import { apiPrefix } from './contract-routes.ts'
import { cookieOf, password, type Answer } from './test-api.ts'
import { startApiOn } from './test-api-engine.ts'
import { addAsset, makeHostKey } from './test-asset.ts'
import { type Field, fieldsOf, type Nest } from './test-fields.ts'
import type { Schema } from './test-sample-body.ts'

type Parameter = { name: string; in: string; schema?: Schema }
export type Route = { id: string; method: string; path: string; body: Schema | undefined; query: readonly Parameter[] }
type Operation = { operationId: string; requestBody?: { content?: Record<string, { schema?: Schema }> }; parameters?: Parameter[] }

/** What a field of this name holds in an honest body; `<…>` is filled in as it is sent. */
const honest: Record<string, unknown> = {
  ...{ username: 'u<number>', name: 'n<number>', address: '10.0.0.9', password, current: password, newPassword: password, code: '000000', token: 'x' },
  ...{
    until: '2028-01-01T00:00:00Z',
    decision: 'refuse',
    reason: 'x',
    timeZone: 'Europe/Berlin',
    'sources[]': '10.0.0.0/8',
    'days[]': 1,
    'publicUrls[]': 'https://a.example',
    'forwardTo[]': 'db.example.org:5432',
    'paths[]': '/srv/app',
  },
  ...{ 'ids[]': '<asset>', asset: '<hop>', account: '<hopAccount>', id: '<credential>', 'members[]': '<operator>', 'operators[]': '<operator>' },
  ...{ 'groups[]': '<group>', 'assets[]': '<asset>', 'accounts[]': 'root', ...makeHostKey(), maxSeconds: 60, passphrase: 'x', protocol: 'ssh' },
  privateKey: generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }),
}
/** Where what is honest is refused: somebody else has claimed, and there is no second factor. */
export const refusedAnyway: Readonly<Record<string, number>> = {
  'claim.make': 409,
  'secondFactor.remove': 409,
  'secondFactor.confirm': 401,
  'secondFactor.renewCodes': 409,
}
/** Where fields mean something else than those of their name, or do not go together. */
const ofRoute: Readonly<Record<string, Record<string, unknown>>> = {
  signIn: { username: 'alice', newPassword: undefined },
  'assets.check': { account: '<assetAccount>' },
  'keyChanges.decide': { expected: [] },
  'tickets.create': { asset: '<hop>', account: 'root', session: undefined, address: undefined },
  'operatorKeys.add': { line: '<userKey>' },
  'approvals.approve': { number: '<shownNumber>' },
}
/** What else is said when this one field is asked about. */
const ofField: Readonly<Record<string, Record<string, unknown>>> = {
  'tickets.create address': { asset: undefined, account: undefined },
  'tickets.create session': { asset: undefined, account: undefined, kind: 'watch' },
}
const honestOf = (route: Route, field = ''): Record<string, unknown> => ({ ...honest, ...ofRoute[route.id], ...ofField[`${route.id} ${field}`] })
/** All fields of a route's body, each with a way to put a value there. */
export function bodyOf(route: Route): { fields: Field[]; nests: Nest[] } {
  const { body = {} } = route
  const { fields, nests } = fieldsOf(body, honestOf(route))
  const apart = (field: Field) => fieldsOf(body, honestOf(route, field.path)).fields.find(({ path }) => path === field.path) ?? field
  return { fields: fields.map((field) => (Object.hasOwn(ofField, `${route.id} ${field.path}`) ? apart(field) : field)), nests }
}
/** What is asked beside one parameter, so that it gets to be looked at. */
export const besideOf = (route: Route, name: string): string => {
  if (route.id !== 'access.explain' || name === 'operator') return ''
  return `&operator=alice${name === 'path' || name === 'bytes' ? '&action=upload' : ''}`
}

const pathIds: readonly [RegExp, string][] = [
  [/^\/operators\/\{id\}\/keys\/\{key\}/, 'operator'],
  [/^\/me\/keys\//, 'ownKey'],
  [/^\/approvals\//, 'approval'],
  [/^\/(assets|sessions|credentials|operators|groups|grants|tokens)\/\{id\}/, ''],
  [/^\/command-rules\//, 'rule'],
  [/^\/host-key-changes\//, 'change'],
  [/^\/me\/sign-ins\//, 'signIn'],
]

export async function startHostileApi(engine: Engine) {
  const api = await startApiOn(engine)
  let cookie = await api.claimIt()
  const ids: Record<string, string> = {}
  let number = 0
  const make = async (path: string, body: Record<string, unknown>) => String((await api.ask('POST', `${apiPrefix}/${path}`, { cookie, body })).json['id'])
  const me = String((await api.ask('GET', `${apiPrefix}/me`, { cookie })).json['id'])
  const alice = await api.store.db.selectFrom('operators').selectAll().where('id', '=', me).executeTakeFirstOrThrow()
  ids['hop'] = ''
  const hop = await addAsset(api, cookie, { accounts: [{ username: 'root', auth: { kind: 'ask' } }] })
  Object.assign(ids, { hop: hop.id, hopAccount: hop.accounts[0]?.id ?? '' })
  ids['credential'] = await make('credentials', { name: 'shared', username: 'root', auth: { kind: 'ask' } })
  ids['operator'] = (await api.addOperator('carol', { role: 'member' })).id
  ids['group'] = await make('groups', { name: 'ops' })
  ids['grant'] = await make('grants', { name: 'ops', actions: ['shell'], accounts: 'all', assets: 'all' })
  ids['token'] = await make('tokens', { name: 'of alice' })
  ids['rule'] = await make('command-rules', { name: 'no rm', match: 'pattern', pattern: 'rm *', effect: 'notice' })
  ids['signIn'] = 'a'.repeat(32)
  api.script.probe = ({ probe }) =>
    Promise.resolve(probe === 'scan' ? { probe, keys: [] } : probe === 'check' ? { probe, steps: [] } : { probe, looks: [{ ok: true, rttMs: 1 }] })

  const putAsset = async () => {
    const asset = await addAsset(api, cookie, { accounts: [{ username: 'root', auth: { kind: 'ask' } }], trusted: [makeHostKey()] })
    Object.assign(ids, { asset: asset.id, assetAccount: asset.accounts[0]?.id ?? '' })
  }
  const putSession = async () => {
    ids['session'] = makeId(SessionId, 'se', randomBytes(15))
    const what = { id: ids['session'], operatorId: me, operatorName: 'alice', assetName: 'web1', address: '10.0.0.5', port: 22, account: 'root' }
    const how = { door: 'web', kind: 'shell', state: 'live', source: '192.0.2.1', gatewayId: `gw_${'a'.repeat(24)}`, startedAt: 1, bytesIn: 0, bytesOut: 0 }
    const recording = { recordingState: 'writing', recordingFile: 'x.cast', recordingSeconds: 0, recordingBytes: 1 }
    await api.store.transaction((trx) =>
      trx
        .insertInto('sessions')
        .values({ ...what, ...how, ...recording })
        .execute(),
    )
    api.script.recordings.set(ids['session'], { bytes: Buffer.from('{}'), ended: false })
  }
  const putChange = async () => {
    await api.store.transaction((trx) =>
      noteKeyChange(trx, { asset: ids['hop'] ?? '', offered: makeHostKey(), operatorName: 'bob', gateway: 'gw_x', now: Date.now() }),
    )
    const { items } = (await api.ask('GET', `${apiPrefix}/host-key-changes`, { cookie })).json as unknown as { items: { id: string }[] }
    ids['change'] = items[0]?.id ?? ''
  }
  const putApproval = async () => {
    await api.store.transaction((trx) => trx.deleteFrom('approvals').execute())
    const asked = { typed: 'alice', source: '192.0.2.1', client: 'OpenSSH\u001b[2J' }
    const { url, number: shown } = await api.door.approvals.ask(GatewayId.parse(`gw_${'a'.repeat(24)}`), asked)
    Object.assign(ids, { approval: url.slice(url.lastIndexOf('/') + 1), shownNumber: shown })
  }
  const putKey = async () => {
    await api.store.transaction((trx) => trx.deleteFrom('operatorKeys').where('operatorId', '=', me).execute())
    ids['ownKey'] = (await api.door.operatorKeys.add({ operator: me, name: 'alice', source: '192.0.2.1' }, { line: makeUserKey().publicLine })).id
  }
  const putBack: Record<string, () => Promise<unknown>> = {
    'assets.removeMany': putAsset,
    'sessions.terminate': putSession,
    'keyChanges.decide': putChange,
    'operatorKeys.add': putKey,
    // The password that all honest bodies name, and no second factor.
    'account.changePassword': () =>
      api.store.transaction((trx) => trx.updateTable('operators').set({ passwordHash: alice.passwordHash }).where('id', '=', me).execute()),
    'settings.change': () =>
      api.ask('PATCH', `${apiPrefix}/settings`, { cookie, body: { secondFactorFor: null, publicUrls: null, maxSeconds: null, idleSeconds: null } }),
  }
  await putAsset()
  await putSession()
  await putChange()
  await putKey()

  const filled = (text: string) =>
    text.replace(/<(\w+)>/g, (whole, name: string) =>
      name === 'number' ? String((number += 1)) : name === 'userKey' ? makeUserKey().publicLine : (ids[name] ?? whole),
    )
  const document = (await api.ask('GET', '/api/openapi.json')).json as unknown as { paths: Record<string, Record<string, Operation>> }
  const routes = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]): Route => {
      const body = operation.requestBody?.content?.['application/json']?.schema
      return { id: operation.operationId, method: method.toUpperCase(), path, body, query: (operation.parameters ?? []).filter((each) => each.in === 'query') }
    }),
  )
  const whereOf = ({ path }: Route) => {
    const kind = pathIds.find(([pattern]) => pattern.test(path))?.[1] || path.split('/')[1]?.replace(/s$/, '')
    return `${apiPrefix}${path.replace('{id}', ids[kind ?? ''] ?? '').replace('{account}', ids['assetAccount'] ?? '')}`
  }

  return {
    api,
    routes,
    /** One honest question. */
    ask: (method: string, path: string, body?: unknown) => api.ask(method, `${apiPrefix}${path}`, { cookie, ...(body === undefined ? {} : { body }) }),
    /** Sends JSON text, or asks a query, and puts back what that took away. `ms` is how long the answer took. */
    async send(route: Route, { text, search = '' }: { text?: string | Buffer; search?: string }): Promise<{ answer: Answer; ms: number }> {
      // Guesses at passwords are slowed; these tests ask for something else.
      if (/password|sign-in|second-factor|codes|claim/.test(route.path)) await api.store.transaction((trx) => trx.deleteFrom('signInTries').execute())
      // A third wrong number declines it.
      if (route.path.startsWith('/approvals/')) await putApproval()
      const raw = typeof text === 'string' ? filled(text) : text
      const from = performance.now()
      const answer = await api.ask(route.method, `${whereOf(route)}${search}`, { cookie, ...(raw === undefined ? {} : { raw }) })
      const ms = performance.now() - from
      // A new sign-in takes the place of the one that asked for it.
      if (answer.status < 300) cookie = cookieOf(answer) || cookie
      if (answer.status < 300) await putBack[route.id]?.()
      return { answer, ms }
    },
  }
}
export type HostileApi = Awaited<ReturnType<typeof startHostileApi>>
