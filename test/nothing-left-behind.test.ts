// Sessions come and go, and nothing of them stays: no timer, socket, file, map or memory. The large count is in `test/long/`.
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ApiClient } from './harness/api-client.ts'
import { lookWhenQuiet, moreHandles, type SeenInside } from './harness/inside.ts'
import { endsInControl, expectedEnds, growthOf, type ManyHosts, openAndEnd, startManyHosts } from './harness/many-sessions.ts'
import { type Product, startProduct } from './harness/product.ts'

/** Code is compiled and pools are filled while the first ones come. */
const first = 400
const further = 600

let product: Product
let api: ApiClient
let hosts: ManyHosts
let before: SeenInside[]
let after: SeenInside[]

beforeAll(async () => {
  product = await startProduct()
  api = await product.claim()
  hosts = await startManyHosts(api, 2)
})
afterAll(async () => {
  await product?.stop()
  await Promise.all((hosts?.sshds ?? []).map((sshd) => sshd.stop()))
})

it(`ends ${first + further} sessions as each is meant to end, each row and recording with it`, { timeout: 600_000 }, async () => {
  await openAndEnd(product, api, hosts, first)
  expect(await endsInControl(api, first)).toEqual(expectedEnds(first))
  before = await lookWhenQuiet(product)
  await openAndEnd(product, api, hosts, further)
  expect(await endsInControl(api, first + further)).toEqual(expectedEnds(first + further))
  after = await lookWhenQuiet(product)
})

it('holds the sockets, timers, files and sessions that it held before', () => {
  expect(moreHandles(before, after)).toEqual([])
  for (const gateway of after.slice(1)) expect(new Set(Object.values(gateway.own))).toEqual(new Set([0]))
  for (const gateway of ['g1', 'g2']) expect(spooled(gateway)).toEqual([])
})

it('holds the memory that it held before', () => {
  for (const { name, per1000 } of growthOf(before, after, further)) {
    // Less than one object for each session. Compiled code grows a while yet; one session left behind each time would be more than 10 MB.
    expect(per1000.objects, name).toBeLessThan(1000)
    expect(per1000.heapBytes, name).toBeLessThan(1_000_000)
  }
})

/** Segments of journals. */
const spooled = (gateway: string) =>
  readdirSync(path.join(product.data, 'gateways', gateway, 'spool'), { recursive: true }).filter((name) => String(name).endsWith('.journal'))
