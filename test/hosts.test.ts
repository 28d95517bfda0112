// Hosts that are not what they seem: keys that change, peers that are no SSH server, checks that say which step failed.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HostKey } from '#domain/host-key.ts'
import type { ApiClient } from './harness/api-client.ts'
import { type Misbehaviour, startHostileHost } from './harness/hostile-host.ts'
import { freePort } from './harness/free-port.ts'
import { type Product, startProduct } from './harness/product.ts'
import { openTerminal, saveHost } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'

let sshd: TestSshd
let product: Product
let api: ApiClient

beforeAll(async () => {
  ;[sshd, product] = await Promise.all([startSshd(), startProduct()])
  api = await product.claim()
})
afterAll(async () => {
  await product?.stop()
  await sshd?.stop()
})

type Step = { step: string; ok: boolean; failure?: string; message: string; detail?: Record<string, unknown> }
const check = async (id: string, account: string) => (await api.call<{ steps: Step[] }>('POST', `/assets/${id}/check`, { account })).steps

describe('host keys', () => {
  it('scan shows every key that the host has, by its fingerprint', async () => {
    const host = await saveHost(api, sshd, { kind: 'password', password: 'x' }, { name: 'scanned', trust: false })
    const { items } = await api.call<{ items: HostKey[] }>('POST', `/assets/${host.id}/host-keys/scan`, {})
    const expected = Object.values(sshd.hostKeys).map((pair) => pair.fingerprint)
    expect(items.map((item) => item.fingerprint).toSorted()).toEqual(expected.toSorted())
  })

  it('an unknown key stops a saved host before any credential is used', async () => {
    const host = await saveHost(api, sshd, { kind: 'password', password: sshd.password ?? '' }, { name: 'untrusted', trust: false })
    const terminal = await openTerminal(product, api, host)
    const ended = await terminal.waitForEnded()
    expect(ended.failure).toBe('host_key_unknown')
    expect(sshd.log()).not.toMatch(/Accepted password/)
  })

  it('a changed key stops before any credential is used, showing both fingerprints, and is accepted after an administrator decides', async () => {
    const other = await startSshd()
    try {
      const host = await saveHost(api, other, { kind: 'password', password: other.password ?? '' }, { name: 'changing' })
      const before = Object.values(other.hostKeys).map((pair) => pair.fingerprint)
      await other.replaceHostKeys()
      const after = Object.values(other.hostKeys).map((pair) => pair.fingerprint)
      const terminal = await openTerminal(product, api, host)
      const ended = await terminal.waitForEnded()
      expect(ended).toMatchObject({ reason: 'host_key_changed', failure: 'host_key_changed' })
      const shown = JSON.stringify(ended)
      expect(before.some((fingerprint) => shown.includes(fingerprint))).toBe(true)
      expect(after.some((fingerprint) => shown.includes(fingerprint))).toBe(true)
      expect(other.log()).not.toMatch(/Accepted password|Failed password/)
      const steps = await check(host.id, host.accountId)
      expect(steps.map((step) => [step.step, step.ok])).toEqual([
        ['reach', true],
        ['key', false],
      ])
      expect(steps[1]?.failure).toBe('host_key_changed')
      const { items } = await api.call<{ items: HostKey[] }>('POST', `/assets/${host.id}/host-keys/scan`, {})
      await api.call('PUT', `/assets/${host.id}/host-keys`, { trusted: items })
      const again = await openTerminal(product, api, host)
      await again.waitForWelcome()
      again.send('exit\n')
      await again.waitForEnded()
    } finally {
      await other.stop()
    }
  })
})

describe('check', () => {
  it('goes green in three steps', async () => {
    const host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }, { name: 'checked' })
    const steps = await check(host.id, host.accountId)
    expect(steps.map((step) => [step.step, step.ok])).toEqual([
      ['reach', true],
      ['key', true],
      ['sign-in', true],
    ])
  })

  it('tells refused, silent, unknown key and a wrong credential apart', async () => {
    const closed = await saveHost(api, { port: await freePort(), user: 'root' }, { kind: 'password', password: 'x' }, { name: 'closed', trust: false })
    expect(await check(closed.id, closed.accountId)).toMatchObject([{ step: 'reach', ok: false, failure: 'host_refused' }])
    const unknown = await saveHost(api, sshd, { kind: 'password', password: 'x' }, { name: 'unknown-key', trust: false })
    expect((await check(unknown.id, unknown.accountId)).at(-1)).toMatchObject({ step: 'key', ok: false, failure: 'host_key_unknown' })
    const wrong = await saveHost(api, sshd, { kind: 'password', password: 'wrong' }, { name: 'wrong-password' })
    expect((await check(wrong.id, wrong.accountId)).at(-1)).toMatchObject({ step: 'sign-in', ok: false, failure: 'auth_failed' })
  })

  it('refuses a key file that is no key, naming the field', async () => {
    for (const privateKey of ['hello', '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n', sshd.userKeys.ed25519.publicKey]) {
      const answer = await api.request('POST', '/api/v1/assets', {
        body: { name: 'no-key', address: '127.0.0.1', port: sshd.port, accounts: [{ username: 'root', auth: { kind: 'key', privateKey } }] },
      })
      expect(answer.status).toBe(400)
      expect(answer.json).toMatchObject({ error: { code: 'key_not_a_key' } })
    }
  })
})

