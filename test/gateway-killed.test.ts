// `kill -9` of the gateways in mid-flood: the recording holds at least what the client was shown, and plays.
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ApiClient } from './harness/api-client.ts'
import { gatewaysAreBack, killGatewaysInMidFlood } from './harness/gateway-kill.ts'
import { type Product, startProduct } from './harness/product.ts'
import { saveHost, type SavedHost } from './harness/saved-host.ts'
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

it.each([1, 2, 3, 4, 5])('loses nothing that was shown when the gateways are killed in mid-flood (round %i)', async () => {
  const { shown, recorded } = await killGatewaysInMidFlood(product, api, host)
  expect(shown).toBeGreaterThan(100_000)
  expect(recorded).toBeGreaterThanOrEqual(shown)
  await gatewaysAreBack(product, api)
  await waitUntil('the host to be left', () => sshd.sessionPids().length === 0, { withinMs: 30_000 })
})
