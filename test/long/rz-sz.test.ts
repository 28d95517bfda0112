// What `npm test` sees in small: files as large as ZMODEM carries, both ways, and transfers that are cancelled at random moments, twenty times from each side.
import { execFileSync } from 'node:child_process'
import { createHash, randomInt } from 'node:crypto'
import { chmodSync, closeSync, createReadStream, mkdirSync, openSync, readSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiClient } from '../harness/api-client.ts'
import { type Product, startProduct } from '../harness/product.ts'
import { TransferPerson } from '../harness/rz-sz.ts'
import { saveHost, type SavedHost } from '../harness/saved-host.ts'
import { startSshd, type TestSshd } from '../harness/sshd.ts'
import { makeTempFolder } from '../harness/temp-folder.ts'

const mib = 1024 * 1024
const withinMs = 30 * 60_000
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
  for (const each of [folder.path, path.join(folder.path, 'in')]) chmodSync(each, 0o777)
  person = await TransferPerson.open(product, api, host, path.join(folder.path, 'in'))
}, 60_000)
afterAll(async () => {
  await product?.stop()
  await sshd?.stop()
  await folder?.remove()
})

async function digestOfFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(file, { highWaterMark: mib }) as AsyncIterable<Buffer>) hash.update(piece)
  return hash.digest('hex')
}

describe('a large file', () => {
  for (const bytes of [1024 * mib, 3_900_000_000])
    it(
      `of ${bytes} bytes goes both ways`,
      async () => {
        const file = path.join(folder.path, 'large')
        execFileSync('sh', ['-c', `head -c ${bytes} /dev/urandom > '${file}'; chmod 644 '${file}'`])
        const sha256 = await digestOfFile(file)
        const down = await person.run(`sz '${file}'`)
        expect(await person.fetch(down.id)).toMatchObject({ status: 200, bytes, sha256, isWhole: true })
        expect((await person.final(down.id)).state).toBe('done')
        const up = await person.run('rz -y')
        const descriptor = openSync(file, 'r')
        const read = (from: number, length: number) => {
          const piece = Buffer.alloc(length)
          readSync(descriptor, piece, 0, length, from)
          return piece
        }
        expect(await person.send(up.id, [{ name: 'up', bytes, read }], { withinMs })).toMatchObject({ state: 'done', files: [{ sha256 }] })
        closeSync(descriptor)
        expect(await digestOfFile(path.join(folder.path, 'in', 'up'))).toBe(sha256)
        await person.prompt()
      },
      withinMs,
    )
})

describe('a cancelled transfer', () => {
  it(
    'gives the prompt back, twenty times of twenty, from each side',
    async () => {
      execFileSync('truncate', ['-s', '2000000000', path.join(folder.path, 'long')])
      const ways: ((id: string) => void)[] = [(id) => person.act({ act: 'cancel', id }), () => person.terminal.send('\x03')]
      for (let time = 0; time < 20; time += 1)
        for (const [index, cancel] of ways.entries()) {
          const down = await person.run(`sz '${folder.path}/long'`)
          const fetching = person.fetch(down.id)
          await person.until(down.id, ({ moved }) => moved > 0)
          await new Promise((resolve) => setTimeout(resolve, randomInt(0, 500)))
          cancel(down.id)
          expect([time, index, (await person.final(down.id)).state, (await fetching).isWhole]).toEqual([time, index, 'cancelled', false])
          await person.prompt(5000)
          const up = await person.run('rm -f long; rz')
          const sending = person.send(up.id, [{ name: 'long', bytes: 2_000_000_000, read: (_from, length) => Buffer.alloc(length) }], { pieceBytes: mib })
          await person.until(up.id, ({ moved }) => moved > 0)
          await new Promise((resolve) => setTimeout(resolve, randomInt(0, 500)))
          cancel(up.id)
          expect([time, index, (await sending).state]).toEqual([time, index, 'cancelled'])
          await person.prompt(5000)
        }
    },
    withinMs,
  )
})
