// Every route of the contract against every kind of asker: a route that is added without a line here fails.
import { traverseContractProcedures } from '@orpc/server'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GatewayId, makeId, SessionId } from '#domain/id.ts'
import { contract } from '#wire/api.ts'
import { gatewayHeaders } from '#wire/link.ts'
import { makeUserKey } from '../sign-in/test-ssh-client.ts'
import { password, startApi, type TestApi } from './test-api.ts'
import { addAsset, makeHostKey } from './test-asset.ts'

let api: TestApi
const cookies: Record<string, string | undefined> = {}
const ids = { asset: '', account: '', session: '', credential: '', operator: '', group: '', grant: '', rule: '', approval: '', key: '' }
/** Whose id stands in the path; a host's otherwise. */
const idOf: Record<string, keyof typeof ids> = {
  sessions: 'session',
  sessionActs: 'session',
  credentials: 'credential',
  operators: 'operator',
  groups: 'group',
  grants: 'grant',
  commands: 'session',
  commandRules: 'rule',
  operatorKeys: 'operator',
  approvals: 'approval',
}

beforeAll(async () => {
  api = await startApi()
  const alice = await api.claimIt()
  cookies['member'] = (await api.addOperator('bob', { role: 'member' })).cookie
  cookies['auditor'] = (await api.addOperator('audra', { role: 'auditor' })).cookie
  cookies['admin'] = (await api.addOperator('dave', { role: 'admin' })).cookie
  const asset = await addAsset(api, alice, { accounts: [{ username: 'root', auth: { kind: 'ask' } }], trusted: [makeHostKey()] })
  Object.assign(ids, { asset: asset.id, account: asset.accounts[0]?.id ?? '', session: makeId(SessionId, 'se', randomBytes(15)) })
  const shared = await api.ask('POST', '/api/v1/credentials', { cookie: alice, body: { name: 'shared', username: 'root', auth: { kind: 'ask' } } })
  ids.credential = String(shared.json['id'])
  const made = async (path: string, body: Record<string, unknown>) => String((await api.ask('POST', `/api/v1/${path}`, { cookie: alice, body })).json['id'])
  ids.group = await made('groups', { name: 'ops' })
  ids.grant = await made('grants', { name: 'ops: db', actions: ['shell'], accounts: 'all', assets: 'all' })
  ids.rule = await made('command-rules', { name: 'no rm', match: 'pattern', pattern: 'rm *', effect: 'notice' })
  ids.operator = (await api.addOperator('victor', { role: 'member' })).id
  const added = await api.door.operatorKeys.add({ operator: ids.operator, name: 'victor', source: '192.0.2.1' }, { line: makeUserKey().publicLine })
  ids.key = added.id
  const waits = await api.door.approvals.ask(GatewayId.parse(`gw_${'a'.repeat(24)}`), { typed: 'victor', source: '192.0.2.1', client: 'OpenSSH' })
  ids.approval = waits.url.slice(waits.url.lastIndexOf('/') + 1)
  const { id } = (await api.ask('GET', '/api/v1/me', { cookie: alice })).json as { id: string }
  const what = { id: ids.session, operatorId: id, operatorName: 'alice', assetName: 'web1', address: '10.0.0.5', port: 22, account: 'root' }
  const how = { door: 'web', kind: 'shell', state: 'live', source: '192.0.2.1', gatewayId: `gw_${'a'.repeat(24)}`, startedAt: 1, bytesIn: 0, bytesOut: 0 }
  const recording = { recordingState: 'writing', recordingFile: 'x.cast', recordingSeconds: 0, recordingBytes: 1 }
  await api.store.transaction((trx) =>
    trx
      .insertInto('sessions')
      .values({ ...what, ...how, ...recording })
      .execute(),
  )
  api.script.recordings.set(ids.session, { bytes: Buffer.from('{}'), ended: false })
  api.script.probe = (probe) =>
    Promise.resolve(
      probe.probe === 'scan'
        ? { probe: 'scan', keys: [] }
        : probe.probe === 'check'
          ? { probe: 'check', steps: [] }
          : { probe: 'reach', looks: [{ ok: true, rttMs: 1 }] },
    )
})
afterAll(() => api.stop())

