// Access that ends while it is used: whatever takes it away ends the terminal within 5 s, tells why, and leaves no watcher behind (AUTHZ-05, AUTHZ-08, AUTH-15, WEB-08).
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ApiClient, ApiRefused } from './harness/api-client.ts'
import { type Product, startProduct } from './harness/product.ts'
import { findSession, openLive, openTerminal, saveHost, type SavedHost } from './harness/saved-host.ts'
import { addOperator } from './harness/second-operator.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { TerminalClient } from './harness/terminal-client.ts'
import { waitUntil } from './harness/wait.ts'

const withinMs = 5000
const timeIsOver = 'The time for which you were given access to this host is over.'
let sshd: TestSshd
let product: Product
let admin: ApiClient
let auditor: ApiClient
beforeAll(async () => {
  ;[sshd, product] = await Promise.all([startSshd(), startProduct({ gateways: 2 })])
  admin = await product.claim()
  auditor = await addOperator(product, 'grace', 'Grace', 'auditor')
})
afterAll(async () => {
  await product?.stop()
  await sshd?.stop()
})

type Member = { api: ApiClient; id: string; host: SavedHost }
type Terms = Record<string, unknown>
let members = 0
/** Somebody new, with a host of their own that nothing permits them yet. */
async function member(): Promise<Member> {
  const username = `m${++members}`
  const [api, host] = await Promise.all([
    addOperator(product, username, username, 'member'),
    saveHost(admin, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }, { name: `host-of-${username}` }),
  ])
  const { items } = await admin.call<{ items: { id: string; username: string }[] }>('GET', `/operators?q=${username}`)
  return { api, host, id: items.find((one) => one.username === username)?.id ?? '' }
}
const terms = ({ id, host }: Member, more: Terms = {}) => ({
  name: `grant of ${host.name}`,
  operators: [id],
  assets: [host.id],
  actions: ['shell'],
  accounts: [sshd.user],
  ...more,
})
const grant = (to: Member, more: Terms = {}) => admin.call<{ id: string }>('POST', '/grants', terms(to, more))
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString()

type Used = { session: string; terminal: TerminalClient; watcher: TerminalClient }
/** A terminal that is in use, and somebody who watches it. */
async function use({ api, host }: Member): Promise<Used> {
  const terminal = await openTerminal(product, api, host, { cookie: api.cookie })
  const { session } = await terminal.waitForWelcome()
  terminal.send('echo begun-$((40+2))\n')
  await terminal.waitFor('begun-42')
  await waitUntil('it to be live', async () => (await findSession(admin, session)).state === 'live')
  const watcher = await openLive(product, auditor, 'watch', session, { cookie: auditor.cookie })
  await watcher.waitForWelcome()
  return { session, terminal, watcher }
}

/** Both are told within 5 s from `from` on, and so does the row. */
async function seeItEnd({ session, terminal, watcher }: Used, from: number, why: { reason: string; text: string }): Promise<void> {
  const ends = await Promise.all([terminal.waitForEnded(withinMs), watcher.waitForEnded(withinMs)])
  expect(performance.now() - from).toBeLessThan(withinMs)
  expect(ends[0]).toMatchObject({ reason: why.reason, message: why.text })
  expect(ends[1]).toMatchObject({ reason: why.reason })
  await Promise.all([terminal.waitForClose(), watcher.waitForClose()])
  await waitUntil('its row to have ended', async () => (await findSession(admin, session)).state === 'ended')
  expect(await findSession(admin, session)).toMatchObject({ endReason: why.reason, endMessage: why.text })
}
/** That there are at most so many seconds left. */
const warned = ({ terminal }: Used, seconds: number) =>
  waitUntil('the warning', () => terminal.notices.find(({ about }) => about?.code === 'grant_ends_soon' && (about.seconds ?? Infinity) <= seconds))
const codeOf = (error: unknown) => (error instanceof ApiRefused ? error.code : String(error))
const ticket = ({ api, host }: Member) =>
  api.call<{ ticket: string }>('POST', '/tickets', { kind: 'shell', asset: host.id, account: host.account }).then(
    (made) => made.ticket,
    (error: unknown) => codeOf(error),
  )

