// A thousand people at terminals of their own ssh, on one gateway: all of them live, and nothing of them stays.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { cpuSeconds, family, memoryBytes } from '../../bench/cost.ts'
import type { ApiClient } from '../harness/api-client.ts'
import { lookInside, lookWhenQuiet, moreHandles } from '../harness/inside.ts'
import { growthOf } from '../harness/many-sessions.ts'
import { type Product, startProduct } from '../harness/product.ts'
import { makeRawPeople, openRawTerminals, type RawPerson, type RawTerminal } from '../harness/raw-terminals.ts'
import { listSessions, saveHost } from '../harness/saved-host.ts'
import { startSshd, type TestSshd } from '../harness/sshd.ts'
import { waitUntil } from '../harness/wait.ts'

const people = 1000
/** Code is compiled and pools are filled while these come and go. */
const first = 100

let sshd: TestSshd
let product: Product
let api: ApiClient
let someone: RawPerson[]

beforeAll(async () => {
  ;[sshd, product] = await Promise.all([
    // The cheapest program that answers: it is not the host that is looked at.
    startSshd({ config: ['ForceCommand echo ready; exec cat'] }),
    startProduct({ gateways: 1, flags: ['--sessions-per-operator', `${people + first}`] }),
  ])
  api = await product.claim()
  await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }, { name: 'web1' })
  someone = await makeRawPeople(product, people)
})
afterAll(async () => {
  await product?.stop()
  await sshd?.stop()
})

const open = (count: number) => openRawTerminals(count, product, someone, 'web1', 'ready\r\n')
const live = async () => (await listSessions(api, '?state=live&size=1')).total
/** Half of them end what runs, half close their client. */
async function end(terminals: readonly RawTerminal[]) {
  for (const [at, terminal] of terminals.entries())
    if (at % 2 === 0) terminal.type('\x04')
    else terminal.leave()
  await waitUntil('all to have ended', async () => terminals.every(({ isClosed }) => isClosed) && (await live()) === 0, { withinMs: 120_000, everyMs: 500 })
  const rows = (await listSessions(api, '?state=ended&size=200')).items
  expect(new Set(rows.map(({ endReason }) => endReason))).toEqual(new Set(['exited', 'owner_gone']))
}

it('a thousand terminals live on one gateway, answer, and leave nothing behind', async () => {
  await end(await open(first))
  const before = await lookWhenQuiet(product)
  const bytesBefore = memoryBytes(family(product.pid))

  const terminals = await open(people)
  // Every client is asked for a sign of life meanwhile, and the first block of each recording is cut.
  const cpuBefore = cpuSeconds(family(product.pid))
  await new Promise((resolve) => setTimeout(resolve, 20_000))
  const cpu = (cpuSeconds(family(product.pid)) - cpuBefore) / 20
  expect(await live()).toBe(people)
  for (let at = 0; at < people; at += 50) {
    terminals[at]?.type(`echo-${at}\n`)
    await terminals[at]?.waitFor(`echo-${at}\r\necho-${at}\r\n`)
  }
  await lookInside(product)
  const kilobytes = (memoryBytes(family(product.pid)) - bytesBefore) / people / 1000
  process.stdout.write(`${people} terminals: ${kilobytes.toFixed(0)} KB and ${((cpu / people) * 1e6).toFixed(0)} µs/s each\n`)

  await end(terminals)
  const after = await lookWhenQuiet(product)
  expect(moreHandles(before, after)).toEqual([])
  for (const { name, per1000 } of growthOf(before, after, people)) {
    expect(per1000.objects, name).toBeLessThan(1000)
    expect(per1000.heapBytes, name).toBeLessThan(2_000_000)
  }
  // `npm run bench native-idle` holds the number itself; this is the bound that a leak would break.
  expect(kilobytes).toBeLessThan(250)
}, 1_500_000)
