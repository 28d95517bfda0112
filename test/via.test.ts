// Hosts that are reached through others, and what becomes of keys that nobody has compared: real sshds in a row, the product from outside.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiClient } from './harness/api-client.ts'
import { type Product, startProduct } from './harness/product.ts'
import { findSession, openTerminal, saveHost, type SavedHost } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { waitUntil } from './harness/wait.ts'

let far: TestSshd
let first: TestSshd
let second: TestSshd
let product: Product
let api: ApiClient
let web1: SavedHost
let web2: SavedHost
let db1: SavedHost

beforeAll(async () => {
  product = await startProduct()
  ;[far, first, second] = await Promise.all([startSshd(), startSshd(), startSshd()])
  api = await product.claim()
  web1 = await saveHost(api, first, { kind: 'password', password: first.password ?? '' }, { name: 'web1' })
  web2 = await saveHost(api, second, { kind: 'key', privateKey: second.userKeys.ed25519.privateKey }, { name: 'web2' })
  db1 = await saveHost(api, far, { kind: 'password', password: far.password ?? '' }, { name: 'db1' })
})
afterAll(async () => {
  await product?.stop()
  await Promise.all([far, first, second].map((sshd) => sshd?.stop()))
})

type Step = { step: string; ok: boolean; failure?: string; message: string }
type Asset = {
  via?: { assetName: string }
  reach?: { state: string; failure?: string; rttMs?: number }
  changedKeys: number
  hostKeys: { fingerprint: string }[]
}
const via = (host: SavedHost | undefined) => (host ? { via: { asset: host.id, account: host.accountId } } : { via: null })
const change = (host: SavedHost, body: object) => api.call<Asset>('PATCH', `/assets/${host.id}`, body)
const asset = (host: SavedHost) => api.call<Asset>('GET', `/assets/${host.id}`)
const nobodyOn = (...hosts: TestSshd[]) =>
  waitUntil('every connection to be closed', () => hosts.every((sshd) => sshd.sessionPids().length === 0), { withinMs: 10_000 })

async function echoes(host: SavedHost, word: string): Promise<void> {
  const terminal = await openTerminal(product, api, host)
  await terminal.waitForWelcome()
  terminal.send(`echo "${word}=$((20+22))"\n`)
  await terminal.waitFor(`${word}=42`)
  terminal.send('exit\n')
  expect(await terminal.waitForEnded()).toMatchObject({ reason: 'exited' })
}

