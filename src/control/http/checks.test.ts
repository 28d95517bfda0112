import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Failure } from '#domain/failure.ts'
import type { Probe } from '#wire/link.ts'
import { makeKeyPair, type KeyPair } from '../../../test/harness/ssh-keys.ts'
import { startApi, type TestApi } from './test-api.ts'
import { addAsset, failureOf, makeHostKey } from './test-asset.ts'

let api: TestApi
let cookie = ''
let folder = ''
let keys: Record<'plain', KeyPair>
beforeAll(async () => {
  api = await startApi()
  cookie = await api.claimIt()
  folder = mkdtempSync(join(tmpdir(), 'sallyport-keys-'))
  keys = { plain: await makeKeyPair(folder, 'plain', 'ed25519') }
})
afterAll(async () => {
  await api.stop()
  rmSync(folder, { recursive: true, force: true })
})

const add = (more: Record<string, unknown> = {}) => addAsset(api, cookie, more)
const failed = (method: string, path: string, body: unknown) => failureOf(api.ask(method, path, { cookie, ...(body === undefined ? {} : { body }) }))

describe('host keys of hosts', () => {
  it('are replaced as a list, and the ledger keeps the fingerprints before and after', async () => {
    const [old, next] = [makeHostKey(), makeHostKey()]
    const { id } = await add({ trusted: [old] })
    const put = await api.ask('PUT', `/api/v1/assets/${id}/host-keys`, { cookie, body: { trusted: [next, next] } })
    expect([put.status, put.json]).toEqual([200, { items: [next] }])
    const [row] = (await api.ledger('host_key.trusted')).filter(({ object }) => object === id)
    expect(JSON.parse(row?.detail ?? '')).toMatchObject({ before: [old.fingerprint], after: [next.fingerprint] })
    expect((await api.ask('GET', `/api/v1/assets/${id}`, { cookie })).json['hostKeys']).toEqual([next])
  })

  it('are refused when their type or fingerprint is not that of the key', async () => {
    const { id } = await add()
    const [one, other] = [makeHostKey(), makeHostKey()]
    for (const lie of [
      { ...one, fingerprint: other.fingerprint },
      { ...one, type: 'ssh-rsa' },
      { ...one, key: `${one.key.slice(0, -4)}AAAAAAAA` },
      { ...one, key: 'AAAAAAAAAAAAAAAAAAAA' },
    ])
      expect(await failed('PUT', `/api/v1/assets/${id}/host-keys`, { trusted: [one, lie] })).toEqual([400, 'bad_request', 'trusted.1'])
    expect((await api.ask('GET', `/api/v1/assets/${id}`, { cookie })).json['hostKeys']).toEqual([])
  })

  it('are scanned through a gateway, with a row before and one after', async () => {
    const key = makeHostKey()
    const asset = await add({ port: 2200 })
    const asked: Probe[] = []
    api.script.probe = async (probe) => {
      asked.push(probe)
      expect((await api.ledger('host_key.scanned')).filter(({ object }) => object === asset.id).map(({ outcome }) => outcome)).toEqual(['intent'])
      return { probe: 'scan', keys: [key] }
    }
    const scanned = await api.ask('POST', `/api/v1/assets/${asset.id}/host-keys/scan`, { cookie })
    expect([scanned.status, scanned.json]).toEqual([200, { items: [key] }])
    expect(asked).toMatchObject([{ probe: 'scan', address: '10.0.0.5', port: 2200, mayDialLoopback: true }])
    const rows = (await api.ledger('host_key.scanned')).filter(({ object }) => object === asset.id)
    expect(rows.map(({ outcome }) => outcome)).toEqual(['intent', 'done'])
    expect(rows[1]?.detail).toContain(key.fingerprint)
  })

  it('that cannot be read are told apart by code', async () => {
    const { id } = await add()
    for (const [code, status] of [
      ['host_unreachable', 502],
      ['host_refused', 502],
      ['host_timeout', 504],
      ['host_not_ssh', 502],
      ['gateway_unavailable', 503],
    ] as const) {
      api.script.probe = () => Promise.reject(new Failure(code, 'words'))
      expect(await failed('POST', `/api/v1/assets/${id}/host-keys/scan`, undefined)).toEqual([status, code, undefined])
    }
    expect((await api.ledger('host_key.scanned')).filter(({ object }) => object === id).at(-1)).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('gateway_unavailable'),
    })
  })
})

