import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SessionId } from '#domain/id.ts'
import { filesPath } from '#wire/files.ts'
import { RequestRelay } from './request-relay.ts'
import { nobodys, TestRelay, there, until } from './test-relay.ts'

let relay: TestRelay
let relays: RequestRelay
let front: Server
let session: SessionId
type Seen = { method: string; url: string; headers: IncomingHttpHeaders; source: unknown }
let seen: Seen[]

beforeEach(async () => {
  relay = new TestRelay()
  await relay.start()
  relays = new RequestRelay(relay.folder, pino({ level: 'silent' }), { inAll: 4, perSource: 3 })
  session = there
  seen = []
  relay.onRequest = (asked, answer, source) => {
    seen.push({ method: asked.method ?? '', url: asked.url ?? '', headers: asked.headers, source })
    answer.writeHead(200, { 'x-answer': 'yes' })
    asked.pipe(answer)
  }
  front = createServer((asked, answer) => relays.carry(asked, answer, session, { address: '192.0.2.7', secure: true }))
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  relays.cut()
  front.closeAllConnections()
  await new Promise((resolve) => front.close(resolve))
  await relay.stop()
})

const path = (of: SessionId = session) => `${filesPath}/${of}/stat?path=%2F`
const port = () => (front.address() as AddressInfo).port

function send(method: string, body?: Buffer, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; body: Buffer; code: string | undefined }>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: port(), method, path: path(), headers, agent: false }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject)
      answer.on('end', () => {
        const whole = Buffer.concat(chunks)
        resolve({ status: answer.statusCode ?? 0, body: whole, code: /"code":"(\w+)"/.exec(whole.toString('latin1'))?.[1] })
      })
    })
    sent.on('error', reject).end(body)
  })
}

test('a request and its answer pass as they are, and who came is said by the gateway', async () => {
  const body = Buffer.alloc(3_000_000, 'sallyport')
  const headers = { 'X-Sallyport-Source': '203.0.113.9', 'x-sallyport-secure': '0', 'X-Sallyport': '1', cookie: 'a=b', 'x-sallyport-anything': '1' }
  const answer = await send('PUT', body, headers)
  expect([answer.status, answer.body.equals(body)]).toEqual([200, true])
  expect(seen).toMatchObject([{ method: 'PUT', url: path(), source: { address: '192.0.2.7', secure: true } }])
  expect(seen[0]?.headers).toMatchObject({ cookie: 'a=b', 'x-sallyport': '1', 'x-sallyport-source': '192.0.2.7', 'x-sallyport-secure': '1' })
  expect(seen[0]?.headers).not.toHaveProperty('x-sallyport-anything')
  await until('its place to be free', () => relays.size === 0)
})

test.each(['GET', 'DELETE', 'HEAD', 'OPTIONS'])('a %s with a body of no length is one request there too (smuggling)', async (method) => {
  const smuggled = `GET ${path()} HTTP/1.1\r\nhost: x\r\nx-sallyport-source: 203.0.113.9\r\nx-sallyport-secure: 1\r\n\r\n`
  const socket = connect(port(), '127.0.0.1')
  let heard = ''
  socket.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1'))).on('error', () => undefined)
  socket.write(`${method} ${path()} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`)
  await until('an answer', () => heard.includes('HTTP/1.1 200'))
  await until('its end', () => relays.size === 0)
  expect(seen.map(({ source }) => source)).toEqual([{ address: '192.0.2.7', secure: true }])
  socket.destroy()
})

test('nobody there, or a session of a third gateway: refused in words, and not passed on again', async () => {
  session = nobodys
  expect(await send('GET')).toMatchObject({ status: 503, code: 'gateway_unavailable' })
  session = there
  const socket = connect(`${relay.folder}/theregwy.sock`)
  let heard = ''
  socket.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')))
  socket.write(`GET ${path(nobodys)} HTTP/1.1\r\nhost: x\r\nx-sallyport-source: 192.0.2.7\r\nx-sallyport-secure: 1\r\nconnection: close\r\n\r\n`)
  await until('a refusal', () => heard.includes('not_found'))
  expect(seen).toEqual([])
})

test.each([
  ['nobody', ''],
  ['no address', 'x-sallyport-source: me\r\nx-sallyport-secure: 0\r\n'],
  ['two', 'x-sallyport-source: 192.0.2.7\r\nx-sallyport-source: 192.0.2.8\r\nx-sallyport-secure: 0\r\n'],
])('a relay that names %s is not believed', async (_name, lines) => {
  const socket = connect(`${relay.folder}/theregwy.sock`)
  let heard = ''
  socket.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')))
  socket.write(`GET ${path()} HTTP/1.1\r\nhost: x\r\n${lines}connection: close\r\n\r\n`)
  await until('a refusal', () => heard.includes('bad_request'))
  expect(seen).toEqual([])
})

test.each([{ 'content-length': 100_000 }, {}])('what breaks there breaks here, and never looks whole: %j', async (headers) => {
  relay.onRequest = (_asked, answer) => {
    answer.writeHead(200, headers)
    answer.write('half of it', () => answer.destroy())
  }
  await expect(send('GET')).rejects.toThrow(/aborted|hang up|ECONNRESET/)
})

test('who leaves here is seen there', async () => {
  let gone = 0
  relay.onRequest = (_asked, answer) => {
    answer.writeHead(200)
    answer.write('some')
    answer.on('close', () => (gone += 1))
  }
  const sent = request({ host: '127.0.0.1', port: port(), path: path(), agent: false }, (answer) => answer.once('data', () => sent.destroy()))
  sent.on('error', () => undefined).end()
  await until('the gateway there to hear of it', () => gone === 1)
  await until('its place to be free', () => relays.size === 0)
})

test('a reader that takes nothing stops the sender there', async () => {
  let written = 0
  const most = 128 * 1024 * 1024
  relay.onRequest = (_asked, answer) => {
    const chunk = Buffer.alloc(65_536)
    const more = () => {
      while (written < most && !answer.destroyed) {
        written += chunk.length
        if (!answer.write(chunk)) return void answer.once('drain', more)
      }
    }
    more()
  }
  const sent = request({ host: '127.0.0.1', port: port(), path: path(), agent: false }, (answer) => answer.pause())
  sent.on('error', () => undefined).end()
  let still = { at: -1, since: 0 }
  await until('the sender to stand still', () => {
    if (written !== still.at) still = { at: written, since: performance.now() }
    return written >= most || (written > 0 && performance.now() - still.since > 500)
  })
  expect(written).toBeLessThan(32 * 1024 * 1024)
  sent.destroy()
})

test('of one address no more than its share are under way', async () => {
  relay.onRequest = (_asked, answer) => void answer.writeHead(200).write('x')
  const held = Array.from({ length: 3 }, () => request({ host: '127.0.0.1', port: port(), path: path(), agent: false }))
  for (const each of held) each.on('error', () => undefined).end()
  await until('three', () => relays.size === 3)
  expect(await send('GET')).toMatchObject({ status: 503, code: 'gateway_unavailable' })
  for (const each of held) each.destroy()
})