/** Statuses for nobody, a member, an auditor, and an administrator without mayWatch; all of another person's things. What exists and may not be known of is 404. */
type Line = [nobody: number, member: number, auditor: number, admin: number, body?: unknown]
const place = { address: '10.0.0.9', port: 22 }
const lines: Record<string, Line> = {
  'claim.state': [200, 200, 200, 200],
  'claim.make': [409, 409, 409, 409, { token: 'x', username: 'mallory', password: 'long enough for all' }],
  signIn: [401, 401, 401, 401, { username: 'alice', password: 'not the right one' }],
  me: [401, 200, 200, 200],
  'assets.list': [401, 200, 200, 200],
  'assets.get': [401, 404, 404, 200],
  'assets.create': [401, 403, 403, 201, { name: 'another', address: '10.0.0.8' }],
  'assets.update': [401, 404, 404, 200, { tags: ['x'] }],
  'assets.addAccount': [401, 404, 404, 201, { username: 'deploy', auth: { kind: 'ask' } }],
  'assets.updateAccount': [401, 404, 404, 200, { auth: { kind: 'ask' } }],
  'assets.scanHostKeys': [401, 404, 404, 200, {}],
  'assets.trustHostKeys': [401, 404, 404, 200, { trusted: [] }],
  'assets.check': [401, 404, 404, 200, { account: 'ACCOUNT' }],
  'checks.scan': [401, 403, 403, 200, place],
  'checks.run': [401, 403, 403, 200, { ...place, username: 'root', auth: { kind: 'ask' }, trusted: [] }],
  'tickets.create': [401, 404, 404, 201, { kind: 'shell', asset: 'ASSET', account: 'root' }],
  'sessions.list': [401, 200, 200, 200],
  'sessions.get': [401, 404, 200, 200],
  'sessions.watches': [401, 404, 200, 200],
  'sessionActs.transfers': [401, 404, 200, 200],
  'sessionActs.forwards': [401, 404, 200, 403],
  'transfers.list': [401, 200, 200, 200],
  'sessions.verify': [401, 404, 200, 403],
  'sessions.terminate': [401, 404, 403, 200, { reason: 'x' }],
  'sessions.removeRecording': [401, 404, 403, 200],
  'gateways.list': [401, 403, 403, 200],
  'disk.get': [401, 403, 403, 200],
  'account.rename': [401, 200, 200, 200, { name: 'x' }],
  'account.changePassword': [401, 401, 401, 401, { current: 'x', password: 'long enough for all' }],
  'account.signIns': [401, 200, 200, 200],
  'account.endSignIn': [401, 404, 404, 404],
  'account.endOtherSignIns': [401, 200, 200, 200],
  'keyChanges.list': [401, 403, 403, 200],
  'keyChanges.decide': [401, 404, 404, 404, { decision: 'refuse' }],
  'credentials.list': [401, 403, 403, 200],
  'credentials.get': [401, 404, 404, 200],
  'credentials.create': [401, 403, 403, 201, { name: 'x', username: 'x', auth: { kind: 'ask' } }],
  'credentials.update': [401, 404, 404, 200, { name: 'y' }],
  'credentials.remove': [401, 404, 404, 200],
  'settings.get': [401, 403, 403, 200],
  'settings.change': [401, 403, 403, 200, { idleSeconds: 60 }],
  search: [401, 400, 400, 400],
  'assets.changeMany': [401, 403, 403, 200, { ids: ['ASSET'], addTags: ['y'] }],
  'assets.removeMany': [401, 403, 403, 404, { ids: ['x'] }],
  'assets.importMany': [401, 403, 403, 200, { rows: [{ name: 'x', address: 'x' }] }],
  'assets.tags': [401, 200, 200, 200],
  'assets.setFavourite': [401, 404, 404, 200],
  'assets.unsetFavourite': [401, 404, 404, 200],
  'assets.reach': [401, 404, 404, 200],
  'groups.list': [401, 403, 403, 200],
  'groups.get': [401, 404, 404, 200],
  'groups.create': [401, 403, 403, 201, { name: 'another' }],
  'groups.update': [401, 404, 404, 200, { name: 'renamed' }],
  'grants.list': [401, 403, 403, 200],
  'grants.get': [401, 404, 404, 200],
  'grants.create': [401, 403, 403, 201, { name: 'another', actions: ['shell'], accounts: 'all' }],
  'grants.replace': [401, 404, 404, 200, { name: 'replaced', actions: ['shell'], accounts: 'all' }],
  'grants.remove': [401, 404, 404, 200],
  'groups.remove': [401, 404, 404, 200],
  // Who may ask is asked before what was asked.
  'access.explain': [401, 403, 400, 400],
  'commands.list': [401, 200, 200, 200],
  'commands.ofSession': [401, 404, 200, 403],
  'commandRules.list': [401, 403, 403, 200],
  'commandRules.create': [401, 403, 403, 201, { name: 'another', match: 'exact', pattern: 'reboot', effect: 'deny' }],
  'commandRules.replace': [401, 404, 404, 200, { name: 'replaced', match: 'exact', pattern: 'reboot', effect: 'deny' }],
  'commandRules.remove': [401, 404, 404, 200],
  'audit.list': [401, 403, 200, 200],
  'audit.verify': [401, 403, 200, 200],
  'secondFactor.get': [401, 200, 200, 200],
  'secondFactor.begin': [401, 200, 200, 200, { password }],
  'secondFactor.confirm': [401, 401, 401, 401, { code: '000000' }],
  'secondFactor.remove': [401, 409, 409, 409, { password, code: '000000' }],
  'secondFactor.renewCodes': [401, 409, 409, 409, { password, code: '000000' }],
  'tokens.list': [401, 200, 200, 200],
  'tokens.create': [401, 201, 201, 201, { name: 'x' }],
  'tokens.remove': [401, 404, 404, 404],
  'operatorKeys.list': [401, 200, 200, 200],
  'operatorKeys.add': [401, 400, 400, 400, { line: 'x' }],
  'operatorKeys.remove': [401, 404, 404, 404],
  'operatorKeys.listOf': [401, 404, 404, 200],
  'operatorKeys.removeOf': [401, 404, 404, 200],
  // Another person's: not there for an administrator either.
  'approvals.get': [401, 404, 404, 404],
  'approvals.approve': [401, 404, 404, 404, { number: '0000' }],
  'approvals.decline': [401, 404, 404, 404],
  'door.get': [401, 200, 200, 200],
  'door.sshConfig': [401, 200, 200, 200],
  'operators.list': [401, 403, 403, 200],
  'operators.get': [401, 404, 404, 200],
  'operators.create': [401, 403, 403, 201, { username: 'wendy', password: 'long enough for all' }],
  'operators.update': [401, 404, 404, 200, { name: 'Victor' }],
  'operators.setPassword': [401, 404, 404, 200, { password: 'long enough for all' }],
  'operators.endSessions': [401, 404, 404, 200, { reason: 'x' }],
  'operators.removeSecondFactor': [401, 404, 404, 200],
  'operators.remove': [401, 404, 404, 200],
  // Last: they take away what the others ask for.
  'assets.removeAccount': [401, 404, 404, 200],
  'assets.remove': [401, 404, 404, 200],
  signOut: [401, 200, 200, 200],
}