describe('a shared credential', () => {
  type Shared = { id: string; auth: { publicKey: string }; hosts: number }

  it('that was made inside opens hosts that know its public half, and what it was rotated from opens none', async () => {
    const shared = await api.call<Shared>('POST', '/credentials', { name: 'fleet', username: sshd.user, auth: { kind: 'generate' } })
    const auth = { kind: 'credential', id: shared.id } as const
    const [one, two] = [await saveHost(api, sshd, auth, { name: 'fleet-1' }), await saveHost(api, sshd, auth, { name: 'fleet-2' })]
    expect((await check(one.id, one.accountId)).at(-1)).toMatchObject({ step: 'sign-in', ok: false, failure: 'auth_failed' })
    await sshd.authorize(shared.auth.publicKey)
    expect((await check(one.id, one.accountId)).map(({ ok }) => ok)).toEqual([true, true, true])
    const terminal = await openTerminal(product, api, two)
    await terminal.waitForWelcome()
    terminal.send('exit\n')
    expect(await terminal.waitForEnded()).toMatchObject({ reason: 'exited' })
    const rotated = await api.call<Shared>('PATCH', `/credentials/${shared.id}`, { auth: { kind: 'generate' } })
    expect(rotated).toMatchObject({ hosts: 2 })
    const refused = await openTerminal(product, api, two)
    expect(await refused.waitForEnded()).toMatchObject({ failure: 'auth_failed' })
    await sshd.authorize(rotated.auth.publicKey)
    const again = await openTerminal(product, api, two)
    await again.waitForWelcome()
    again.send('exit\n')
    await again.waitForEnded()
  })
})

describe('hostile hosts', () => {
  const cases: [Misbehaviour, string[]][] = [
    ['silence', ['host_timeout']],
    ['garbage', ['host_not_ssh', 'host_banner_too_large', 'host_protocol_error']],
    ['huge-banner', ['host_banner_too_large']],
    ['endless-line', ['host_banner_too_large', 'host_not_ssh']],
    // The first four bytes already claim a packet that is too long.
    ['drip', ['host_timeout', 'host_protocol_error']],
    ['garbage-after-identification', ['host_protocol_error']],
    ['huge-packet', ['host_protocol_error']],
    ['hang-up', ['host_not_ssh', 'host_protocol_error']],
    ['reset', ['host_unreachable', 'host_not_ssh', 'host_protocol_error']],
    ['http', ['host_not_ssh']],
  ]
  it.each(cases)('a host of %s ends as a failure with a name, and leaves nothing open', { timeout: 40_000 }, async (misbehaviour, failures) => {
    const hostile = await startHostileHost(misbehaviour)
    try {
      const terminal = await openTerminal(product, api, `root@127.0.0.1:${hostile.port}`)
      const ended = await terminal.waitForEnded(30_000)
      expect(failures).toContain(ended.failure)
      expect(ended.reason).toBe('host_unreachable')
      await expect.poll(() => hostile.open(), { timeout: 3000 }).toBe(0)
      expect(hostile.taken()).toBe(1)
    } finally {
      await hostile.stop()
    }
  })

  it.each(['169.254.169.254', '0.0.0.0', '[fe80::1]', '224.0.0.1'])('%s is never a target', async (address) => {
    const answer = await api.request('POST', '/api/v1/tickets', { body: { kind: 'shell', address: `root@${address}` } })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.json).toMatchObject({ error: { code: 'address_not_allowed' } })
  })

  it('Sallyport’s own listener is never a target', async () => {
    const answer = await api.request('POST', '/api/v1/tickets', { body: { kind: 'shell', address: `root@127.0.0.1:${product.port}` } })
    expect(answer.json).toMatchObject({ error: { code: 'address_not_allowed' } })
  })
})
