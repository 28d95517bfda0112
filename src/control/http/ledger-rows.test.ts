// AUD-05: every route of the contract that changes something or acts on the world, asked once by an administrator, leaves its rows: generated from the contract, so that a new route without a line here fails.
import { traverseContractProcedures } from '@orpc/server'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditCode } from '#domain/audit-event.ts'
import { GatewayId, makeId, SessionId } from '#domain/id.ts'
import { contract } from '#wire/api.ts'
import { gatewayHeaders } from '#wire/link.ts'
import { totpCode } from '../../../test/harness/totp.ts'
import { listLedger, type LedgerRow } from '../audit/ledger.ts'
import { removeRecording } from '../recordings/remove-recording.ts'
import { makeUserKey } from '../sign-in/test-ssh-client.ts'
import { cookieOf, password, startApi, type TestApi } from './test-api.ts'
import { addAsset, makeHostKey } from './test-asset.ts'

type Ids = Record<string, string>
/** `change`: one row `done`. `world`: an intent, then an outcome. `intent`: an intent whose outcome a gateway tells later. `none`: nothing that is kept changes, and why. */
type Line =
  | {
      is: 'change' | 'world' | 'intent'
      code: AuditCode
      body?: unknown
      /** What the path and the body name. */
      ids?: (before: Ids) => Promise<Ids>
      object?: boolean
      before?: boolean
      after?: boolean
    }
  | { is: 'none'; why: string }

let api: TestApi
let cookie: string
let me: string
const source = '192.0.2.77'
/** A sign-in with the cookie of another ends that one. */
const ask = (method: string, path: string, body?: unknown) =>
  api.ask(method, `/api/v1${path}`, {
    ...(path === '/sign-in' ? {} : { cookie }),
    headers: { [gatewayHeaders.source]: source },
    ...(body === undefined ? {} : { body }),
  })
const make = async (path: string, body: unknown) => String((await ask('POST', path, body)).json['id'])
let made = 0
const name = () => `made-${(made += 1)}`

const asset = async (): Promise<Ids> => {
  const view = await addAsset(api, cookie, { name: name(), accounts: [{ username: 'root', auth: { kind: 'ask' } }], trusted: [makeHostKey()] })
  return { id: view.id, account: view.accounts[0]?.id ?? '' }
}
const credential = async (): Promise<Ids> => ({
  id: await make('/credentials', { name: name(), username: 'root', auth: { kind: 'password', password: 'first' } }),
})
const person = async (): Promise<Ids> => ({ id: (await api.addOperator(name(), { role: 'member' })).id })
const group = async (): Promise<Ids> => ({ id: await make('/groups', { name: name() }) })
const grant = async (): Promise<Ids> => ({ id: await make('/grants', { name: name(), actions: ['shell'], accounts: 'all', assets: 'all' }) })
const rule = async (): Promise<Ids> => ({ id: await make('/command-rules', ruleBody()) })
const ruleBody = () => ({ name: name(), match: 'exact', pattern: 'reboot', effect: 'notice' })
const session = async (): Promise<Ids> => {
  const id = makeId(SessionId, 'se', randomBytes(15))
  const what = { id, operatorId: me, operatorName: 'alice', assetName: 'web1', address: '10.0.0.5', port: 22, account: 'root' }
  const how = { door: 'web', kind: 'shell', state: 'live', source, gatewayId: `gw_${'a'.repeat(24)}`, startedAt: 1, bytesIn: 0, bytesOut: 0 }
  const recording = { recordingState: 'intact', recordingFile: 'x.cast', recordingSeconds: 0, recordingBytes: 1 }
  await api.store.transaction((trx) =>
    trx
      .insertInto('sessions')
      .values({ ...what, ...how, ...recording })
      .execute(),
  )
  return { id }
}
const signInOfMine = async (): Promise<Ids> => {
  await api.ask('POST', '/api/v1/sign-in', { body: { username: 'alice', password }, headers: { 'user-agent': 'other' } })
  const { items } = (await ask('GET', '/me/sign-ins')).json as unknown as { items: { id: string; current: boolean }[] }
  return { id: items.find(({ current }) => !current)?.id ?? '' }
}
const changed = { before: true, after: true, object: true }
const created = { after: true, object: true }
const removed = { before: true, object: true }

