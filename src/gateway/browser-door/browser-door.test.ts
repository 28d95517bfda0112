import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from 'node:net'
import { TestGateway } from './test-gateway.ts'

const door = new TestGateway()
let seen: { url: string | undefined; headers: Record<string, unknown>; body: string }[] = []

beforeAll(async () => {
  door.control.onRequest = (request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      seen.push({ url: request.url, headers: request.headers, body })
      response.writeHead(request.url === '/api/gone' ? 410 : 200, { 'content-type': 'application/json', connection: 'close', 'x-own': '1' })
      response.end('{"from":"control"}')
    })
  }
  await door.start()
})
afterAll(() => door.stop())

test.each([
  ['localhost:PORT', 200],
  ['127.0.0.1:PORT', 200],
  ['[::1]:PORT', 200],
  ['bastion.example', 200],
  ['evil.example', 421],
  ['localhost', 421],
  ['localhost:1', 421],
])('a page asked for as %s: %i', async (host, status) => {
  const answer = await door.request('GET', '/', { host: host.replace('PORT', String(door.port)) })
  expect(answer.status).toBe(status)
  if (status === 421) expect(JSON.parse(answer.text).error).toMatchObject({ code: 'host_not_allowed', message: expect.stringContaining('--public-url') })
})

test.each([
  ['POST', undefined, 200],
  ['POST', 'http://localhost:PORT', 200],
  ['POST', 'https://bastion.example', 200],
  ['POST', 'http://evil.example', 403],
  ['DELETE', 'http://localhost:1', 403],
  ['PUT', 'null', 403],
  ['PATCH', 'http://bastion.example', 403],
  ['GET', 'http://evil.example', 200],
])('%s to the API from %s: %i', async (method, origin, status) => {
  seen = []
  const answer = await door.request(method, '/api/v1/x', origin === undefined ? {} : { origin: origin.replace('PORT', String(door.port)) })
  expect(answer.status).toBe(status)
  expect(seen.length).toBe(status === 200 ? 1 : 0)
  if (status === 403) expect(JSON.parse(answer.text).error.code).toBe('origin_not_allowed')
})

test('control hears who came, and nobody can say so for themselves', async () => {
  seen = []
  const body = JSON.stringify({ a: 'ü'.repeat(1000) })
  const answer = await door.request(
    'POST',
    '/api/v1/x?q=1',
    {
      'x-sallyport': '1',
      'x-sallyport-gateway': 'forged',
      'x-sallyport-source': '1.2.3.4',
      'x-sallyport-secure': '1',
      'x-forwarded-for': '1.2.3.4',
      forwarded: 'for=1.2.3.4',
      connection: 'close, x-hop',
      'x-hop': 'gone',
      te: 'trailers',
      cookie: 'a=b',
      'content-type': 'application/json',
    },
    body,
  )
  expect(answer.text).toBe('{"from":"control"}')
  expect(answer.headers['x-own']).toBe('1')
  const [heard] = seen
  expect(heard?.url).toBe('/api/v1/x?q=1')
  expect(heard?.body).toBe(body)
  expect(heard?.headers).toMatchObject({
    'x-sallyport': '1',
    'x-sallyport-gateway': 'api-token',
    'x-sallyport-source': '127.0.0.1',
    'x-sallyport-secure': '0',
    cookie: 'a=b',
  })
  for (const name of ['x-forwarded-for', 'forwarded', 'x-hop', 'te']) expect(heard?.headers).not.toHaveProperty(name)
})

test('a chunked body of a method that rarely has one stays a body', async () => {
  seen = []
  const smuggled = 'GET /api/smuggled HTTP/1.1\r\nHost: x\r\n\r\n'
  const answer = await door.raw(
    `DELETE /api/v1/x HTTP/1.1\r\nHost: localhost:${door.port}\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`,
  )
  expect(answer).toContain('200 OK')
  expect(seen.map(({ url, body }) => [url, body])).toEqual([['/api/v1/x', smuggled]])
})

test('a body above 128 KiB is refused, said or not', async () => {
  const big = 'x'.repeat(128 * 1024 + 1)
  expect((await door.request('POST', '/api/v1/x', {}, big)).status).toBe(413)
  expect(
    await door.raw(
      `POST /api/v1/x HTTP/1.1\r\nHost: localhost:${door.port}\r\nTransfer-Encoding: chunked\r\n\r\n${big.length.toString(16)}\r\n${big}\r\n0\r\n\r\n`,
    ),
  ).toContain(' 413 ')
})

test('every answer carries the headers that keep pages apart', async () => {
  for (const [path, host] of [
    ['/', undefined],
    ['/hosts', undefined],
    ['/assets/app-1a2b.js', undefined],
    ['/assets/none.js', undefined],
    ['/api/v1/x', undefined],
    ['/api/gone', undefined],
    ['/healthz', undefined],
    ['/', 'evil.example'],
  ] as const) {
    const { headers } = await door.request('GET', path, host ? { host } : {})
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; .*frame-ancestors 'none'/)
    expect(headers['content-security-policy']).not.toMatch(/script-src[^;]*'unsafe-(inline|eval)'/)
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cross-origin-opener-policy': 'same-origin', 'referrer-policy': 'no-referrer' })
    if (path.startsWith('/api')) expect(headers['cache-control']).toBe('no-store')
  }
})

