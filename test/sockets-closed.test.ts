// A right that has ended ends its WebSocket within 5 s, whatever the client does: sign-out, idleness, an administrator's end (WEB-08).
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ApiClient } from './harness/api-client.ts'
import { type Product, startProduct } from './harness/product.ts'
import { openTerminal, saveHost, type SavedHost } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import type { TerminalClient } from './harness/terminal-client.ts'
import { waitUntil } from './harness/wait.ts'

const idleSeconds = 10
let sshd: TestSshd
let product: Product
let api: ApiClient
let host: SavedHost

beforeAll(async () => {
  ;[sshd, product] = await Promise.all([startSshd(), startProduct({ gateways: 1, flags: ['--idle-seconds', `${idleSeconds}`] })])
  api = await product.claim()
  host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey })
})
afterAll(async () => {
  await product?.stop()
  await sshd?.stop()
})

async function openAs(asked: ApiClient): Promise<{ terminal: TerminalClient; session: string }> {
  const terminal = await openTerminal(product, asked, host)
  const { session } = await terminal.waitForWelcome()
  return { terminal, session }
}
/** Connections of the gateway that are open, by the kernel's own list. */
const connections = () =>
  readFileSync('/proc/net/tcp', 'latin1')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(`:${product.port.toString(16).toUpperCase().padStart(4, '0')}`) && state === '01').length
const gone = () => waitUntil('every connection to be gone', () => connections() === 0, { withinMs: 5000 })

it('is closed when its person signs out, also one that reads nothing', async () => {
  const other = await product.signIn()
  const [reading, deaf, idle] = [await openAs(other), await openAs(other), await openTerminal(product, other, host, { says: false })]
  deaf.terminal.stall()
  expect(connections()).toBeGreaterThanOrEqual(3)
  await other.signOut()
  expect((await reading.terminal.waitForEnded(5000)).reason).toBe('revoked')
  expect((await reading.terminal.waitForClose(5000)).code).toBe(1000)
  // It has not said HELLO yet and never will be let in.
  await idle.waitForClose(6000)
  await gone()
})

it('is closed when nothing happens in it for as long as is allowed', async () => {
  const { terminal } = await openAs(api)
  await waitUntil('the prompt', () => terminal.received > 0)
  const from = performance.now()
  expect((await terminal.waitForEnded(idleSeconds * 1000 + 5000)).reason).toBe('idle')
  await terminal.waitForClose(5000)
  expect(performance.now() - from).toBeGreaterThan(idleSeconds * 1000 - 3000)
  expect(terminal.notices.some(({ level, text }) => level === 'warning' && /ends in \d+ seconds/.test(text))).toBe(true)
  await gone()
})

it('is closed when an administrator ends it, also one that reads nothing', async () => {
  const [reading, deaf] = [await openAs(api), await openAs(api)]
  deaf.terminal.stall()
  await Promise.all([reading, deaf].map(({ session }) => api.call('POST', `/sessions/${session}/terminate`, { reason: 'enough' })))
  expect((await reading.terminal.waitForEnded(5000)).reason).toBe('terminated')
  await reading.terminal.waitForClose(5000)
  await gone()
})
