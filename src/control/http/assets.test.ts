import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Failure } from '#domain/failure.ts'
import type { HostKey } from '#domain/host-key.ts'
import type { Probe } from '#wire/link.ts'
import { makeKeyPair, type KeyPair } from '../../../test/harness/ssh-keys.ts'
import { startPostgres } from '../../../test/harness/postgres.ts'
import { secretPlace } from '../assets/parts.ts'
import { engines } from '../store/test-engines.ts'
import { startApi, type TestApi } from './test-api.ts'

type Asset = {
  id: string
  name: string
  port: number
  tags: string[]
  address: string
  accounts: { id: string; username: string; auth: Record<string, string> }[]
  hostKeys: HostKey[]
}

function hostKey(seed = randomBytes(32)): HostKey {
  const type = Buffer.from('ssh-ed25519')
  const blob = Buffer.concat([Buffer.from([0, 0, 0, type.length]), type, Buffer.from([0, 0, 0, 32]), seed])
  return { type: 'ssh-ed25519', key: blob.toString('base64'), fingerprint: `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}` }
}

describe.each(engines)('hosts on %s', (engine) => {
  let api: TestApi
  let cookie = ''
  let member = ''
  let stopEngine = () => Promise.resolve()
  let folder = ''
  let keys: Record<'plain' | 'locked' | 'rsa', KeyPair>
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-keys-'))
    keys = {
      plain: await makeKeyPair(folder, 'plain', 'ed25519'),
      locked: await makeKeyPair(folder, 'locked', 'ecdsa', 'open sesame'),
      rsa: await makeKeyPair(folder, 'rsa', 'rsa'),
    }
    if (engine === 'postgres') {
      const server = await startPostgres()
      stopEngine = () => server.stop()
      api = await startApi({ place: { databaseUrl: await server.makeDatabase() } })
    } else api = await startApi()
    cookie = await api.claimIt()
    member = (await api.addOperator('bob', { role: 'member' })).cookie
  }, 60_000)
  afterAll(async () => {
    await api.stop()
    await stopEngine()
    rmSync(folder, { recursive: true, force: true })
  })

  let made = 0
  const add = async (more: Record<string, unknown> = {}): Promise<Asset> => {
    const answer = await api.ask('POST', '/api/v1/assets', { cookie, body: { name: `host-${++made}`, address: '10.0.0.5', ...more } })
    expect([answer.status, answer.json.error]).toEqual([201, undefined])
    return answer.json as unknown as Asset
  }
  const failed = async (method: string, path: string, body: unknown, as = cookie) => {
    const { status, json } = await api.ask(method, path, { cookie: as, ...(body === undefined ? {} : { body }) })
    return [status, json.error?.code, json.error?.field]
  }

  it('are made with accounts and trusted keys, and never tell a secret again', async () => {
    const key = hostKey()
    const asset = await add({
      tags: ['db', 'db'],
      accounts: [
        { username: 'root', auth: { kind: 'password', password: 'hunter2-hunter2' } },
        { username: 'deploy', auth: { kind: 'key', privateKey: keys.locked.privateKey, passphrase: keys.locked.passphrase } },
        { username: 'me', auth: { kind: 'ask' } },
      ],
      trusted: [key],
    })
    expect(asset).toMatchObject({ port: 22, protocol: 'ssh', tags: ['db'], hostKeys: [key] })
    expect(asset.accounts.map(({ username, auth }) => [username, auth])).toEqual([
      ['deploy', { kind: 'key', publicKey: keys.locked.publicKey, fingerprint: keys.locked.fingerprint }],
      ['me', { kind: 'ask' }],
      ['root', { kind: 'password' }],
    ])
    const text = (await api.ask('GET', '/api/v1/assets', { cookie })).text + JSON.stringify(await api.ledger('asset.created'))
    for (const secret of ['hunter2', 'open sesame', 'PRIVATE KEY']) expect(text).not.toContain(secret)
  })

  it('keep secrets sealed in the row they were given for: they open there and nowhere else', async () => {
    const asset = await add({ accounts: [{ username: 'root', auth: { kind: 'password', password: 'hunter2-hunter2' } }] })
    const other = await add({ accounts: [{ username: 'root', auth: { kind: 'ask' } }] })
    const row = await api.store.db.selectFrom('accounts').selectAll().where('assetId', '=', asset.id).executeTakeFirstOrThrow()
    expect(JSON.stringify(row)).not.toContain('hunter2')
    expect(api.parts.vault.unseal(secretPlace(row.id), row.sealed ?? '').revealText()).toBe('hunter2-hunter2')
    expect(() => api.parts.vault.unseal(secretPlace(other.accounts[0]?.id ?? ''), row.sealed ?? '')).toThrow(expect.objectContaining({ code: 'internal' }))
  })

  it('keep a key opened, so that control signs without its passphrase', async () => {
    const asset = await add({ accounts: [{ username: 'deploy', auth: { kind: 'key', privateKey: keys.locked.privateKey, passphrase: 'open sesame' } }] })
    const row = await api.store.db.selectFrom('accounts').selectAll().where('assetId', '=', asset.id).executeTakeFirstOrThrow()
    expect(row).toMatchObject({ authKind: 'key', keyAlgorithm: 'ecdsa-sha2-nistp256', publicKey: keys.locked.publicKey.split(' ')[1] })
    expect(api.parts.vault.unseal(secretPlace(row.id), row.sealed ?? '').revealText()).toMatch(/^-----BEGIN PRIVATE KEY-----/)
  })

  it.each([
    ['text', () => ({ privateKey: 'hello' }), 'key_not_a_key', 'privateKey'],
    ['the public half', () => ({ privateKey: keys.plain.publicKey }), 'key_not_a_key', 'privateKey'],
    ['a key that was cut off', () => ({ privateKey: keys.rsa.privateKey.split('\n').toSpliced(3, 2).join('\n') }), 'key_not_a_key', 'privateKey'],
    ['a locked key alone', () => ({ privateKey: keys.locked.privateKey }), 'key_passphrase_needed', 'passphrase'],
    ['a wrong passphrase', () => ({ privateKey: keys.locked.privateKey, passphrase: 'guess' }), 'key_passphrase_wrong', 'passphrase'],
  ])('refuse %s as a key, with the field', async (_name, auth, code, field) => {
    const before = (await api.ask('GET', '/api/v1/assets', { cookie })).json['of']
    const body = {
      name: 'refused',
      address: '10.0.0.5',
      accounts: [
        { username: 'a', auth: { kind: 'ask' } },
        { username: 'root', auth: { kind: 'key', ...auth() } },
      ],
    }
    expect(await failed('POST', '/api/v1/assets', body)).toEqual([400, code, `accounts.1.auth.${field}`])
    expect((await api.ask('GET', '/api/v1/assets', { cookie })).json['of']).toBe(before)
  })

  it('have names of their own, whatever the case or the composition of letters', async () => {
    const asset = await add({ name: 'Größe-1' })
    for (const name of ['größe-1', 'GRÖSSE-1', 'Größe-1'.normalize('NFD')])
      expect(await failed('POST', '/api/v1/assets', { name, address: '10.0.0.6' })).toEqual([409, 'name_taken', 'name'])
    const other = await add()
    expect(await failed('PATCH', `/api/v1/assets/${other.id}`, { name: 'GRÖßE-1' })).toEqual([409, 'name_taken', 'name'])
    expect((await api.ask('PATCH', `/api/v1/assets/${asset.id}`, { cookie, body: { name: 'größe-1' } })).json['name']).toBe('größe-1')
  })

  it('take one of many that come at once with the same name', async () => {
    const body = { name: 'race', address: '10.0.0.5' }
    const answers = await Promise.all(Array.from({ length: 8 }, () => api.ask('POST', '/api/v1/assets', { cookie, body })))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409, 409, 409, 409, 409, 409, 409])
  })

  it('change only what was said: the port is not set back when the name changes', async () => {
    const asset = await add({ port: 2022, tags: ['a'] })
    const changed = await api.ask('PATCH', `/api/v1/assets/${asset.id}`, { cookie, body: { name: 'renamed' } })
    expect([changed.status, changed.json]).toEqual([200, { ...asset, name: 'renamed' }])
    const [row] = (await api.ledger('asset.changed')).filter(({ object }) => object === asset.id)
    expect(JSON.parse(row?.detail ?? '')).toMatchObject({ before: { name: asset.name }, after: { name: 'renamed', port: 2022 } })
  })

  it.each([
    ['169.254.169.254', 22, 'address_not_allowed'],
    ['metadata.google.internal', 22, 'address_not_allowed'],
    ['2852039166', 22, 'address_not_allowed'],
    ['127.0.0.1', 8022, 'address_not_allowed'],
    ['localhost', 8022, 'address_not_allowed'],
    ['::1', 8022, 'address_not_allowed'],
    ['0.0.0.0', 22, 'address_not_allowed'],
  ])('never stand at %s port %i, even when confirmed, neither new nor changed nor scanned', async (address, port, code) => {
    const place = { address, port, confirmLoopback: true }
    const asset = await add()
    for (const [method, path, body] of [
      ['POST', '/api/v1/assets', { name: 'ssrf', ...place }],
      ['PATCH', `/api/v1/assets/${asset.id}`, place],
      ['POST', '/api/v1/checks/scan', place],
      ['POST', '/api/v1/checks', { ...place, username: 'root', auth: { kind: 'ask' }, trusted: [] }],
    ] as const)
      expect([path, ...(await failed(method, path, body))]).toEqual([path, 400, code, 'address'])
    expect(await failed('POST', '/api/v1/tickets', { kind: 'shell', address: `root@${address.includes(':') ? `[${address}]` : address}:${port}` })).toEqual([
      400,
      code,
      'address',
    ])
  })

  it('are found by every word, sorted and paged alike on both engines', async () => {
    for (const name of ['find-b', 'find-a', 'find-c']) await add({ name, tags: ['100%_x', "o'k"] })
    const list = async (query: string) => ((await api.ask('GET', `/api/v1/assets?${query}`, { cookie })).json['items'] as Asset[]).map(({ name }) => name)
    expect(await list('q=FIND&sort=name')).toEqual(['find-a', 'find-b', 'find-c'])
    expect(await list('q=find&sort=-name&size=2')).toEqual(['find-c', 'find-b'])
    expect(await list('q=find&sort=-name&size=2&page=2')).toEqual(['find-a'])
    expect(await list(`q=${encodeURIComponent('find 100%_')}`)).toHaveLength(3)
    expect(await list(`q=${encodeURIComponent("find o'k")}`)).toHaveLength(3)
    expect(await list(`q=${encodeURIComponent('find %')}&sort=createdAt`)).toEqual(['find-b', 'find-a', 'find-c'])
    for (const none of ['find_a', 'f%d', "'; drop table assets; --", '.*', '(a+)+$']) expect(await list(`q=${encodeURIComponent(none)}`)).toEqual([])
    expect(await list('q=find&sort=lastUsedAt')).toHaveLength(3)
    const page = (await api.ask('GET', '/api/v1/assets?q=find&page=1000000', { cookie })).json
    expect([page['items'], page['total']]).toEqual([[], 3])
  })

  describe('accounts', () => {
    it('are added, changed and removed, each with its ledger row', async () => {
      const { id } = await add()
      const added = await api.ask('POST', `/api/v1/assets/${id}/accounts`, {
        cookie,
        body: { username: 'root', auth: { kind: 'key', privateKey: keys.rsa.privateKey } },
      })
      expect([added.status, added.json]).toEqual([
        201,
        { id: expect.stringMatching(/^ac_/), username: 'root', auth: { kind: 'key', publicKey: keys.rsa.publicKey, fingerprint: keys.rsa.fingerprint } },
      ])
      const account = String(added.json['id'])
      expect(await failed('POST', `/api/v1/assets/${id}/accounts`, { username: 'root', auth: { kind: 'ask' } })).toEqual([409, 'name_taken', 'username'])
      const renamed = await api.ask('PATCH', `/api/v1/assets/${id}/accounts/${account}`, { cookie, body: { username: 'admin' } })
      expect(renamed.json).toMatchObject({ username: 'admin', auth: { fingerprint: keys.rsa.fingerprint } })
      const other = await api.ask('PATCH', `/api/v1/assets/${id}/accounts/${account}`, { cookie, body: { auth: { kind: 'password', password: 'x' } } })
      expect(other.json).toEqual({ id: account, username: 'admin', auth: { kind: 'password' } })
      expect((await api.ask('DELETE', `/api/v1/assets/${id}/accounts/${account}`, { cookie })).status).toBe(200)
      expect(await failed('DELETE', `/api/v1/assets/${id}/accounts/${account}`, undefined)).toEqual([404, 'account_not_found', undefined])
      for (const [code, count] of [
        ['account.created', 1],
        ['account.changed', 2],
        ['account.deleted', 1],
      ] as const)
        expect((await api.ledger(code)).filter(({ object }) => object === account)).toHaveLength(count)
    })

    it('of another host are as good as none', async () => {
      const one = await add({ accounts: [{ username: 'root', auth: { kind: 'ask' } }] })
      const other = await add()
      const account = one.accounts[0]?.id ?? ''
      for (const [method, path, body] of [
        ['PATCH', '', { username: 'x' }],
        ['DELETE', '', undefined],
      ] as const)
        expect(await failed(method, `/api/v1/assets/${other.id}/accounts/${account}${path}`, body)).toEqual([404, 'account_not_found', undefined])
      expect(await failed('POST', `/api/v1/assets/${other.id}/check`, { account })).toEqual([404, 'account_not_found', undefined])
      expect(await failed('POST', '/api/v1/tickets', { kind: 'shell', asset: other.id, account })).toEqual([404, 'account_not_found', 'account'])
    })
  })

  describe('host keys', () => {
    it('are replaced as a list, and the ledger keeps the fingerprints before and after', async () => {
      const [old, next] = [hostKey(), hostKey()]
      const { id } = await add({ trusted: [old] })
      const put = await api.ask('PUT', `/api/v1/assets/${id}/host-keys`, { cookie, body: { trusted: [next, next] } })
      expect([put.status, put.json]).toEqual([200, { items: [next] }])
      const [row] = (await api.ledger('host_key.trusted')).filter(({ object }) => object === id)
      expect(JSON.parse(row?.detail ?? '')).toMatchObject({ before: [old.fingerprint], after: [next.fingerprint] })
      expect((await api.ask('GET', `/api/v1/assets/${id}`, { cookie })).json['hostKeys']).toEqual([next])
    })

    it('are refused when their type or fingerprint is not that of the key', async () => {
      const { id } = await add()
      const [one, other] = [hostKey(), hostKey()]
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
      const key = hostKey()
      const asset = await add({ port: 2200 })
      const asked: Probe[] = []
      api.script.probe = async (probe) => {
        asked.push(probe)
        expect((await api.ledger('host_key.scanned')).filter(({ object }) => object === asset.id).map(({ outcome }) => outcome)).toEqual(['intent'])
        return { probe: 'scan', keys: [key] }
      }
      const scanned = await api.ask('POST', `/api/v1/assets/${asset.id}/host-keys/scan`, { cookie })
      expect([scanned.status, scanned.json]).toEqual([200, { items: [key] }])
      expect(asked).toEqual([{ probe: 'scan', address: '10.0.0.5', port: 2200, mayDialLoopback: true }])
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

  describe('checks', () => {
    const steps = [
      { step: 'reach', ok: true, message: '' },
      { step: 'key', ok: true, message: '' },
      { step: 'sign-in', ok: false, failure: 'auth_failed', message: 'the host’s own words' },
    ] as const

    it('lend the credential under a lease that names its host and account and ends with the check', async () => {
      const key = hostKey()
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
      expect(JSON.stringify(rows)).not.toMatch(/hunter2|own words/)
    })

    it('of a saved key show the gateway its public half alone', async () => {
      const key = hostKey()
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

  it('are deleted with accounts and keys, while their sessions stay', async () => {
    const asset = await add({ accounts: [{ username: 'root', auth: { kind: 'ask' } }], trusted: [hostKey()] })
    const session = 'se_aaaaaaaaaaaaaaaaaaaaaaaa'
    const row = {
      id: session,
      operatorId: 'op_aaaaaaaaaaaaaaaaaaaaaaaa',
      operatorName: 'alice',
      assetId: asset.id,
      assetName: asset.name,
      address: '10.0.0.5',
      port: 22,
      account: 'root',
      accountId: asset.accounts[0]?.id ?? null,
    }
    const rest = {
      door: 'web',
      kind: 'shell',
      state: 'ended',
      source: '',
      gatewayId: 'gw_aaaaaaaaaaaaaaaaaaaaaaaa',
      startedAt: 1,
      beganAt: null,
      endedAt: 2,
      endReason: 'exited',
      endMessage: null,
      failure: null,
      exitStatus: 0,
      signal: null,
    }
    const counts = {
      bytesIn: 0,
      bytesOut: 0,
      idleMs: null,
      lastBeatAt: null,
      mustEnd: null,
      mustEndBy: null,
      mustEndText: null,
      recordingState: null,
      recordingFile: null,
      recordingSeconds: 0,
      recordingBytes: 0,
      recordingHead: null,
    }
    await api.store.transaction((trx) =>
      trx
        .insertInto('sessions')
        .values({ ...row, ...rest, ...counts })
        .execute(),
    )
    expect((await api.ask('DELETE', `/api/v1/assets/${asset.id}`, { cookie })).status).toBe(200)
    expect(await failed('GET', `/api/v1/assets/${asset.id}`, undefined)).toEqual([404, 'asset_not_found', undefined])
    expect(await failed('DELETE', `/api/v1/assets/${asset.id}`, undefined)).toEqual([404, 'asset_not_found', undefined])
    expect(await api.store.db.selectFrom('accounts').selectAll().where('assetId', '=', asset.id).execute()).toEqual([])
    expect(await api.store.db.selectFrom('hostKeys').selectAll().where('place', '=', `asset:${asset.id}`).execute()).toEqual([])
    expect((await api.ask('GET', `/api/v1/sessions/${session}`, { cookie })).json).toMatchObject({ asset: asset.name })
  })

  it('answer whoever may not administer as if they were not there', async () => {
    const asset = await add({ accounts: [{ username: 'root', auth: { kind: 'ask' } }] })
    const absent = 'as_aaaaaaaaaaaaaaaaaaaaaaaa'
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['PATCH', '', { name: 'mine' }],
      ['DELETE', '', undefined],
      ['POST', '/accounts', { username: 'x', auth: { kind: 'ask' } }],
      ['POST', '/host-keys/scan', undefined],
      ['PUT', '/host-keys', { trusted: [] }],
      ['POST', '/check', { account: asset.accounts[0]?.id }],
    ] as const) {
      const ask = async (id: string) => {
        const { status, text } = await api.ask(method, `/api/v1/assets/${id}${path}`, { cookie: member, ...(body === undefined ? {} : { body }) })
        return [status, text]
      }
      expect([method, path, ...(await ask(asset.id))]).toEqual([method, path, ...(await ask(absent))])
      expect((await ask(asset.id))[0]).toBe(404)
    }
    expect((await api.ask('GET', '/api/v1/assets', { cookie: member })).json).toEqual({ items: [], total: 0, of: 0 })
    expect(await failed('POST', '/api/v1/assets', { name: 'mine', address: '10.0.0.5' }, member)).toEqual([403, 'forbidden', undefined])
    for (const path of ['/api/v1/gateways', '/api/v1/disk']) expect(await failed('GET', path, undefined, member)).toEqual([403, 'forbidden', undefined])
    expect((await api.ask('GET', `/api/v1/assets/${asset.id}`, { cookie })).json['name']).toBe(asset.name)
  })

  describe('tickets', () => {
    const ask = (body: Record<string, unknown>, as = cookie) => api.ask('POST', '/api/v1/tickets', { cookie: as, body })

    it('name the only account, an account by name or by id, and last 30 s', async () => {
      const asset = await add({ accounts: [{ username: 'root', auth: { kind: 'ask' } }] })
      const [account] = asset.accounts
      for (const named of [{}, { account: 'root' }, { account: account?.id }]) {
        const answer = await ask({ kind: 'shell', asset: asset.id, ...named })
        expect([answer.status, answer.json['url']]).toEqual([201, '/terminal'])
        expect(String(answer.json['ticket']).length).toBe(43)
        const left = Date.parse(String(answer.json['expiresAt'])) - Date.now()
        expect(left > 25_000 && left <= 30_000).toBe(true)
        const id = createHash('sha256').update(String(answer.json['ticket'])).digest('hex')
        const row = await api.store.db.selectFrom('tickets').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
        expect(JSON.parse(row.body)).toEqual({ kind: 'shell', asset: asset.id, account: account?.id })
      }
      expect((await api.ledger('ticket.issued')).filter(({ object }) => object === asset.id)).toHaveLength(3)
    })

    it.each([
      [{ kind: 'watch' }, 400, 'bad_request', 'kind'],
      [{ kind: 'files' }, 400, 'bad_request', 'kind'],
      [{ kind: 'attach' }, 400, 'bad_request', 'kind'],
      [{ kind: 'root' }, 400, 'bad_request', 'kind'],
      [{ kind: 'shell' }, 400, 'bad_request', 'asset'],
      [{ kind: 'shell', asset: 'as_aaaaaaaaaaaaaaaaaaaaaaaa' }, 404, 'asset_not_found', 'asset'],
      [{ kind: 'shell', asset: "' or 1=1" }, 404, 'asset_not_found', 'asset'],
      [{ kind: 'shell', asset: 'as_aaaaaaaaaaaaaaaaaaaaaaaa', session: 'x' }, 400, 'bad_request', 'session'],
      [{ kind: 'shell', asset: 'x', address: 'root@10.0.0.5' }, 400, 'bad_request', 'asset'],
      [{ kind: 'shell', account: 'root', address: 'root@10.0.0.5' }, 400, 'bad_request', 'account'],
      [{ kind: 'shell', address: '10.0.0.5' }, 400, 'address_invalid', 'address'],
      [{ kind: 'shell', address: 'root@10.0.0.5:99999' }, 400, 'address_invalid', 'address'],
      [{ kind: 'shell', address: 'root@-oProxyCommand=x' }, 400, 'address_invalid', 'address'],
    ])('%j is refused with %i %s', async (body, status, code, field) => {
      const answer = await ask(body)
      expect([answer.status, answer.json.error?.code, answer.json.error?.field]).toEqual([status, code, field])
    })

    it('are not given without an account, nor for several when none is named', async () => {
      const none = await ask({ kind: 'shell', asset: (await add()).id })
      expect([none.status, none.json.error?.code]).toEqual([404, 'account_not_found'])
      const two = await add({ accounts: ['a', 'b'].map((username) => ({ username, auth: { kind: 'ask' } })) })
      const several = await ask({ kind: 'shell', asset: two.id })
      expect([several.status, several.json.error?.code, several.json.error?.field]).toEqual([400, 'bad_request', 'account'])
    })

    it('for an address are for administrators', async () => {
      expect((await ask({ kind: 'shell', address: 'root@[2001:db8::5]:2022' })).status).toBe(201)
      const answer = await ask({ kind: 'shell', address: 'root@10.0.0.5' }, member)
      expect([answer.status, answer.json.error?.code]).toEqual([403, 'forbidden'])
      const asset = await ask({ kind: 'shell', asset: (await add()).id }, member)
      expect([asset.status, asset.json.error?.code]).toEqual([404, 'asset_not_found'])
    })
  })
})

describe('while Sallyport listens beyond loopback', () => {
  let api: TestApi
  let cookie = ''
  beforeAll(async () => {
    api = await startApi({ listensOnLoopbackOnly: false })
    cookie = await api.claimIt()
  })
  afterAll(() => api.stop())

  it('a loopback address has to be confirmed, stays confirmed, and not for another address', async () => {
    const ask = (method: string, path: string, body: unknown) => api.ask(method, path, { cookie, body })
    const refused = await ask('POST', '/api/v1/assets', { name: 'here', address: '127.0.0.1' })
    expect([refused.status, refused.json.error?.code, refused.json.error?.detail]).toEqual([400, 'address_not_allowed', { why: 'loopback' }])
    const made = await ask('POST', '/api/v1/assets', { name: 'here', address: '127.0.0.1', confirmLoopback: true })
    expect(made.status).toBe(201)
    const at = `/api/v1/assets/${String(made.json['id'])}`
    expect((await ask('PATCH', at, { port: 2022 })).status).toBe(200)
    expect((await ask('PATCH', at, { address: '127.0.0.2' })).json.error?.code).toBe('address_not_allowed')
    const asked: Probe[] = []
    api.script.probe = (probe) => {
      asked.push(probe)
      return Promise.resolve({ probe: 'scan', keys: [] })
    }
    expect((await api.ask('POST', `${at}/host-keys/scan`, { cookie })).status).toBe(200)
    expect(asked).toEqual([{ probe: 'scan', address: '127.0.0.1', port: 2022, mayDialLoopback: true }])
    const elsewhere = await ask('POST', '/api/v1/checks/scan', { address: '10.0.0.5', port: 22 })
    expect([elsewhere.status, asked.at(-1)]).toEqual([200, { probe: 'scan', address: '10.0.0.5', port: 22, mayDialLoopback: false }])
  })
})
