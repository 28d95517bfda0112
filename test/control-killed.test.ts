// Control is killed with -9 while a terminal types: no byte is lost and nothing has to be opened again.
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ApiClient } from './harness/api-client.ts'
import { type Product, startProduct } from './harness/product.ts'
import { download, openTerminal, saveHost, type SavedHost, type SessionRow, shownBytes } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { waitUntil } from './harness/wait.ts'

let sshd: TestSshd
let product: Product
let api: ApiClient
let host: SavedHost

beforeAll(async () => {
  ;[sshd, product] = await Promise.all([startSshd(), startProduct()])
  api = await product.claim()
  host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey })
})
afterAll(async () => {
  await product?.stop()
  await sshd?.stop()
})

it('types on through the death of control, and the recording is whole', async () => {
  const terminal = await openTerminal(product, api, host)
  const welcome = await terminal.waitForWelcome()
  terminal.send("PS1=''; stty -echo\n")
  await new Promise((resolve) => setTimeout(resolve, 300))
  const [before] = product.controlPids()
  expect(before).toBeGreaterThan(0)
  let killed = false
  for (let key = 0; key < 200; key += 1) {
    if (key === 60) {
      process.kill(before ?? -1, 'SIGKILL')
      killed = true
    }
    terminal.send(`echo typed-${key}-$((${key}+1))\n`)
    await terminal.waitFor(`typed-${key}-${key + 1}`, 3000)
  }
  expect(killed).toBe(true)
  expect(terminal.closed).toBeUndefined()
  const after = await waitUntil('control to be started again', () => product.controlPids().find((pid) => pid !== before))
  expect(after).not.toBe(before)
  // Each gateway links by itself; until it has, it answers 503.
  const rowOf = async () => {
    const answer = await api.request('GET', `/api/v1/sessions/${welcome.session}`)
    return answer.status === 200 ? (answer.json as SessionRow) : undefined
  }
  await waitUntil('the session to be live again', async () => (await rowOf())?.state === 'live', { withinMs: 20_000 })
  terminal.send('exit\n')
  expect((await terminal.waitForEnded()).reason).toBe('exited')
  await waitUntil('the recording to be sealed', async () => (await rowOf())?.recording?.state === 'intact', { withinMs: 20_000 })
  await waitUntil(
    'both gateways to be linked',
    async () => (await Promise.all(Array.from({ length: 8 }, () => api.request('GET', '/readyz')))).every((answer) => answer.status === 200),
    { withinMs: 20_000 },
  )
  expect(shownBytes(await download(api, welcome.session, 'v3')).equals(terminal.bytes)).toBe(true)
})

it('refuses new sessions in words while control is away', async () => {
  const { ticket } = await api.call<{ ticket: string }>('POST', '/tickets', { kind: 'shell', asset: host.id, account: host.account })
  expect(ticket.length).toBeGreaterThan(20)
  for (const pid of product.controlPids()) process.kill(pid, 'SIGSTOP')
  try {
    for (const pid of product.controlPids()) process.kill(pid, 'SIGKILL')
    const answer = await api.request('GET', '/api/v1/me')
    // Restarting takes a moment: within it the gateway answers for control, or control is back already.
    expect([200, 503]).toContain(answer.status)
    if (answer.status === 503) expect(answer.json).toMatchObject({ error: { code: 'control_unreachable' } })
  } finally {
    await waitUntil('the API to answer again', async () => (await api.request('GET', '/api/v1/me')).status === 200, { withinMs: 20_000 })
  }
})
