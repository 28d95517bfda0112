// Whoever comes while gateways start is let in a moment later instead of being refused: the kernel hands a connection to any gateway that listens.
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ApiClient } from './harness/api-client.ts'
import { gatewaysAreBack } from './harness/gateway-kill.ts'
import { type Product, startProduct } from './harness/product.ts'
import { openTerminal, saveHost, type SavedHost } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'

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

const refused = (error: unknown) => (error instanceof Error ? error.message : 'failed')
const tryTerminal = async () => {
  const terminal = await openTerminal(product, api, host)
  await terminal.waitForWelcome()
  terminal.close()
}
/** Until somebody listens at all, connections are refused by the kernel; that is not looked at. */
const isNobodyThere = (message: string) => /ECONNREFUSED|ECONNRESET|socket hang up/.test(message)

it.each([1, 2, 3])('opens terminals and answers the API from the first connection on (round %i)', async () => {
  for (const pid of product.gatewayPids()) process.kill(pid, 'SIGKILL')
  const refusals: string[] = []
  let opened = 0
  const until = performance.now() + 30_000
  // Right through the time in which one gateway is back and the other is not.
  while (opened < 20 && performance.now() < until) {
    const tries = await Promise.allSettled([tryTerminal(), tryTerminal(), api.call('GET', '/me')])
    opened += tries.filter(({ status }) => status === 'fulfilled').length
    refusals.push(...tries.flatMap((one) => (one.status === 'rejected' ? refused(one.reason) : [])).filter((message) => !isNobodyThere(message)))
  }
  expect(refusals).toEqual([])
  expect(opened).toBeGreaterThanOrEqual(20)
  await gatewaysAreBack(product, api)
})
