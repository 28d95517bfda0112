import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeKeyPair, type KeyPair } from '../../../test/harness/ssh-keys.ts'
import { startPostgres } from '../../../test/harness/postgres.ts'
import { secretPlace } from '../assets/parts.ts'
import { engines } from '../store/test-engines.ts'
import { startApi, type TestApi } from './test-api.ts'
import { addAsset, failureOf, makeHostKey, type Asset } from './test-asset.ts'

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

  const add = (more: Record<string, unknown> = {}) => addAsset(api, cookie, more)
  const failed = (method: string, path: string, body: unknown, as = cookie) =>
    failureOf(api.ask(method, path, { cookie: as, ...(body === undefined ? {} : { body }) }))

  it('are made with accounts and trusted keys, and never tell a secret again', async () => {
    const key = makeHostKey()
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

  it('are deleted with accounts and keys, while their sessions stay', async () => {
    const asset = await add({ accounts: [{ username: 'root', auth: { kind: 'ask' } }], trusted: [makeHostKey()] })
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
})
