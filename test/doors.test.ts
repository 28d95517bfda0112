// What strangers may try at the web door: names, origins, tickets, frames. Each refusal is asserted by its code, and nothing else changes.
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeBytes, encodeJson, encodeOffset, encodeSize } from '#wire/terminal.ts'
import type { ApiClient } from './harness/api-client.ts'
import { type Product, startProduct, testOperator } from './harness/product.ts'
import { listSessions, openTerminal, saveHost, type SavedHost } from './harness/saved-host.ts'
import { startSshd, type TestSshd } from './harness/sshd.ts'
import { TerminalClient, UpgradeRefused } from './harness/terminal-client.ts'

let sshd: TestSshd
let product: Product
let api: ApiClient
let host: SavedHost

beforeAll(async () => {
  ;[sshd, product] = await Promise.all([startSshd(), startProduct({ flags: ['--public-url', 'https://bastion.example.com'] })])
  api = await product.claim()
  host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey })
})
afterAll(async () => {
  await product?.stop()
  await sshd?.stop()
})

const ticketFor = async (client: ApiClient) =>
  (await client.call<{ ticket: string }>('POST', '/tickets', { kind: 'shell', asset: host.id, account: host.account })).ticket
const code = (answer: { json: unknown }) => (answer.json as { error?: { code?: string } } | undefined)?.error?.code