test('pages: one document for every address, hashed files for ever, the rest 404', async () => {
  const page = await door.request('GET', '/sessions/se_1')
  expect(page).toMatchObject({ status: 200, text: expect.stringContaining('Sallyport') })
  expect(page.headers['cache-control']).toBe('no-cache')
  expect((await door.request('GET', '/', { 'if-none-match': String(page.headers.etag) })).status).toBe(304)
  const file = await door.request('GET', '/assets/app-1a2b.js', { 'accept-encoding': 'gzip, br' })
  expect(file.headers).toMatchObject({ 'content-encoding': 'br', 'cache-control': 'public, max-age=31536000, immutable' })
  expect((await door.request('GET', '/assets/app-1a2b.js', { 'accept-encoding': 'br;q=0, gzip' })).text).toBe('export {}')
  for (const path of ['/assets/other.js', '/index.html.br', '/..%2f..%2fetc%2fpasswd.txt', '/assets/../../identity/identity.pem'])
    expect((await door.request('GET', path)).status).toBe(404)
  expect((await door.request('POST', '/hosts')).status).toBe(405)
})

test.each([
  ['the own origin', {}, '101'],
  ['no origin', { Origin: undefined }, '403 origin_not_allowed'],
  ['null', { Origin: 'null' }, '403 origin_not_allowed'],
  ['another site', { Origin: 'http://evil.example' }, '403 origin_not_allowed'],
  ['another port', { Origin: 'http://localhost:1' }, '403 origin_not_allowed'],
  ['another scheme', { Origin: 'https://localhost:PORT' }, '403 origin_not_allowed'],
  ['a name below ours', { Origin: 'https://sub.bastion.example' }, '403 origin_not_allowed'],
  ['a program with a token', { Origin: undefined, Authorization: `Bearer spt_${'x'.repeat(43)}` }, '101'],
  ['a program with what is no token of ours', { Origin: undefined, Authorization: `Bearer ${'x'.repeat(43)}` }, '403 origin_not_allowed'],
  ['a program with another scheme', { Origin: undefined, Authorization: 'Basic eDp5' }, '403 origin_not_allowed'],
  ['a token beside a cookie', { Origin: undefined, Cookie: 'sallyport=x', Authorization: `Bearer spt_${'x'.repeat(43)}` }, '403 origin_not_allowed'],
  ['another site with a token', { Origin: 'http://evil.example', Authorization: `Bearer spt_${'x'.repeat(43)}` }, '403 origin_not_allowed'],
  ['a foreign host', { Host: 'evil.example' }, '421 host_not_allowed'],
  ['another subprotocol', { 'Sec-WebSocket-Protocol': 'chat' }, '400 bad_request'],
  ['no subprotocol', { 'Sec-WebSocket-Protocol': undefined }, '400 bad_request'],
])('a terminal from %s', async (_name, headers: Record<string, string | undefined>, answer) => {
  const sent = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value?.replace('PORT', String(door.port))]))
  expect(await door.upgrade(sent)).toBe(answer)
})

test('headers without end, URLs that are none and half requests are refused or cut', async () => {
  expect(await door.raw(`GET / HTTP/1.1\r\nHost: localhost:${door.port}\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`)).toContain(' 431 ')
  expect(await door.raw(`GET /api/\xff HTTP/1.1\r\nHost: localhost:${door.port}\r\nConnection: close\r\n\r\n`)).toContain(' 400 ')
  expect(await door.raw('nonsense\r\n\r\n')).toContain(' 400 ')
  expect(await door.raw(`GET / HTTP/1.1\r\nHost: localhost:${door.port}\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n`)).toContain(' 200 ')
  expect(
    await door.raw(`GET /link HTTP/1.1\r\nHost: localhost:${door.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n`),
  ).toContain(' 404 ')
})

test('five hundred slow strangers keep nobody waiting', async () => {
  const slow = Array.from({ length: 500 }, () => connect(door.port, '127.0.0.1'))
  for (const socket of slow) socket.on('error', () => undefined).write('GET / HTTP/1.1\r\nHost: ')
  const times: number[] = []
  for (let round = 0; round < 20; round += 1) {
    const began = performance.now()
    expect((await door.request('GET', '/')).status).toBe(200)
    times.push(performance.now() - began)
  }
  for (const socket of slow) socket.destroy()
  expect(times.toSorted((a, b) => a - b)[10]).toBeLessThan(200)
})

test('without control the API says so, pages stay', async () => {
  await door.control.cut()
  const answer = await door.request('GET', '/api/v1/x')
  expect(answer.status).toBe(503)
  expect(answer.headers['retry-after']).toBe('2')
  expect(JSON.parse(answer.text).error.code).toBe('control_unreachable')
  expect((await door.request('GET', '/readyz')).status).toBe(503)
  expect((await door.request('GET', '/healthz')).status).toBe(200)
  expect((await door.request('GET', '/')).status).toBe(200)
  await door.control.start()
  for (let tries = 0; (await door.request('GET', '/readyz')).status !== 200 && tries < 300; tries += 1) await new Promise((resolve) => setTimeout(resolve, 20))
  expect((await door.request('GET', '/api/v1/x')).status).toBe(200)
})
