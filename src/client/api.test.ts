// A real HTTP server on the other side: what is checked is what crosses the wire.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Failure } from '#domain/failure.ts'
import { makeApiClient } from './api.ts'
import { asFailure } from './failure-answer.ts'

type Seen = { method: string | undefined; url: string | undefined; header: string | undefined; body: string }
const seen: Seen[] = []
let answer: { status: number; body: string } = { status: 200, body: '{}' }
const server = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk) => (body += String(chunk)))
  request.on('end', () => {
    seen.push({ method: request.method, url: request.url, header: request.headers['x-sallyport']?.toString(), body })
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body)
  })
})
let origin = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())

const failureOf = async (call: Promise<unknown>): Promise<Failure> => call.then(() => Promise.reject(new Error('it was not refused')), asFailure)

describe('the typed client', () => {
  it('puts lists into the query and ids into the path', async () => {
    answer = { status: 200, body: '{"items":[],"total":0,"of":0}' }
    const api = makeApiClient({ origin })
    await api.sessions.list({ q: '网 关', sort: '-startedAt', page: 2, size: 25, state: 'ended' })
    const url = new URL(seen.at(-1)?.url ?? '', origin)
    expect(url.pathname).toBe('/api/v1/sessions')
    expect(Object.fromEntries(url.searchParams)).toEqual({ q: '网 关', sort: '-startedAt', page: '2', size: '25', state: 'ended' })
    await api.sessions.terminate({ id: 'se_a', reason: 'maintenance' })
    expect(seen.at(-1)).toMatchObject({ method: 'POST', url: '/api/v1/sessions/se_a/terminate', header: '1', body: '{"reason":"maintenance"}' })
  })

  it('throws the refusals of the server as they are', async () => {
    answer = { status: 409, body: '{"error":{"code":"name_taken","message":"Taken.","field":"name","detail":{"by":"web1"}}}' }
    const told: string[] = []
    const failure = await failureOf(makeApiClient({ origin, onFailure: (refused) => told.push(refused.code) }).me())
    expect(failure).toMatchObject({ code: 'name_taken', message: 'Taken.', field: 'name', detail: { by: 'web1' } })
    expect(told).toEqual(['name_taken'])
  })

  it('makes a failure of whatever else answers', async () => {
    answer = { status: 502, body: '<html>bad gateway</html>' }
    expect((await failureOf(makeApiClient({ origin }).me())).code).toBe('gateway_unavailable')
    answer = { status: 401, body: '{"error":{"code":"a_code_of_tomorrow","message":"?"}}' }
    expect((await failureOf(makeApiClient({ origin }).me())).code).toBe('unauthenticated')
    answer = { status: 500, body: `{"error":{"code":"conflict","message":"${'x'.repeat(70_000)}"}}` }
    expect((await failureOf(makeApiClient({ origin }).me())).code).toBe('internal')
  })

  it('says that nobody answers', async () => {
    const failure = await failureOf(makeApiClient({ origin: 'http://127.0.0.1:1' }).me())
    expect(failure).toBeInstanceOf(Failure)
    expect(failure.code).toBe('control_unreachable')
  })
})
