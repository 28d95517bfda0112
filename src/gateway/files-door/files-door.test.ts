// The door alone, before any host: a whole gateway, and a control that knows no ticket unless a test says so.
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { filesPath } from '#wire/files.ts'
import { TestGateway } from '../browser-door/test-gateway.ts'
import { usualScript } from '../link/scripted-control.ts'

let gateway: TestGateway
beforeEach(async () => {
  gateway = new TestGateway()
  await gateway.start()
})
afterEach(() => gateway.stop())

const cookie = 'c'.repeat(43)
const token = `spt_${'t'.repeat(43)}`
const page = { cookie: `sallyport=${cookie}`, 'x-sallyport': '1', 'content-type': 'application/json' }
const ticket = JSON.stringify({ ticket: 't'.repeat(43) })
/** Of this gateway, and not there. */
const session = `se_${'a'.repeat(8)}${'b'.repeat(24)}`

async function ask(method: string, path: string, headers: Record<string, string | undefined>, body?: string): Promise<string> {
  const sent = Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))) as Record<string, string>
  const answer = await gateway.request(method, path, { ...sent, ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }) }, body)
  expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'content-security-policy': expect.any(String) })
  return `${answer.status} ${(JSON.parse(answer.text) as { error?: { code: string } }).error?.code ?? ''}`
}
const redeems = () => gateway.control.heard.flatMap((message) => (message.type === 'ask' && message.body.ask === 'redeem' ? [message.body] : []))

test.each([
  ['nobody', { cookie: undefined }, '401 unauthenticated'],
  ['two cookies, of which one was planted', { cookie: `sallyport=${cookie}; sallyport=${'d'.repeat(43)}` }, '401 unauthenticated'],
  ['a bearer that is no token of ours', { cookie: undefined, authorization: 'Bearer abc' }, '401 unauthenticated'],
  ['a page without the header that a foreign one cannot send', { 'x-sallyport': undefined }, '403 csrf_header_missing'],
  ['a foreign page', { origin: 'https://evil.example' }, '403 origin_not_allowed'],
  ['a page of nowhere', { origin: 'null' }, '403 origin_not_allowed'],
  ['a name that is not ours', { host: 'evil.example' }, '421 host_not_allowed'],
  ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, '415 unsupported_media_type'],
])('%s opens nothing, and control is not asked', async (_name, headers, answer) => {
  expect(await ask('POST', filesPath, { ...page, ...headers }, ticket)).toBe(answer)
  expect(redeems()).toEqual([])
})

test('a page and a program are told apart by what they show, and control hears its digest', async () => {
  expect(await ask('POST', filesPath, page, ticket)).toBe('400 ticket_invalid')
  expect(await ask('POST', filesPath, { ...page, cookie: undefined, 'x-sallyport': undefined, authorization: `Bearer ${token}` }, ticket)).toBe(
    '400 ticket_invalid',
  )
  expect(redeems().map(({ signIn }) => signIn)).toEqual([cookie, token].map((shown) => createHash('sha256').update(shown).digest('hex')))
})

test.each([
  ['no JSON', '{', '400 bad_request'],
  ['another shape', '{"ticket":1}', '400 bad_request'],
  ['a field too many', '{"ticket":"tttttttttttttttttttttttt","more":1}', '400 unknown_field'],
  ['more than 64 KiB', JSON.stringify({ ticket: 't'.repeat(70_000) }), '413 too_large'],
])('%s is refused', async (_name, body, answer) => {
  expect(await ask('POST', filesPath, page, body)).toBe(answer)
})

test('a ticket for a terminal opens no files', async () => {
  gateway.control.script = (message, say) =>
    message.type === 'ask' ? say({ type: 'answer', id: message.id, body: { kind: 'attach', session } }) : usualScript(message, say)
  expect(await ask('POST', filesPath, page, ticket)).toBe('400 ticket_invalid')
})

test.each([
  ['GET', filesPath, '405 method_not_allowed'],
  ['GET', `${filesPath}/`, '404 not_found'],
  ['GET', `${filesPath}/x/list`, '404 not_found'],
  ['GET', `${filesPath}/${session}/list?path=/`, '404 session_not_found'],
  ['GET', `${filesPath}/${session}/zmodem/x/next`, '404 session_not_found'],
  ['PUT', `${filesPath}/${session}/uploads/x?offset=0`, '404 session_not_found'],
  ['DELETE', `${filesPath}/${session}`, '404 session_not_found'],
  ['GET', `${filesPath}/${session}/../../me`, '404 not_found'],
])('%s %s: %s', async (method, path, answer) => {
  expect(await ask(method, path, page)).toBe(answer)
})

test('of one address no more than sixteen are being let in, and others still come in', async () => {
  const waiting: (() => void)[] = []
  await gateway.stop()
  gateway = new TestGateway()
  gateway.control.script = (message, say) => (message.type === 'ask' ? void waiting.push(() => usualScript(message, say)) : usualScript(message, say))
  await gateway.start({ behindProxy: ['127.0.0.1'] })
  const from = (address: string) => ask('POST', filesPath, { ...page, 'x-forwarded-for': address }, ticket)
  const held = Array.from({ length: 16 }, () => from('192.0.2.1'))
  for (const late = Date.now() + 5000; waiting.length < 16 && Date.now() < late;) await new Promise((resolve) => setTimeout(resolve, 5))
  expect(await from('192.0.2.1')).toBe('429 rate_limited')
  const other = from('192.0.2.2')
  for (const late = Date.now() + 5000; waiting.length < 17 && Date.now() < late;) await new Promise((resolve) => setTimeout(resolve, 5))
  for (const answer of waiting) answer()
  expect(new Set(await Promise.all([...held, other]))).toEqual(new Set(['400 ticket_invalid']))
})

test('beside a terminal of another gateway, that one is asked, and hears whom the first one saw', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-beside-'))
  const there = new TestGateway()
  there.control.script = (message, say) =>
    message.type === 'hello'
      ? say({ type: 'welcome', gateway: `gw_theregwy${'a'.repeat(16)}`, apiToken: 'x', mustEnd: [], settings: {} })
      : usualScript(message, say)
  await gateway.stop()
  gateway = new TestGateway()
  await Promise.all([gateway, there].map((each) => each.start({ relayFolder: folder, behindProxy: ['127.0.0.1'] })))
  expect(existsSync(join(folder, 'theregwy.sock'))).toBe(true)
  const pretended = { 'x-forwarded-for': '192.0.2.5', 'x-sallyport-source': '203.0.113.9' }
  expect(await ask('POST', `${filesPath}?beside=se_theregwy${'b'.repeat(24)}`, { ...page, ...pretended }, ticket)).toBe('400 ticket_invalid')
  expect(redeems()).toEqual([])
  expect(there.control.heard.flatMap((message) => (message.type === 'ask' ? [message.body] : []))).toMatchObject([{ ask: 'redeem', source: '192.0.2.5' }])
  expect(await ask('GET', `${filesPath}/se_nobodyss${'b'.repeat(24)}/transfers`, page)).toBe('503 gateway_unavailable')
  await there.stop()
  rmSync(folder, { recursive: true, force: true })
})
