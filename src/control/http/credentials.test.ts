import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditCode } from '#domain/audit-event.ts'
import type { CredentialView } from '#wire/api/credentials.ts'
import { makeKeyPair, type KeyPair } from '../../../test/harness/ssh-keys.ts'
import { openAccountCredential, publicHalfOf } from '../assets/credential.ts'
import { secretPlace, sharedSecretPlace } from '../assets/parts.ts'
import { engines } from '../store/test-engines.ts'
import { startApiOn } from './test-api-engine.ts'
import type { TestApi } from './test-api.ts'
import { addAsset, failureOf } from './test-asset.ts'

describe.each(engines)('shared credentials on %s', (engine) => {
  let api: TestApi
  let cookie = ''
  let folder = ''
  let key: KeyPair
  let made = 0
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-keys-'))
    key = await makeKeyPair(folder, 'locked', 'ecdsa', 'open sesame')
    api = await startApiOn(engine)
    cookie = await api.claimIt()
  }, 60_000)
  afterAll(async () => {
    await api.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const ask = (method: string, path: string, body?: unknown) => api.ask(method, `/api/v1${path}`, { cookie, ...(body === undefined ? {} : { body }) })
  const failed = (method: string, path: string, body?: unknown) => failureOf(ask(method, path, body))
  const add = async (auth: unknown = { kind: 'password', password: 'hunter2-hunter2' }, name = `shared-${++made}`) => {
    const answer = await ask('POST', '/credentials', { name, username: 'root', auth })
    expect([answer.status, answer.json.error]).toEqual([201, undefined])
    return answer.json as unknown as CredentialView
  }
  const hostWith = (id: string) => addAsset(api, cookie, { accounts: [{ username: 'root', auth: { kind: 'credential', id } }] })
  const rowOf = (account: string | undefined) =>
    api.store.db
      .selectFrom('accounts')
      .selectAll()
      .where('id', '=', account ?? '')
      .executeTakeFirstOrThrow()
  const passwordOf = async (account: string | undefined) => {
    const opened = await openAccountCredential(api.parts.vault, api.store.db, await rowOf(account))
    return opened.kind === 'password' ? opened.password.revealText() : opened.kind
  }
  const ledgerOf = async (code: AuditCode, object: string) =>
    (await api.ledger(code)).filter((row) => row.object === object).map((row) => JSON.parse(row.detail ?? '') as unknown)

  it('are made, shown without their secret, and used by the accounts of many hosts', async () => {
    const shared = await add({ kind: 'key', privateKey: key.privateKey, passphrase: key.passphrase })
    const auth = { kind: 'key', publicKey: key.publicKey, fingerprint: key.fingerprint }
    expect(shared).toMatchObject({ username: 'root', auth, hosts: 0, accounts: 0, rotatedAt: shared.createdAt })
    const [one, two] = [await hostWith(shared.id), await hostWith(shared.id)]
    expect(two.accounts[0]?.auth).toEqual({ kind: 'credential', id: shared.id, name: shared.name, auth })
    expect((await ask('GET', `/credentials/${shared.id}`)).json).toMatchObject({ hosts: 2, accounts: 2 })
    expect(await publicHalfOf(api.store.db, await rowOf(one.accounts[0]?.id))).toEqual({
      kind: 'key',
      publicKey: key.publicKey.split(' ')[1],
      algorithm: 'ecdsa-sha2-nistp256',
    })
    expect((await ask('GET', `/assets?credential=${shared.id}`)).json['total']).toBe(2)
    expect(await ledgerOf('credential.created', shared.id)).toEqual([{ name: shared.name, username: 'root', auth: 'key', fingerprint: key.fingerprint }])
  })

  it('are rotated in one place: every account opens the new secret, and the old one is gone', async () => {
    const shared = await add()
    const host = await hostWith(shared.id)
    expect(await passwordOf(host.accounts[0]?.id)).toBe('hunter2-hunter2')
    const sealed = async () => (await api.store.db.selectFrom('credentials').selectAll().where('id', '=', shared.id).executeTakeFirstOrThrow()).sealed ?? ''
    const old = await sealed()
    const renamed = await ask('PATCH', `/credentials/${shared.id}`, { name: `${shared.name} (web)`, username: 'admin' })
    expect(renamed.json).toMatchObject({ rotatedAt: shared.rotatedAt, username: 'admin' })
    expect(await sealed()).toBe(old)
    const rotated = await ask('PATCH', `/credentials/${shared.id}`, { auth: { kind: 'password', password: 'correct horse' } })
    expect(Date.parse(String(rotated.json['rotatedAt']))).toBeGreaterThan(Date.parse(shared.rotatedAt))
    expect(await passwordOf(host.accounts[0]?.id)).toBe('correct horse')
    expect(await sealed()).not.toBe(old)
    expect(await ledgerOf('credential.changed', shared.id)).toMatchObject([
      { before: { username: 'root' }, after: { username: 'admin' }, credentialReplaced: false, hosts: 1 },
      { before: { auth: 'password' }, after: { auth: 'password' }, credentialReplaced: true },
    ])
  })

  it('are sealed where they stand: what is moved to an account, or to another, does not open', async () => {
    const [one, other] = [await add(), await add()]
    const row = await api.store.db.selectFrom('credentials').selectAll().where('id', '=', one.id).executeTakeFirstOrThrow()
    expect(JSON.stringify(row)).not.toContain('hunter2')
    expect(api.parts.vault.unseal(sharedSecretPlace(one.id), row.sealed ?? '').revealText()).toBe('hunter2-hunter2')
    for (const place of [sharedSecretPlace(other.id), secretPlace(one.id)])
      expect(() => api.parts.vault.unseal(place, row.sealed ?? '')).toThrow(expect.objectContaining({ code: 'internal' }))
  })

  it('take the place of an own secret, which is erased, and give way to one again', async () => {
    const shared = await add()
    const host = await addAsset(api, cookie, { accounts: [{ username: 'root', auth: { kind: 'password', password: 'own password' } }] })
    const account = host.accounts[0]?.id ?? ''
    const path = `/assets/${host.id}/accounts/${account}`
    expect(await passwordOf(account)).toBe('own password')
    expect((await ask('PATCH', path, { auth: { kind: 'credential', id: shared.id } })).json).toMatchObject({ auth: { kind: 'credential', name: shared.name } })
    expect(await rowOf(account)).toMatchObject({ authKind: 'credential', sealed: null, publicKey: null, credentialId: shared.id })
    expect(await passwordOf(account)).toBe('hunter2-hunter2')
    await ask('PATCH', path, { auth: { kind: 'password', password: 'own again' } })
    expect(await rowOf(account)).toMatchObject({ authKind: 'password', credentialId: null })
    expect(await passwordOf(account)).toBe('own again')
    expect(await ledgerOf('account.changed', account)).toMatchObject([
      { before: { auth: 'password' }, after: { auth: 'credential', credential: shared.id } },
      { before: { auth: 'credential', credential: shared.id }, after: { auth: 'password' } },
    ])
  })

  it('stay while an account uses them, and say where', async () => {
    const shared = await add()
    const hosts = []
    for (let each = 0; each < 7; each += 1) hosts.push(await hostWith(shared.id))
    const refused = (await ask('DELETE', `/credentials/${shared.id}`)).json.error
    const names = hosts.map(({ name }) => name).toSorted()
    expect(refused).toMatchObject({ code: 'conflict', detail: { hosts: names.slice(0, 5), count: 7 } })
    expect(refused?.message).toContain(`${names.slice(0, 5).join(', ')} and 2 more`)
    expect((await ask('POST', '/assets/remove', { ids: hosts.map(({ id }) => id) })).json).toEqual({ removed: 7 })
    expect((await ask('DELETE', `/credentials/${shared.id}`)).status).toBe(200)
    expect(await failed('GET', `/credentials/${shared.id}`)).toEqual([404, 'credential_not_found', undefined])
    expect(await ledgerOf('credential.deleted', shared.id)).toHaveLength(1)
  })

  it('are generated inside: an Ed25519 pair of which the public half is shown, another each time', async () => {
    const shared = await add({ kind: 'generate' })
    const host = await addAsset(api, cookie, { accounts: [{ username: 'root', auth: { kind: 'generate' } }] })
    const auths = [shared.auth, host.accounts[0]?.auth]
    for (const auth of auths)
      expect(auth).toEqual({
        kind: 'key',
        publicKey: expect.stringMatching(/^ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI[A-Za-z0-9+/]{43}$/),
        fingerprint: expect.stringMatching(/^SHA256:/),
      })
    expect(auths[0]).not.toEqual(auths[1])
    const opened = await openAccountCredential(api.parts.vault, api.store.db, await rowOf(host.accounts[0]?.id))
    expect(opened.kind === 'key' && opened.privateKey.revealText()).toMatch(/^-----BEGIN PRIVATE KEY-----/)
  })

  it('refuse what cannot be, naming the field, and tell no secret', async () => {
    const { id } = await add(undefined, 'Größe')
    const asked = { kind: 'ask' }
    expect(await failed('POST', '/credentials', { name: 'GRÖSSE', username: 'x', auth: asked })).toEqual([409, 'name_taken', 'name'])
    expect(await failed('POST', '/credentials', { name: '  ', username: 'x', auth: asked })).toEqual([400, 'name_invalid', 'name'])
    expect(await failed('POST', '/credentials', { name: 'x', username: 'a b', auth: asked })).toEqual([400, 'name_invalid', 'username'])
    expect(await failed('POST', '/credentials', { name: 'x', username: 'x', auth: { kind: 'credential', id } })).toEqual([400, 'bad_request', 'auth.kind'])
    const locked = { kind: 'key', privateKey: key.privateKey }
    expect(await failed('POST', '/credentials', { name: 'x', username: 'x', auth: locked })).toEqual([400, 'key_passphrase_needed', 'auth.passphrase'])
    expect(await failed('PATCH', '/credentials/cr_nothing', { name: 'x' })).toEqual([404, 'credential_not_found', undefined])
    expect(await failed('DELETE', '/credentials/cr_nothing')).toEqual([404, 'credential_not_found', undefined])
    const unknown = { accounts: [{ username: 'root', auth: { kind: 'credential', id: 'cr_nothing' } }] }
    expect(await failed('POST', '/assets', { name: 'h', address: '10.0.0.1', ...unknown })).toEqual([404, 'credential_not_found', 'accounts.0.auth.id'])
    const rows = await api.store.db.selectFrom('audit').select('detail').execute()
    const texts = [JSON.stringify(rows), (await ask('GET', '/credentials?size=200')).text, JSON.stringify(api.logged)].join('\n')
    for (const secret of ['hunter2', 'correct horse', 'own password', 'open sesame', 'PRIVATE KEY']) expect(texts).not.toContain(secret)
  })

  it('are listed, found and sorted; what is absurd is refused by name', async () => {
    const { id } = await add(undefined, 'find me 10')
    await add(undefined, 'Find me 9')
    await hostWith(id)
    const names = async (query: string) => ((await ask('GET', `/credentials?${query}`)).json['items'] as CredentialView[]).map(({ name }) => name)
    expect(await names('q=find%20me')).toEqual(['Find me 9', 'find me 10'])
    expect(await names('q=ROOT%20find&sort=-hosts')).toEqual(['find me 10', 'Find me 9'])
    expect(await names('q=find&sort=-name&size=1&page=2')).toEqual(['Find me 9'])
    for (const [query, field] of [
      ['sort=secret', 'sort'],
      ['page=0', 'page'],
      ['size=201', 'size'],
      [`q=${'x'.repeat(201)}`, 'q'],
    ])
      expect(await failed('GET', `/credentials?${query}`)).toEqual([400, 'bad_request', field])
    expect(await failed('GET', '/credentials?password=x')).toEqual([400, 'unknown_field', 'password'])
  })
})
