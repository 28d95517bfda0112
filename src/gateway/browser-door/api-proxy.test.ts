import { request } from 'node:http'
import { expect, it } from 'vitest'
import { importPath, maxBodyBytes, maxImportBytes } from '#wire/body-limit.ts'
import { gatewayHeaders } from '#wire/link.ts'
import { passedOn } from './api-proxy.ts'
import { TestGateway } from './test-gateway.ts'

it('passes on what people say and nothing that only a gateway or a proxy may say', () => {
  const said = { host: 'a', cookie: 'c', 'x-sallyport': '1', 'sec-fetch-site': 'same-origin' }
  const pretended = {
    [gatewayHeaders.token]: 't',
    [gatewayHeaders.source]: '10.0.0.1',
    [gatewayHeaders.secure]: '1',
    'x-sallyport-anything-later': '1',
    'x-forwarded-for': '10.0.0.1',
    forwarded: 'for=10.0.0.1',
    connection: 'keep-alive, x-hop',
    'x-hop': '1',
    'transfer-encoding': 'chunked',
  }
  expect(passedOn({ ...said, ...pretended })).toEqual(said)
})

it('lets no address hold all places: of one, 64 requests are under way, and others still pass (DOS-04)', async () => {
  const door = new TestGateway()
  door.control.onRequest = (_request, response) => void response.writeHead(200).end()
  await door.start({ behindProxy: ['127.0.0.1'] })
  const from = (address: string) => ({ host: `localhost:${door.port}`, 'x-forwarded-for': address })
  const dripping = Array.from({ length: 64 }, () => {
    const sent = request({ host: '127.0.0.1', port: door.port, method: 'POST', path: '/api/v1/x', headers: { ...from('192.0.2.1'), 'content-length': '9' } })
    sent.on('error', () => undefined)
    sent.write('{')
    return sent
  })
  let refused = await door.request('GET', '/api/v1/x', from('192.0.2.1'))
  for (let tries = 0; refused.status === 200 && tries < 500; tries += 1) refused = await door.request('GET', '/api/v1/x', from('192.0.2.1'))
  expect([refused.status, JSON.parse(refused.text).error.code]).toEqual([503, 'rate_limited'])
  expect((await door.request('GET', '/api/v1/x', from('192.0.2.2'))).status).toBe(200)
  for (const sent of dripping) sent.destroy()
  for (let tries = 0; (await door.request('GET', '/api/v1/x', from('192.0.2.1'))).status !== 200; tries += 1) expect(tries).toBeLessThan(200)
  await door.stop()
})

it('lets an import be larger than other requests, four at once', async () => {
  const door = new TestGateway()
  door.control.onRequest = (asked, response) => void asked.resume().on('end', () => response.writeHead(200).end())
  await door.start({ behindProxy: ['127.0.0.1'] })
  const headers = { host: `localhost:${door.port}`, 'x-forwarded-for': '192.0.2.1' }
  const begin = (path: string, bytes: number) => {
    const sent = request({ host: '127.0.0.1', port: door.port, method: 'POST', path, headers: { ...headers, 'content-length': String(bytes) } })
    const status = new Promise<number>((resolve) => sent.on('response', (answer) => resolve(answer.resume().statusCode ?? 0)).on('error', () => resolve(0)))
    sent.flushHeaders()
    return { sent, status }
  }
  const post = (path: string, bytes: number) => {
    const { sent, status } = begin(path, bytes)
    sent.end('x'.repeat(bytes))
    return status
  }
  try {
    expect(await post(importPath, maxImportBytes)).toBe(200)
    expect(await post(`${importPath}?x=1`, maxBodyBytes + 1)).toBe(200)
    expect(await begin(importPath, maxImportBytes + 1).status).toBe(413)
    for (const path of ['/api/v1/assets', `${importPath}/`, '/api/v1/assets/import%20']) expect(await begin(path, maxBodyBytes + 1).status, path).toBe(413)
    const dripping = Array.from({ length: 4 }, () => begin(importPath, 9))
    for (const { sent } of dripping) sent.write('{')
    let status = await post(importPath, 2)
    for (let tries = 0; status === 200 && tries < 500; tries += 1) status = await post(importPath, 2)
    expect(status).toBe(503)
    expect(await post('/api/v1/assets', 2)).toBe(200)
    for (const { sent } of dripping) sent.destroy()
    for (let tries = 0; (await post(importPath, 2)) !== 200; tries += 1) expect(tries).toBeLessThan(200)
  } finally {
    await door.stop()
  }
})

it('brings the refusal of a control that closes at once, though the rest of the body comes first', async () => {
  const door = new TestGateway()
  let sendRest = () => {}
  door.control.onRequest = (_request, response) => {
    sendRest()
    response.writeHead(400, { connection: 'close' }).end('{}')
  }
  await door.start()
  try {
    for (let round = 0; round < 20; round += 1) {
      const headers = { host: `localhost:${door.port}`, 'content-length': '4' }
      const sent = request({ host: '127.0.0.1', port: door.port, method: 'POST', path: '/api/v1/x', headers })
      const status = new Promise((resolve, reject) => sent.on('response', (answer) => resolve(answer.resume().statusCode)).on('error', reject))
      sendRest = () => {
        if (!sent.writableEnded) sent.end(`"}`)
      }
      sent.write('{"')
      // A door that holds bodies asks control only when all is there.
      setTimeout(sendRest, 20)
      expect(await status).toBe(400)
    }
  } finally {
    await door.stop()
  }
})