describe('a host behind others', () => {
  it('opens through one and through two, closes all of it, and is looked at the same way', async () => {
    await change(db1, via(web1))
    await echoes(db1, 'one')
    await change(web1, via(web2))
    await echoes(db1, 'two')
    await nobodyOn(far, first, second)
    expect(first.log()).not.toContain('Starting session')
    const { steps } = await api.call<{ steps: Step[] }>('POST', `/assets/${db1.id}/check`, { account: db1.accountId })
    expect(steps.map(({ step, ok }) => [step, ok])).toEqual([
      ['reach', true],
      ['key', true],
      ['sign-in', true],
    ])
    const scanned = await api.call<{ items: { fingerprint: string }[] }>('POST', `/assets/${db1.id}/host-keys/scan`, {})
    expect(scanned.items.map(({ fingerprint }) => fingerprint).toSorted()).toEqual(db1.hostKeys.map(({ fingerprint }) => fingerprint).toSorted())
    expect(await api.call('POST', `/assets/${db1.id}/reach`, {})).toMatchObject({ state: 'reachable', rttMs: expect.any(Number) as number })
    expect(await asset(db1)).toMatchObject({ via: { assetName: 'web1' }, reach: { state: 'reachable' } })
    await nobodyOn(far, first, second)
  })

  it('is lost with a host on the way, which is named', async () => {
    const terminal = await openTerminal(product, api, db1)
    const { session } = await terminal.waitForWelcome()
    terminal.send('echo "here=$((1+1))"\n')
    await terminal.waitFor('here=2')
    second.cutSessions()
    const ended = await terminal.waitForEnded()
    expect(ended.reason).toBe('host_lost')
    expect(ended.message).toMatch(/through web2/)
    await nobodyOn(far, first, second)
    await waitUntil('the end to be known', async () => (await findSession(api, session)).state === 'ended')
    expect(await findSession(api, session)).toMatchObject({ endReason: 'host_lost', endMessage: expect.stringMatching(/through web2/) as string })
    await change(web1, via(undefined))
  })

  it('asks the person for the password of a host on the way, by its name', async () => {
    const asking = await saveHost(api, second, { kind: 'ask' }, { name: 'asking' })
    await change(db1, via(asking))
    const terminal = await openTerminal(product, api, db1)
    const prompt = await terminal.waitForPrompt()
    expect(prompt).toMatchObject({ kind: 'password', account: second.user, hop: 'asking' })
    terminal.answer(prompt, [second.password ?? ''])
    await terminal.waitForWelcome()
    terminal.send('exit\n')
    await terminal.waitForEnded()
    await change(db1, via(web1))
  })

  it('is not dialled past a host whose key has changed; an administrator decides', async () => {
    await first.replaceHostKeys()
    const passwords = first.log().match(/Accepted password/g)?.length ?? 0
    const terminal = await openTerminal(product, api, db1)
    const ended = await terminal.waitForEnded()
    expect(ended).toMatchObject({
      reason: 'host_key_changed',
      failure: 'host_key_changed',
      message: expect.stringMatching(/^Reaching db1 through web1: /) as string,
    })
    expect(first.log().match(/Accepted password/g)?.length ?? 0).toBe(passwords)
    expect((await asset(web1)).changedKeys).toBe(1)
    type Change = { id: string; assetName: string; offered: { fingerprint: string }; trusted: { fingerprint: string }[]; operator: string }
    const { items } = await api.call<{ items: Change[] }>('GET', '/host-key-changes')
    expect(items).toMatchObject([{ assetName: 'web1', operator: 'ada' }])
    const offered = items[0]?.offered.fingerprint
    expect(Object.values(first.hostKeys).map(({ fingerprint }) => fingerprint)).toContain(offered)
    const at = `/host-key-changes/${items[0]?.id}/decide`
    expect((await api.request('POST', `/api/v1${at}`, { body: { decision: 'trust', expected: [] } })).json).toMatchObject({ error: { code: 'conflict' } })
    await api.call('POST', at, { decision: 'trust', expected: items[0]?.trusted.map(({ fingerprint }) => fingerprint) })
    expect(await asset(web1)).toMatchObject({ changedKeys: 0, hostKeys: [{ fingerprint: offered }] })
    await echoes(db1, 'again')
  })
})

describe('policies of host keys', () => {
  it('pin the first key, and refuse another', async () => {
    const pinned = await saveHost(api, second, { kind: 'password', password: second.password ?? '' }, { name: 'pinned', trust: false })
    await change(pinned, { hostKeyPolicy: 'pin-first' })
    await echoes(pinned, 'pinned')
    expect((await asset(pinned)).hostKeys).toHaveLength(1)
    await second.replaceHostKeys()
    expect(await (await openTerminal(product, api, pinned)).waitForEnded()).toMatchObject({ failure: 'host_key_changed' })
  })

  it('accept any key of a host that is made anew, saying which', async () => {
    const anew = await saveHost(api, second, { kind: 'password', password: second.password ?? '' }, { name: 'anew', trust: false })
    await change(anew, { hostKeyPolicy: 'ephemeral' })
    for (let time = 0; time < 2; time += 1) {
      const terminal = await openTerminal(product, api, anew)
      await terminal.waitForWelcome()
      const about = { code: 'host_key_accepted', host: 'anew', fingerprint: second.hostKeys.ed25519.fingerprint }
      expect(terminal.notices).toContainEqual(expect.objectContaining({ level: 'warning', about }))
      terminal.send('exit\n')
      await terminal.waitForEnded()
      if (time === 0) await second.replaceHostKeys()
    }
    expect((await asset(anew)).hostKeys).toEqual([])
  })
})

describe('reachability', () => {
  it('is found by itself soon after a host is added, and by a session that fails', async () => {
    const gone = await startSshd()
    const host = await saveHost(api, gone, { kind: 'ask' }, { name: 'going' })
    await waitUntil('the first look', async () => (await asset(host)).reach?.state === 'reachable', { withinMs: 15_000 })
    await gone.stop()
    await (await openTerminal(product, api, host)).waitForEnded()
    await waitUntil('the end to be told', async () => (await asset(host)).reach?.failure === 'host_refused')
    expect(await api.call('POST', `/assets/${host.id}/reach`, {})).toMatchObject({ state: 'unreachable', failure: 'host_refused' })
  })
})