const routes = new Map<string, { method: string; path: string }>()
traverseContractProcedures({ router: contract, path: [] }, ({ contract: procedure, path }) => {
  const { method, path: where } = procedure['~orpc'].route
  routes.set(path.join('.'), { method: method ?? '', path: where ?? '' })
})

describe('who may ask what', () => {
  it('is said for every route', () => {
    expect(Object.keys(lines).toSorted()).toEqual([...routes.keys()].toSorted())
  })

  it.each(Object.entries(lines))('%s', async (name, [nobody, member, auditor, admin, body]) => {
    const { method, path } = routes.get(name) ?? { method: '', path: '' }
    const id = ids[idOf[name.split('.')[0] ?? ''] ?? 'asset']
    const where = `/api/v1${path.replace('{id}', id).replace('{account}', ids.account).replace('{key}', ids.key)}`
    const text = body === undefined ? undefined : JSON.stringify(body).replace('ASSET', ids.asset).replace('ACCOUNT', ids.account)
    const told: Record<string, number> = {}
    // An address for each route: that wrong passwords are slowed is not what is asked here.
    const headers = { [gatewayHeaders.source]: `192.0.2.${Object.keys(lines).indexOf(name)}` }
    // The administrator comes last: what they may do changes things.
    for (const who of ['nobody', 'member', 'auditor', 'admin']) {
      const cookie = cookies[who]
      told[who] = (await api.ask(method, where, { headers, ...(cookie === undefined ? {} : { cookie }), ...(text === undefined ? {} : { raw: text }) })).status
    }
    expect(told).toEqual({ nobody, member, auditor, admin })
  })

  it('shows lists of their own to those who see nothing else', async () => {
    const member = (await api.addOperator('berta', { role: 'member' })).cookie
    for (const list of ['assets', 'sessions'])
      expect((await api.ask('GET', `/api/v1/${list}`, { cookie: member })).json).toEqual({ items: [], total: 0, of: 0 })
  })
})
