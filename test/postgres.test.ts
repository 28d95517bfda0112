// The same road with PostgreSQL in the place of SQLite.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startPostgres } from './harness/postgres.ts'
import { type Product, startProduct } from './harness/product.ts'
import { findSession, listSessions, openTerminal, saveHost } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { waitUntil } from './harness/wait.ts'

let sshd: TestSshd
let product: Product
let postgres: Awaited<ReturnType<typeof startPostgres>>

beforeAll(async () => {
  ;[sshd, postgres] = await Promise.all([startSshd(), startPostgres()])
})
afterAll(async () => {
  await product?.stop()
  await postgres?.stop()
  await sshd?.stop()
})

it('claims, connects, records and lists on PostgreSQL', async () => {
  product = await startProduct({ database: await postgres.makeDatabase() })
  const api = await product.claim()
  const host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey })
  const terminal = await openTerminal(product, api, host)
  const { session } = await terminal.waitForWelcome()
  terminal.send('exit 4\n')
  expect(await terminal.waitForEnded()).toMatchObject({ reason: 'exited', exitStatus: 4 })
  await waitUntil('the recording to be sealed', async () => (await findSession(api, session)).recording?.state === 'intact')
  expect((await listSessions(api, '?state=ended&sort=-startedAt')).items[0]).toMatchObject({ id: session, exitStatus: 4 })
})