describe.concurrent('a terminal in use ends, with the one who watches it, within 5 s of', () => {
  it('its grant being removed; a ticket from before opens nothing, and there is no new one (AUTHZ-05)', async () => {
    const ann = await member()
    const { id } = await grant(ann)
    const used = await use(ann)
    const early = await ticket(ann)
    const from = performance.now()
    await admin.call('DELETE', `/grants/${id}`)
    await seeItEnd(used, from, { reason: 'revoked', text: 'Your access to this host was changed.' })
    expect(await ticket(ann)).toBe('asset_not_found')
    const late = await TerminalClient.connect({ url: product.url, ticket: early, cookie: ann.api.cookie })
    expect(await late.waitForEnded()).toMatchObject({ failure: 'asset_not_found' })
  })

  it('its person being disabled (AUTH-15)', async () => {
    const ann = await member()
    await grant(ann)
    const used = await use(ann)
    const from = performance.now()
    await admin.call('PATCH', `/operators/${ann.id}`, { enabled: false })
    await seeItEnd(used, from, { reason: 'revoked', text: 'Your account was disabled.' })
    expect(await ticket(ann)).toBe('unauthenticated')
  })

  it('its host being deleted (AUTHZ-05)', async () => {
    const ann = await member()
    await grant(ann)
    const used = await use(ann)
    const from = performance.now()
    await admin.call('DELETE', `/assets/${ann.host.id}`)
    await seeItEnd(used, from, { reason: 'revoked', text: 'This host was deleted.' })
  })

  it('its person leaving the group, and its person alone (AUTHZ-05)', async () => {
    const [ann, ben] = [await member(), await member()]
    const group = await admin.call<{ id: string }>('POST', '/groups', { name: `ops ${ann.id.slice(-4)}`, members: [ann.id, ben.id] })
    for (const one of [ann, ben]) await grant(one, { operators: [], groups: [group.id] })
    const [hers, his] = [await use(ann), await use(ben)]
    const from = performance.now()
    await admin.call('PATCH', `/groups/${group.id}`, { members: [ben.id] })
    await seeItEnd(hers, from, { reason: 'revoked', text: 'Your access to this host was changed.' })
    his.terminal.send('echo still-$((40+2))\n')
    await his.terminal.waitFor('still-42')
    his.terminal.close()
  })

  it('its person signing out (WEB-08)', async () => {
    const ann = await member()
    await grant(ann)
    const used = await use(ann)
    const from = performance.now()
    await ann.api.signOut()
    await seeItEnd(used, from, { reason: 'revoked', text: 'You signed out.' })
  })

  it('its time, of which it was warned (AUTHZ-08)', async () => {
    const ann = await member()
    const { id } = await grant(ann, { until: inMs(60_000) })
    const used = await use(ann)
    await warned(used, 60)
    const over = Date.now() + 5000
    await admin.call('PUT', `/grants/${id}`, terms(ann, { until: new Date(over).toISOString() }))
    await warned(used, 5)
    const from = performance.now() + Math.max(0, over - Date.now())
    await waitUntil('its end', () => used.terminal.ended, { withinMs: over - Date.now() + withinMs })
    expect(Date.now()).toBeGreaterThanOrEqual(over)
    await seeItEnd(used, from, { reason: 'grant_expired', text: timeIsOver })
    expect(await ticket(ann)).toBe('asset_not_found')
  })

  it('nothing, where its time was prolonged before it came: of which its person is told (AUTHZ-08)', async () => {
    const ann = await member()
    const { id } = await grant(ann)
    const { terminal } = await use(ann)
    const over = Date.now() + 5000
    await admin.call('PUT', `/grants/${id}`, terms(ann, { until: new Date(over).toISOString() }))
    await admin.call('PUT', `/grants/${id}`, terms(ann, { until: inMs(3_600_000) }))
    await waitUntil('word of it', () => terminal.notices.some(({ about }) => about?.code === 'grant_prolonged'))
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, over + 500 - Date.now())))
    terminal.send('echo more-$((40+2))\n')
    await terminal.waitFor('more-42')
    terminal.close()
  })
})

describe('without control', () => {
  it('a terminal ends at its time all the same, and its row says so afterwards (AUTHZ-08)', async () => {
    const ann = await member()
    const { id } = await grant(ann)
    const used = await use(ann)
    const over = Date.now() + 4000
    await admin.call('PUT', `/grants/${id}`, terms(ann, { until: new Date(over).toISOString() }))
    await warned(used, 4)
    const [control = 0] = product.controlPids()
    process.kill(control, 'SIGSTOP')
    try {
      const ended = await used.terminal.waitForEnded(over - Date.now() + withinMs)
      expect(ended).toMatchObject({ reason: 'grant_expired', message: timeIsOver })
    } finally {
      process.kill(control, 'SIGCONT')
    }
    await waitUntil('its row to have ended', async () => (await findSession(admin, used.session)).endReason === 'grant_expired')
  })
})