const lines: Record<string, Line> = {
  'claim.make': { is: 'none', why: 'asked below, before anybody is there' },
  signIn: { is: 'change', code: 'operator.signed_in', body: () => ({ username: 'alice', password }) },
  'account.rename': { is: 'change', code: 'operator.changed', body: { name: 'Alice L' }, ...changed },
  'account.endSignIn': { is: 'change', code: 'operator.sign_in_ended', ids: signInOfMine },
  'account.endOtherSignIns': { is: 'change', code: 'operator.sign_in_ended' },
  'account.changePassword': { is: 'change', code: 'operator.password_changed', body: { current: password, password: 'another long enough one' } },
  'tokens.create': { is: 'change', code: 'token.created', body: { name: 'x' }, ...created },
  'tokens.remove': { is: 'change', code: 'token.removed', ids: async () => ({ id: await make('/tokens', { name: 'y' }) }), ...removed },
  'operatorKeys.add': { is: 'change', code: 'operator_key.added', body: () => ({ line: makeUserKey().publicLine }), ...created },
  'operatorKeys.remove': { is: 'change', code: 'operator_key.removed', ids: async () => ({ id: (await keyOf(me)).id }), ...removed },
  'operatorKeys.removeOf': { is: 'change', code: 'operator_key.removed', ids: keyOfAnother, ...removed },
  'approvals.approve': { is: 'change', code: 'approval.decided', ids: approval, body: (ids: Ids) => ({ number: ids['number'] }), ...changed },
  'approvals.decline': { is: 'change', code: 'approval.decided', ids: approval, ...changed },
  'assets.create': { is: 'change', code: 'asset.created', body: { name: 'another', address: '10.0.0.8' }, ...created },
  'assets.update': { is: 'change', code: 'asset.changed', ids: asset, body: { tags: ['x'] }, ...changed },
  'assets.remove': { is: 'change', code: 'asset.deleted', ids: asset, ...removed },
  'assets.changeMany': { is: 'change', code: 'asset.changed', ids: asset, body: (ids: Ids) => ({ ids: [ids['id']], addTags: ['y'] }), ...changed },
  'assets.removeMany': { is: 'change', code: 'asset.deleted', ids: asset, body: (ids: Ids) => ({ ids: [ids['id']] }), ...removed },
  'assets.importMany': { is: 'change', code: 'asset.created', body: { rows: [{ name: 'imported', address: '10.0.0.9' }] }, ...created },
  'assets.addAccount': {
    is: 'change',
    code: 'account.created',
    ids: asset,
    body: { username: 'deploy', auth: { kind: 'password', password: 'x' } },
    ...created,
  },
  'assets.updateAccount': { is: 'change', code: 'account.changed', ids: asset, body: { auth: { kind: 'password', password: 'y' } }, ...changed },
  'assets.removeAccount': { is: 'change', code: 'account.deleted', ids: asset, ...removed },
  'assets.scanHostKeys': { is: 'world', code: 'host_key.scanned', ids: asset, body: {}, object: true },
  'assets.trustHostKeys': { is: 'change', code: 'host_key.trusted', ids: asset, body: { trusted: [makeHostKey()] }, ...changed },
  'assets.check': { is: 'world', code: 'credential.checked', ids: asset, body: (ids: Ids) => ({ account: ids['account'] }), object: true },
  'assets.reach': { is: 'none', why: 'looks whether a host answers, as control does every few minutes' },
  'assets.setFavourite': { is: 'none', why: 'a mark of their own, which gives nobody anything' },
  'assets.unsetFavourite': { is: 'none', why: 'a mark of their own, which gives nobody anything' },
  'checks.scan': { is: 'world', code: 'host_key.scanned', body: { address: '10.0.0.9', port: 22 } },
  'checks.run': {
    is: 'world',
    code: 'credential.checked',
    body: { address: '10.0.0.9', port: 22, username: 'root', auth: { kind: 'ask' }, trusted: [] },
  },
  'keyChanges.decide': { is: 'change', code: 'host_key.decided', ids: keyChange, body: { decision: 'trust' }, ...changed },
  'credentials.create': { is: 'change', code: 'credential.created', body: { name: 'x', username: 'x', auth: { kind: 'ask' } }, ...created },
  'credentials.update': { is: 'change', code: 'credential.changed', ids: credential, body: { auth: { kind: 'password', password: 'second' } }, ...changed },
  'credentials.remove': { is: 'change', code: 'credential.deleted', ids: credential, ...removed },
  'tickets.create': {
    is: 'change',
    code: 'ticket.issued',
    ids: asset,
    body: (ids: Ids) => ({ kind: 'shell', asset: ids['id'], account: 'root' }),
    object: true,
  },
  'sessions.terminate': { is: 'intent', code: 'session.terminate_asked', ids: session, body: { reason: 'x' }, object: true },
  'sessions.removeRecording': { is: 'world', code: 'recording.deleted', ids: session, object: true },
  'settings.change': { is: 'change', code: 'settings.changed', body: { idleSeconds: 77 }, before: true, after: true },
  'operators.create': { is: 'change', code: 'operator.created', body: { username: 'wendy', password: 'long enough for all' }, ...created },
  'operators.update': { is: 'change', code: 'operator.changed', ids: person, body: { name: 'Victor' }, ...changed },
  'operators.remove': { is: 'change', code: 'operator.removed', ids: person, ...removed },
  'operators.setPassword': { is: 'change', code: 'operator.password_set', ids: person, body: { password: 'long enough for all' }, object: true },
  'operators.endSessions': { is: 'change', code: 'operator.sessions_ended', ids: person, body: { reason: 'x' }, object: true },
  'operators.removeSecondFactor': { is: 'change', code: 'second_factor.removed', ids: personWithFactor, ...changed },
  'groups.create': { is: 'change', code: 'group.created', body: { name: 'ops' }, ...created },
  'groups.update': { is: 'change', code: 'group.changed', ids: group, body: { name: 'ops 2' }, ...changed },
  'groups.remove': { is: 'change', code: 'group.removed', ids: group, ...removed },
  'grants.create': { is: 'change', code: 'grant.created', body: { name: 'g', actions: ['shell'], accounts: 'all' }, ...created },
  'grants.replace': { is: 'change', code: 'grant.changed', ids: grant, body: { name: 'replaced', actions: ['shell'], accounts: 'all' }, ...changed },
  'grants.remove': { is: 'change', code: 'grant.removed', ids: grant, ...removed },
  'commandRules.create': { is: 'change', code: 'command_rule.created', body: ruleBody, ...created },
  'commandRules.replace': { is: 'change', code: 'command_rule.changed', ids: rule, body: ruleBody, ...changed },
  'commandRules.remove': { is: 'change', code: 'command_rule.removed', ids: rule, ...removed },
  'secondFactor.begin': { is: 'none', why: 'holds nothing until a code of it is shown' },
  'secondFactor.confirm': { is: 'change', code: 'second_factor.set', ids: begun, body: () => ({ code: totpCode(totp) }), before: true, after: true },
  'secondFactor.renewCodes': { is: 'change', code: 'recovery_codes.renewed', body: () => ({ password: next, code: recovery.pop() }) },
  'secondFactor.remove': { is: 'change', code: 'second_factor.removed', body: () => ({ password: next, code: renewed() }), before: true, after: true },
  signOut: { is: 'change', code: 'operator.signed_out' },
}

