// The large counts of `test/floods.test.ts`: fifty floods beside one who types, two hundred people who do not read.
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ApiClient } from '../harness/api-client.ts'
import { costOfStalledReaders, slowestEchoes, startFloods } from '../harness/floods.ts'
import { type Product, startProduct } from '../harness/product.ts'
import { openTerminal, saveHost, type SavedHost } from '../harness/saved-host.ts'
import { startSshd, type TestSshd } from '../harness/sshd.ts'

let sshd: TestSshd
let product: Product
let api: ApiClient
let host: SavedHost

beforeAll(async () => {
  ;[sshd, product] = await Promise.all([startSshd(), startProduct({ flags: ['--sessions-per-operator', '1000', '--grace-seconds', '600'] })])
  api = await product.claim()
  host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey })
})
afterAll(async () => {
  await product?.stop()
  await sshd?.stop()
})

it('two hundred stalled readers cost at most 4 MB each and keep their sessions', async () => {
  const { perReader, live } = await costOfStalledReaders(product, api, host, 200)
  expect(perReader).toBeLessThan(4 * 1024 * 1024)
  expect(live).toBe(200)
})

it('whoever types feels at most 50 ms of floods in fifty other sessions', async () => {
  const floods = await startFloods(product, api, host, 50)
  try {
    const terminal = await openTerminal(product, api, host)
    await terminal.waitForWelcome(60_000)
    terminal.send("PS1=''; cat >/dev/null\n")
    await terminal.waitFor('cat >/dev/null\r\n', 30_000)
    expect(await slowestEchoes(terminal, 300)).toBeLessThan(50)
  } finally {
    await floods.stop()
  }
})