describe('checks of accounts', () => {
  const steps = [
    { step: 'reach', ok: true, message: '' },
    { step: 'key', ok: true, message: '' },
    { step: 'sign-in', ok: false, failure: 'auth_failed', message: 'the host’s own words' },
  ] as const

  it('lend the credential under a lease that names its host and account and ends with the check', async () => {
    const key = makeHostKey()
    let lease = ''
    api.script.probe = async (probe) => {
      if (probe.probe !== 'check') throw new Error('a scan was not asked for')
      lease = probe.lease
      expect(probe).toMatchObject({ address: '10.0.0.7', port: 22, username: 'root', auth: { kind: 'password' }, hostKeys: [key] })
      expect(JSON.stringify(probe)).not.toContain('hunter2')
      const held = api.parts.leases.find(lease)
      expect(held).toMatchObject({ target: { address: '10.0.0.7', port: 22, username: 'root' }, hostKeys: [key], operator: { name: 'alice' } })
      expect(held?.credential.kind === 'password' && held.credential.password.revealText()).toBe('hunter2-hunter2')
      return { probe: 'check', steps: [...steps] }
    }
    const body = { address: '10.0.0.7', port: 22, username: 'root', auth: { kind: 'password', password: 'hunter2-hunter2' }, trusted: [key] }
    const answer = await api.ask('POST', '/api/v1/checks', { cookie, body })
    expect([answer.status, answer.json]).toEqual([200, { steps }])
    expect(lease).toMatch(/^ck_/)
    expect(api.parts.leases.find(lease)).toBeUndefined()
    const rows = (await api.ledger('credential.checked')).slice(-2)
    expect(rows.map(({ outcome }) => outcome)).toEqual(['intent', 'failed'])
    expect(rows[1]?.detail).toContain('auth_failed')
    // What was signed or released for the check is found by its lease.
    expect(rows[0]?.detail).toContain(lease)
    expect(JSON.stringify(rows)).not.toMatch(/hunter2|own words/)
  })

  it('of a saved key show the gateway its public half alone', async () => {
    const key = makeHostKey()
    const asset = await add({ accounts: [{ username: 'deploy', auth: { kind: 'key', privateKey: keys.plain.privateKey } }], trusted: [key] })
    api.script.probe = async (probe) => {
      expect(probe).toMatchObject({ auth: { kind: 'key', publicKey: keys.plain.publicKey.split(' ')[1], algorithm: 'ssh-ed25519' }, hostKeys: [key] })
      expect(JSON.stringify(probe)).not.toContain('PRIVATE')
      return { probe: 'check', steps: [{ step: 'reach', ok: true, message: '' }] }
    }
    const answer = await api.ask('POST', `/api/v1/assets/${asset.id}/check`, { cookie, body: { account: asset.accounts[0]?.id } })
    expect([answer.status, answer.json]).toEqual([200, { steps: [{ step: 'reach', ok: true, message: '' }] }])
    expect((await api.ledger('credential.checked')).filter(({ object }) => object === asset.accounts[0]?.id).map(({ outcome }) => outcome)).toEqual([
      'intent',
      'done',
    ])
  })

  it('never try the credential of one host on another', async () => {
    const account = { username: 'root', auth: { kind: 'password', password: 'hunter2-hunter2' } }
    const [mine, theirs] = [await add({ accounts: [account] }), await add({ accounts: [account] })]
    let probes = 0
    api.script.probe = () => {
      probes += 1
      return Promise.resolve({ probe: 'check', steps: [] })
    }
    expect(await failed('POST', `/api/v1/assets/${mine.id}/check`, { account: theirs.accounts[0]?.id })).toEqual([404, 'account_not_found', undefined])
    expect(probes).toBe(0)
  })

  it('forget the credential when the gateway fails', async () => {
    let lease = ''
    api.script.probe = (probe) => {
      if (probe.probe === 'check') lease = probe.lease
      return Promise.reject(new Failure('host_timeout', 'words'))
    }
    const body = { address: '10.0.0.7', port: 22, username: 'root', auth: { kind: 'password', password: 'x' }, trusted: [] }
    expect(await failed('POST', '/api/v1/checks', body)).toEqual([504, 'host_timeout', undefined])
    expect([lease.slice(0, 3), api.parts.leases.find(lease)]).toEqual(['ck_', undefined])
  })
})

describe('while Sallyport listens beyond loopback', () => {
  let open: TestApi
  let admin = ''
  beforeAll(async () => {
    open = await startApi({ listensOnLoopbackOnly: false })
    admin = await open.claimIt()
  })
  afterAll(() => open.stop())

  it('a loopback address has to be confirmed, stays confirmed, and not for another address', async () => {
    const ask = (method: string, path: string, body: unknown) => open.ask(method, path, { cookie: admin, body })
    const refused = await ask('POST', '/api/v1/assets', { name: 'here', address: '127.0.0.1' })
    expect([refused.status, refused.json.error?.code, refused.json.error?.detail]).toEqual([400, 'address_not_allowed', { why: 'loopback' }])
    const made = await ask('POST', '/api/v1/assets', { name: 'here', address: '127.0.0.1', confirmLoopback: true })
    expect(made.status).toBe(201)
    const at = `/api/v1/assets/${String(made.json['id'])}`
    expect((await ask('PATCH', at, { port: 2022 })).status).toBe(200)
    expect((await ask('PATCH', at, { address: '127.0.0.2' })).json.error?.code).toBe('address_not_allowed')
    const asked: Probe[] = []
    open.script.probe = (probe) => {
      asked.push(probe)
      return Promise.resolve({ probe: 'scan', keys: [] })
    }
    expect((await open.ask('POST', `${at}/host-keys/scan`, { cookie: admin })).status).toBe(200)
    expect(asked).toMatchObject([{ probe: 'scan', address: '127.0.0.1', port: 2022, mayDialLoopback: true }])
    const elsewhere = await ask('POST', '/api/v1/checks/scan', { address: '10.0.0.5', port: 22 })
    expect([elsewhere.status, asked.at(-1)]).toMatchObject([200, { probe: 'scan', address: '10.0.0.5', port: 22, mayDialLoopback: false }])
  })
})