const keyOf = (operator: string) => api.door.operatorKeys.add({ operator, name: 'x', source }, { line: makeUserKey().publicLine })
async function keyOfAnother(): Promise<Ids> {
  const { id = '' } = await person()
  return { id, key: (await keyOf(id)).id }
}
async function approval(): Promise<Ids> {
  const { url, number } = await api.door.approvals.ask(GatewayId.parse(`gw_${'a'.repeat(24)}`), { typed: 'alice', source, client: 'OpenSSH' })
  return { id: url.slice(url.lastIndexOf('/') + 1), number }
}
const next = 'another long enough one'
let totp = ''
let recovery: string[] = []
const renewed = () => recovery.pop()
async function begun(): Promise<Ids> {
  totp = String((await ask('POST', '/me/second-factor', { password: next })).json['secret'])
  return {}
}
async function keyChange(): Promise<Ids> {
  const { id } = await asset()
  const { type, key, fingerprint } = makeHostKey()
  const row = {
    id: `kc_${'b'.repeat(24)}`,
    assetId: id ?? '',
    type,
    key,
    fingerprint,
    firstSeenAt: 1,
    lastSeenAt: 1,
    times: 1,
    operatorName: null,
    gatewayId: null,
  }
  await api.store.transaction((trx) => trx.insertInto('keyChanges').values(row).execute())
  return { id: row.id }
}
async function personWithFactor(): Promise<Ids> {
  const { id = '' } = await person()
  const sealed = api.parts.vault.seal({ table: 'secondFactors', row: id, column: 'sealed' }, { reveal: () => new Uint8Array(20) } as never)
  await api.store.transaction((trx) => trx.insertInto('secondFactors').values({ operatorId: id, sealed, createdAt: 1, confirmedAt: 2, lastStep: 0 }).execute())
  return { id }
}

