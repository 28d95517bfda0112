// Large files over HTTP: a gigabyte each way and five sparse gibibytes, whole, and without the gateway growing with them.
import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ApiClient } from '../harness/api-client.ts'
import { FilesClient } from '../harness/files-client.ts'
import { type Product, startProduct } from '../harness/product.ts'
import { saveHost } from '../harness/saved-host.ts'
import { startSshd, type TestSshd } from '../harness/sshd.ts'

const gigabyte = 1_000_000_000
const pieceBytes = 8 * 1024 * 1024
const withinMs = 20 * 60_000
/** What V8 and the allocator keep of buffers that have passed; two gateways together. */
const mostGrownMb = 150

let sshd: TestSshd
let product: Product
let api: ApiClient
let files: FilesClient
let folder: string

beforeAll(async () => {
  ;[sshd, product] = await Promise.all([startSshd(), startProduct()])
  api = await product.claim()
  files = await FilesClient.open(api, await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey }))
  folder = path.join(sshd.home, `large-${process.pid}`)
  execFileSync('install', ['-d', '-o', sshd.user, folder])
}, 60_000)
afterAll(async () => {
  await product?.stop()
  await sshd?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const residentMb = () =>
  product.gatewayPids().reduce((sum, pid) => sum + Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024, 0)
const digestOf = (name: string) => execFileSync('sha256sum', [name], { encoding: 'utf8' }).slice(0, 64)

/** SHA-256 and length of what comes. */
function download(name: string): Promise<{ sha256: string; bytes: number; seconds: number }> {
  const startedMs = performance.now()
  return new Promise((resolve, reject) => {
    const asked = request(product.url + files.path('content', { path: name }), { headers: { cookie: api.cookie }, agent: false }, (answer) => {
      const hash = createHash('sha256')
      let bytes = 0
      answer.on('data', (chunk: Buffer) => {
        hash.update(chunk)
        bytes += chunk.length
      })
      answer.on('end', () => resolve({ sha256: hash.digest('hex'), bytes, seconds: (performance.now() - startedMs) / 1000 })).on('error', reject)
    })
    asked.on('error', reject).end()
  })
}
const say = (what: string, bytes: number, seconds: number) => process.stdout.write(`${what}: ${(bytes / 1e6 / seconds).toFixed(0)} MB/s\n`)

it(
  'a gigabyte goes in and comes out whole, and the gateways stay as they are',
  async () => {
    const name = path.join(folder, 'gigabyte')
    const before = residentMb()
    const startedMs = performance.now()
    const { upload } = await files.start(name, gigabyte)
    const hash = createHash('sha256')
    for (let at = 0; at < gigabyte; at += pieceBytes) {
      const piece = Buffer.alloc(Math.min(pieceBytes, gigabyte - at), `${at} `)
      hash.update(piece)
      expect((await files.put(upload, at, piece)).status).toBe(200)
    }
    const sha256 = hash.digest('hex')
    expect(await files.finish(upload)).toMatchObject({ bytes: gigabyte, sha256, verified: 'host' })
    say('in', gigabyte, (performance.now() - startedMs) / 1000)
    expect(digestOf(name)).toBe(sha256)
    const came = await download(name)
    say('out', came.bytes, came.seconds)
    expect(came).toMatchObject({ sha256, bytes: gigabyte })
    expect((await files.transfers())[0]).toMatchObject({ state: 'done', sha256, verified: 'host' })
    const grown = residentMb() - before
    process.stdout.write(`the gateways grew by ${grown.toFixed(0)} MB\n`)
    expect(grown).toBeLessThan(mostGrownMb)
  },
  withinMs,
)

it(
  'five gibibytes with holes come out whole, and any part of them',
  async () => {
    const name = path.join(folder, 'sparse')
    const bytes = 5 * 1024 ** 3
    execFileSync('sh', ['-c', `truncate -s ${bytes} "$0" && printf end | dd of="$0" bs=1 seek=${bytes - 3} conv=notrunc status=none`, name])
    const came = await download(name)
    say('out, with holes', came.bytes, came.seconds)
    expect(came).toMatchObject({ bytes, sha256: digestOf(name) })
    const tail = await files.content(name, { range: `bytes=${bytes - 3}-` })
    expect([tail.status, tail.text, tail.headers['content-range']]).toEqual([206, 'end', `bytes ${bytes - 3}-${bytes - 1}/${bytes}`])
  },
  withinMs,
)