describe('names and origins', () => {
  it('answers under its own names and the public one, and 421 under any other, naming the setting', async () => {
    for (const name of [`127.0.0.1:${product.port}`, `localhost:${product.port}`, `[::1]:${product.port}`, 'bastion.example.com'])
      expect((await api.request('GET', '/api/v1/me', { headers: { host: name } })).status, name).toBe(200)
    for (const name of ['evil.example', `evil.example:${product.port}`, `127.0.0.1:${product.port + 1}`, 'localhost', 'bastion.example.com.evil.example']) {
      const answer = await api.request('GET', '/api/v1/me', { headers: { host: name } })
      expect(answer.status, name).toBe(421)
      expect(code(answer)).toBe('host_not_allowed')
      expect(answer.text).toContain('--public-url')
    }
  })

  it('refuses changes without the header, from other origins, or in other content types (WEB-06)', async () => {
    const body = { kind: 'shell', asset: host.id }
    const withHeaders = (headers: Record<string, string | undefined>) => api.request('POST', '/api/v1/tickets', { body, headers })
    expect(code(await withHeaders({ 'x-sallyport': undefined }))).toBe('csrf_header_missing')
    for (const origin of ['https://evil.example', 'null', `http://127.0.0.1:${product.port + 1}`, `https://127.0.0.1:${product.port}`, 'http://sub.localhost'])
      expect(code(await withHeaders({ origin })), origin).toBe('origin_not_allowed')
    expect((await withHeaders({ 'content-type': 'text/plain' })).status).toBe(415)
    expect((await withHeaders({ 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415)
  })

  it('does not let people speak as a gateway', async () => {
    const answer = await product.api().request('GET', '/api/v1/me', { headers: { 'x-sallyport-gateway': 'x'.repeat(43), 'x-sallyport-source': '203.0.113.9' } })
    expect(answer.status).toBe(401)
    expect(code(answer)).toBe('unauthenticated')
  })

  it('refuses the upgrade before 101 unless the Origin is allowed and the subprotocol named (WEB-01)', async () => {
    const refused = async (options: object) => {
      const ticket = await ticketFor(api)
      return TerminalClient.connect({ url: product.url, ticket, ...options }).then(
        () => 101,
        (error: unknown) => (error instanceof UpgradeRefused ? error.status : Promise.reject(error as Error)),
      )
    }
    for (const origin of [
      '',
      'null',
      'https://evil.example',
      'http://sub.localhost',
      `http://127.0.0.1:${product.port + 1}`,
      `https://127.0.0.1:${product.port}`,
    ])
      expect(await refused({ origin }), origin).toBe(403)
    expect(await refused({ subprotocol: null })).toBe(400)
    expect(await refused({ subprotocol: 'sallyport.terminal.v9' })).toBe(400)
  })
})

describe('tickets', () => {
  it('opens once: a second use is ticket_used (WEB-03)', async () => {
    const ticket = await ticketFor(api)
    const first = await TerminalClient.connect({ url: product.url, ticket })
    await first.waitForWelcome()
    const second = await TerminalClient.connect({ url: product.url, ticket })
    expect((await second.waitForEnded()).failure).toBe('ticket_used')
    expect((await second.waitForClose()).code).toBe(4003)
    first.close()
  })

  it('is refused when another sign-in shows it (WEB-03)', async () => {
    const ticket = await ticketFor(api)
    const other = await product.signIn()
    const stolen = await TerminalClient.connect({ url: product.url, ticket, cookie: other.cookie })
    expect((await stolen.waitForEnded()).failure).toBe('ticket_invalid')
    const mine = await TerminalClient.connect({ url: product.url, ticket, cookie: api.cookie })
    await mine.waitForWelcome()
    mine.close()
  })

  it('is refused when it is made up, and void after sign-out', async () => {
    const made = await TerminalClient.connect({ url: product.url, ticket: createHash('sha256').update('made up').digest('base64url') })
    expect((await made.waitForEnded()).failure).toBe('ticket_invalid')
    const other = await product.signIn()
    const ticket = await ticketFor(other)
    await other.signOut()
    expect((await other.request('GET', '/api/v1/me')).status).toBe(401)
    const late = await TerminalClient.connect({ url: product.url, ticket })
    expect((await late.waitForEnded()).failure).toBe('ticket_invalid')
  })

  it('is refused after 30 seconds (WEB-03)', { timeout: 60_000 }, async () => {
    const ticket = await ticketFor(api)
    await new Promise((resolve) => setTimeout(resolve, 31_000))
    const terminal = await TerminalClient.connect({ url: product.url, ticket })
    expect((await terminal.waitForEnded()).failure).toBe('ticket_expired')
  })
})

describe('frames', () => {
  const size = encodeSize('resize', 80, 24)
  const cases: { name: string; failure: string; close: number; send: (terminal: TerminalClient, ticket: string) => void }[] = [
    { name: 'an empty frame', failure: 'frame_malformed', close: 4002, send: (terminal) => terminal.raw(new Uint8Array(0)) },
    { name: 'input before HELLO', failure: 'hello_expected', close: 4002, send: (terminal) => terminal.raw(encodeBytes('input', Buffer.from('x'))) },
    { name: 'a HELLO that is no JSON', failure: 'frame_malformed', close: 4002, send: (terminal) => terminal.raw(Uint8Array.of(1, 0x7b)) },
    {
      name: 'a HELLO with an unknown field',
      failure: 'frame_malformed',
      close: 4002,
      send: (terminal, ticket) => terminal.raw(encodeJson('hello', { ticket, cols: 80, rows: 24, admin: true })),
    },
    {
      name: 'a HELLO of no size',
      failure: 'frame_malformed',
      close: 4002,
      send: (terminal, ticket) => terminal.raw(encodeJson('hello', { ticket, cols: 0, rows: 24 })),
    },
    {
      name: 'a HELLO that resumes',
      failure: 'session_not_found',
      close: 4004,
      send: (terminal) => terminal.raw(encodeJson('hello', { resume: { session: 'x', key: 'y', outputOffset: 0 }, cols: 80, rows: 24 })),
    },
    { name: 'an unknown kind', failure: 'frame_unknown', close: 4002, send: (terminal) => terminal.raw(Uint8Array.of(0x99, 1, 2)) },
  ]
  it.each(cases)('answers $name with $failure', async ({ failure, close, send }) => {
    const ticket = await ticketFor(api)
    const terminal = await TerminalClient.connect({ url: product.url, ticket, says: false })
    send(terminal, ticket)
    expect((await terminal.waitForEnded()).failure).toBe(failure)
    expect((await terminal.waitForClose()).code).toBe(close)
  })

  it('answers silence with hello_late after 5 s', async () => {
    const terminal = await TerminalClient.connect({ url: product.url, ticket: await ticketFor(api), says: false })
    expect((await terminal.waitForEnded(8000)).failure).toBe('hello_late')
    expect((await terminal.waitForClose()).code).toBe(4008)
  })

  it('closes a frame that is too large with 1009', async () => {
    const terminal = await TerminalClient.connect({ url: product.url, ticket: await ticketFor(api), says: false })
    terminal.raw(new Uint8Array(70_000))
    expect((await terminal.waitForClose()).code).toBe(1009)
  })

  it.each([
    { name: 'a second HELLO', failure: 'hello_repeated', frame: encodeJson('hello', { ticket: 'x'.repeat(43), cols: 80, rows: 24 }) },
    { name: 'a frame that only servers send', failure: 'frame_unexpected', frame: encodeBytes('output', Buffer.from('x')) },
    { name: 'an ACK beyond the output', failure: 'ack_beyond_output', frame: encodeOffset('ack', 2 ** 40) },
    { name: 'an ANSWER to nothing', failure: 'answer_unexpected', frame: encodeJson('answer', { id: 9, answers: ['x'] }) },
    { name: 'a size of the wrong length', failure: 'frame_malformed', frame: size.subarray(0, 3) },
  ])('ends an open session for $name with $failure', async ({ failure, frame }) => {
    const terminal = await openTerminal(product, api, host)
    const { session } = await terminal.waitForWelcome()
    terminal.raw(frame)
    expect((await terminal.waitForEnded()).failure).toBe(failure)
    await terminal.waitForClose()
    const row = (await listSessions(api)).items.find((item) => item.id === session)
    expect(row).toBeDefined()
  })

  it('serves others as before after all that', async () => {
    const terminal = await openTerminal(product, api, host)
    await terminal.waitForWelcome()
    terminal.send('exit 0\n')
    expect(await terminal.waitForEnded()).toMatchObject({ reason: 'exited', exitStatus: 0 })
  })
})

describe('claim and sign-in', () => {
  it('can be claimed once only', async () => {
    expect(
      code(await product.api().request('POST', '/api/v1/claim', { body: { token: product.claimToken, username: 'eve', password: 'long enough password' } })),
    ).toBe('already_claimed')
  })

  it('gives the same answer for a wrong password and an unknown name, and slows both', async () => {
    const wrong = await product.api().request('POST', '/api/v1/sign-in', { body: { username: testOperator.username, password: 'not this one' } })
    const unknown = await product.api().request('POST', '/api/v1/sign-in', { body: { username: 'nobody', password: 'not this one' } })
    expect(wrong.status).toBe(401)
    expect(code(wrong)).toBe('sign_in_failed')
    expect(unknown.json).toEqual(wrong.json)
    const answers = []
    for (let index = 0; index < 8; index += 1)
      answers.push(code(await product.api().request('POST', '/api/v1/sign-in', { body: { username: 'mallory', password: 'guess' } })))
    expect(answers).toContain('sign_in_slowed')
  })

  it('names an unknown field, and takes no other shape', async () => {
    const answer = await api.request('POST', '/api/v1/assets', { body: { name: 'x', address: '127.0.0.1', port: 22, owner: 'me' } })
    expect(answer.status).toBe(400)
    expect(answer.json).toMatchObject({ error: { code: 'unknown_field', field: 'owner' } })
    expect((await api.request('POST', '/api/v1/assets', { body: ['x'] })).status).toBe(400)
    expect((await api.request('POST', '/api/v1/assets', { body: '{"name":' })).status).toBe(400)
    expect((await api.request('GET', '/api/v1/sessions?sort=owner')).json).toMatchObject({ error: { field: 'sort' } })
    expect((await api.request('GET', '/api/v1/sessions?page=0')).json).toMatchObject({ error: { field: 'page' } })
  })
})