const routes = new Map<string, { method: string; path: string }>()
traverseContractProcedures({ router: contract, path: [] }, ({ contract: procedure, path }) => {
  const { method, path: where } = procedure['~orpc'].route
  if (method !== 'GET') routes.set(path.join('.'), { method: method ?? '', path: where ?? '' })
})

beforeAll(async () => {
  api = await startApi()
  const answer = await api.ask('POST', '/api/v1/claim', {
    body: { token: api.claimToken(), username: 'alice', password },
    headers: { [gatewayHeaders.source]: source },
  })
  cookie = cookieOf(answer)
  me = String((await ask('GET', '/me')).json['id'])
  api.script.probe = (probe) =>
    Promise.resolve(
      probe.probe === 'scan'
        ? { probe: 'scan', keys: [] }
        : probe.probe === 'check'
          ? { probe: 'check', steps: [] }
          : { probe: 'reach', looks: [{ ok: true, rttMs: 1 }] },
    )
  // The desk as it is, without a shelf of files.
  const shelf = { remove: () => Promise.resolve() } as never
  Object.assign(api.parts.recordings, {
    remove: (id: string, by: { operator: { id: string }; source: string }) =>
      removeRecording({ store: api.store, shelf, now: Date.now }, id, { why: 'asked', operator: by.operator.id, source: by.source }),
  })
})
afterAll(() => api.stop())

describe('AUD-05: what is done through the API', () => {
  it('is named for every route that is no question', () => {
    expect(Object.keys(lines).toSorted()).toEqual([...routes.keys()].toSorted())
  })

  it('claim.make', async () => {
    const [row, ...more] = await api.ledger('operator.claimed')
    expect(more).toEqual([])
    expect(row).toMatchObject({ outcome: 'done', operator: me, object: me, source, requestId: expect.stringMatching(/^[\w-]{12}$/) })
  })

  it.each(Object.entries(lines).filter(([, line]) => line.is !== 'none'))('%s', async (route, line) => {
    if (line.is === 'none') return
    const { method, path } = routes.get(route) ?? { method: '', path: '' }
    const ids = line.ids === undefined ? {} : await line.ids({})
    const body = typeof line.body === 'function' ? (line.body as (ids: Ids) => unknown)(ids) : line.body
    const last = (await newest())?.seq ?? 0
    const answer = await ask(
      method,
      path
        .replace('{id}', ids['id'] ?? '')
        .replace('{account}', ids['account'] ?? '')
        .replace('{key}', ids['key'] ?? ''),
      body,
    )
    expect(answer.status, answer.text).toBeLessThan(300)
    if (route === 'secondFactor.confirm' || route === 'secondFactor.renewCodes')
      recovery = (answer.json as unknown as { recoveryCodes: string[] }).recoveryCodes
    const rows = await listLedger(api.store.db, { afterSeq: last })
    const [first] = rows
    const wanted = { change: ['done'], world: ['intent', 'done'], intent: ['intent'] }[line.is]
    const own = rows.filter(({ code }) => code === line.code)
    expect(own.map(({ outcome }) => outcome)).toEqual(wanted)
    // Nothing else but what follows from it.
    expect(rows.filter(({ code }) => code !== line.code && !followed.has(code)).map(({ code }) => code)).toEqual([])
    for (const row of rows) expect(row).toMatchObject({ source, requestId: first?.requestId ?? 'none' })
    expect(first?.requestId).toMatch(/^[\w-]{12}$/)
    for (const row of own) expect([row.operator, row.object !== null || line.object !== true]).toEqual([me, true])
    const [row] = own as [LedgerRow]
    const digest = /^[0-9a-f]{64}$/
    if (line.before === true) expect(row.before).toMatch(digest)
    if (line.after === true) expect(row.after).toMatch(digest)
    if (line.before === true && line.after === true) expect(row.after).not.toBe(row.before)
    if (line.is === 'world') expect(JSON.parse(own[1]?.detail ?? '{}')).toMatchObject({ intent: row.seq })
  })
})

/** Ends of what an act forbids, and the recovery code by which somebody showed who they are. */
const followed = new Set(['recovery_code.used', 'operator.sign_in_ended'])
const newest = () => api.store.db.selectFrom('audit').select('seq').orderBy('seq', 'desc').limit(1).executeTakeFirst()
