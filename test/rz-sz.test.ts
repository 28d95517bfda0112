// `rz` and `sz` in a browser's terminal: Debian's own lrzsz on a real host, the whole product between it and HTTP.
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiClient } from './harness/api-client.ts'
import { type Product, startProduct } from './harness/product.ts'
import { digestOf, fileOf, TransferPerson } from './harness/rz-sz.ts'
import { saveHost, type SavedHost } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { makeTempFolder } from './harness/temp-folder.ts'

let sshd: TestSshd
let product: Product
let api: ApiClient
let host: SavedHost
let folder: Awaited<ReturnType<typeof makeTempFolder>>
let person: TransferPerson
beforeAll(async () => {
  ;[sshd, product, folder] = await Promise.all([startSshd(), startProduct(), makeTempFolder('rz-sz')])
  api = await product.claim()
  host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey })
  mkdirSync(path.join(folder.path, 'in'))
  chmodSync(path.join(folder.path, 'in'), 0o777)
  chmodSync(folder.path, 0o777)
  person = await TransferPerson.open(product, api, host, folder.path)
})
afterAll(async () => {
  await product?.stop()
  await sshd?.stop()
  await folder?.remove()
})

describe('sz', () => {
  it('brings files to whoever fetches them, whole', async () => {
    const bytes = randomBytes(10 * 1024 * 1024)
    writeFileSync(path.join(folder.path, 'ten.bin'), bytes)
    const card = await person.run('sz ten.bin')
    const got = await person.fetch(card.id)
    expect(got).toMatchObject({ status: 200, isWhole: true, sha256: digestOf(bytes) })
    await person.prompt()
  })
})
describe('rz', () => {
  it('takes files', async () => {
    const bytes = randomBytes(10 * 1024 * 1024)
    const card = await person.run('cd in; rz')
    const final = await person.send(card.id, [fileOf('up.bin', bytes)])
    expect(await person.sha256('up.bin')).toBe(digestOf(bytes))
  })
})
