// WebSocket frames that no browser sends (WEB-05): each is answered with the right close code, and costs the gateway no memory.
import { readFileSync } from 'node:fs'
import { deflateRawSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeJson } from '#wire/terminal.ts'
import type { ApiClient } from './harness/api-client.ts'
import { type Product, startProduct } from './harness/product.ts'
import { opcodes, type RawFrame, RawWebSocket } from './harness/raw-web-socket.ts'
import { saveHost, type SavedHost } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { waitUntil } from './harness/wait.ts'

let sshd: TestSshd
let product: Product
let api: ApiClient
let host: SavedHost

beforeAll(async () => {
  ;[sshd, product] = await Promise.all([startSshd(), startProduct({ gateways: 1 })])
  api = await product.claim()
  host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey })
})
afterAll(async () => {
  await product?.stop()
  await sshd?.stop()
})

const { binary, close, continuation, ping, text } = opcodes
const rssBytes = () => Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${product.gatewayPids()[0] ?? 0}/status`, 'latin1'))?.[1]) * 1024
const gatewayPid = () => product.gatewayPids()[0]
const mib = 1024 * 1024

/** A terminal whose shell is open, spoken by hand. */
async function openByHand(): Promise<RawWebSocket> {
  const { ticket } = await api.call<{ ticket: string }>('POST', '/tickets', { kind: 'shell', asset: host.id, account: host.account })
  const raw = await RawWebSocket.open(product.url)
  raw.send({ opcode: binary, payload: encodeJson('hello', { ticket, cols: 80, rows: 24 }) })
  await waitUntil('WELCOME', () => raw.frames().some(({ opcode, payload }) => opcode === binary && payload[0] === 0x02), { withinMs: 20_000, everyMs: 10 })
  return raw
}

const hostile: [name: string, frames: RawFrame[], code: number][] = [
  ['a frame without a mask', [{ opcode: binary, masked: false, payload: Buffer.of(0x7e, 0, 0, 0, 1) }], 1002],
  ['the first reserved bit, of a compression that was not agreed on', [{ opcode: binary, reserved: 4, payload: deflateRawSync(Buffer.alloc(1000)) }], 1002],
  ['the second reserved bit', [{ opcode: binary, reserved: 2, payload: Buffer.of(0x7e) }], 1002],
  ['the third reserved bit', [{ opcode: binary, reserved: 1, payload: Buffer.of(0x7e) }], 1002],
  ['a kind of frame that does not exist', [{ opcode: 3 }], 1002],
  ['a kind of control frame that does not exist', [{ opcode: 11 }], 1002],
  ['a ping in pieces', [{ opcode: ping, fin: false, payload: Buffer.of(1) }], 1002],
  ['a ping of 126 bytes', [{ opcode: ping, payload: Buffer.alloc(126) }], 1002],
  ['a continuation of nothing', [{ opcode: continuation, payload: Buffer.of(1) }], 1002],
  [
    'a new message in the middle of one',
    [
      { opcode: binary, fin: false, payload: Buffer.of(0x7e) },
      { opcode: binary, payload: Buffer.of(0x7e) },
    ],
    1002,
  ],
  ['a close frame of one byte', [{ opcode: close, payload: Buffer.of(3) }], 1002],
  ['a close code that may not be sent', [{ opcode: close, payload: Buffer.of(0x03, 0xed) }], 1002],
  ['a close reason that is not UTF-8', [{ opcode: close, payload: Buffer.of(0x03, 0xe8, 0xff, 0xfe) }], 1007],
  ['text that is not UTF-8', [{ opcode: text, payload: Buffer.of(0xc3, 0x28) }], 1007],
  ['text that is overlong', [{ opcode: text, payload: Buffer.of(0xc0, 0xaf) }], 1007],
  ['text that is a lone surrogate', [{ opcode: text, payload: Buffer.of(0xed, 0xa0, 0x80) }], 1007],
  ['text that is right', [{ opcode: text, payload: Buffer.from('hello') }], 1003],
  ['2^63 bytes', [{ opcode: binary, claims: 2n ** 63n }], 1009],
  ['2^64 - 1 bytes', [{ opcode: binary, claims: 2n ** 64n - 1n }], 1009],
  ['2^53 bytes', [{ opcode: binary, claims: 2n ** 53n }], 1009],
  ['1 GiB', [{ opcode: binary, claims: 2n ** 30n }], 1009],
  ['more in pieces than may come in one', Array.from({ length: 5 }, () => ({ opcode: 0, fin: false, payload: Buffer.alloc(40_000) })), 1009],
  ['a message of endless small pieces', Array.from({ length: 200 }, () => ({ opcode: 0, fin: false, payload: Buffer.of(1) })), 1008],
]
/** A message in pieces begins with its kind. */
const begun = (frames: RawFrame[]) => (frames.length > 2 ? frames.map((frame, at) => (at === 0 ? { ...frame, opcode: binary } : frame)) : frames)

describe('before HELLO', () => {
  it.each(hostile)('closes for %s', async (_name, frames, code) => {
    const raw = await RawWebSocket.open(product.url)
    for (const frame of begun(frames)) raw.send(frame)
    expect(await raw.closeCode()).toBe(code)
  })
})

describe('in an open terminal', () => {
  it.each(hostile.filter(([name]) => /mask|2\^63|pieces than|not UTF-8$/.test(name)))(
    'closes for %s, and nothing else is disturbed',
    async (_name, frames, code) => {
      const [raw, other] = await Promise.all([openByHand(), openByHand()])
      for (const frame of begun(frames)) raw.send(frame)
      expect(await raw.closeCode()).toBe(code)
      other.send({ opcode: ping, payload: Buffer.from('still there') })
      await waitUntil('a pong', () => other.frames().some(({ opcode, payload }) => opcode === opcodes.pong && payload.toString() === 'still there'))
      other.send({ opcode: close, payload: Buffer.of(0x03, 0xe8) })
      expect(await other.closeCode()).toBe(1000)
    },
  )

  it('ends a flood of pings in words', async () => {
    const raw = await openByHand()
    const isTold = () => raw.frames().some(({ opcode, payload }) => opcode === binary && payload[0] === 0x03 && payload.includes('input_too_fast'))
    const answered = () => raw.frames().filter(({ opcode }) => opcode === opcodes.pong).length
    // Of more than 60 in one go the WebSocket layer itself makes an end, without a word.
    for (let sent = 0; sent < 20_000 && !isTold() && !raw.isClosed;) {
      for (const until = sent + 50; sent < until; sent += 1) raw.send({ opcode: ping })
      await waitUntil('their pongs', () => answered() >= sent || isTold() || raw.isClosed, { everyMs: 1 })
    }
    expect(await raw.closeCode()).toBe(4002)
    expect(isTold()).toBe(true)
  })

  it('ends a flood of pings whose pongs nobody reads, and keeps none of them', async () => {
    const raw = await openByHand()
    raw.socket.pause()
    const before = rssBytes()
    for (let sent = 0; sent < 50_000 && !raw.socket.destroyed; sent += 1) raw.send({ opcode: ping, payload: Buffer.alloc(125) })
    raw.socket.resume()
    await raw.closeCode()
    expect(rssBytes() - before).toBeLessThan(20 * mib)
  })
})

describe('memory', () => {
  it('is not given to compression: none is agreed on, whatever is offered', async () => {
    const raw = await RawWebSocket.open(product.url, ['Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, permessage-deflate'])
    expect(raw.head.toLowerCase()).not.toContain('sec-websocket-extensions')
    // 100 MiB of zeroes in 100 KB.
    raw.send({ opcode: binary, reserved: 4, payload: deflateRawSync(Buffer.alloc(100 * mib), { level: 9 }) })
    expect(await raw.closeCode()).toBe(1002)
  })

  it('is bounded for fifty strangers who each send most of the largest message and no more', async () => {
    const pid = gatewayPid()
    const before = rssBytes()
    const raws = await Promise.all(Array.from({ length: 50 }, () => RawWebSocket.open(product.url)))
    for (const raw of raws) {
      raw.send({ opcode: binary, fin: false, payload: Buffer.alloc(65_000) })
      raw.socket.write(Buffer.concat([Buffer.of(0x80, 0xfe, 0xf0, 0x00, 0, 0, 0, 0), Buffer.alloc(60_000)]))
    }
    await waitUntil('what they sent to be taken', () => raws.every((raw) => raw.socket.writableLength === 0))
    expect(rssBytes() - before).toBeLessThan(60 * mib)
    // Nobody said HELLO in time.
    for (const code of await Promise.all(raws.map((raw) => raw.closeCode(20_000)))) expect([4008, undefined]).toContain(code)
    expect(gatewayPid()).toBe(pid)
  })
})
