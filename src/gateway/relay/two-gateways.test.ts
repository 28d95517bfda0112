// Two whole gateways of one machine, each with a control of its own: what is asked of one control was asked by that gateway.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { GatewayId, SessionId } from '#domain/id.ts'
import { encodeJson } from '#wire/terminal.ts'
import { TestGateway } from '../browser-door/test-gateway.ts'
import { usualScript } from '../link/scripted-control.ts'

const [markHere, markThere] = ['herehere', 'theregwy']
const sessionOf = (mark: string) => SessionId.parse(`se_${mark}${'b'.repeat(24)}`)
const idOf = (mark: string) => GatewayId.parse(`gw_${mark}${'a'.repeat(16)}`)
const hello = encodeJson('hello', { ticket: 't'.repeat(43), cols: 80, rows: 24 })

let relayFolder: string
let here: TestGateway
let there: TestGateway

beforeEach(async () => {
  relayFolder = mkdtempSync(join(tmpdir(), 'sallyport-two-'))
  ;[here, there] = [new TestGateway(), new TestGateway()]
  for (const [gateway, mark] of [
    [here, markHere],
    [there, markThere],
  ] as const)
    gateway.control.script = (message, say) =>
      message.type === 'hello' ? say({ type: 'welcome', gateway: idOf(mark), apiToken: 'api-token', mustEnd: [], settings: {} }) : usualScript(message, say)
  await Promise.all([here, there].map((gateway) => gateway.start({ relayFolder, behindProxy: ['127.0.0.1'] })))
})
afterEach(async () => {
  await Promise.all([here.stop(), there.stop()])
  rmSync(relayFolder, { recursive: true, force: true })
})

const redeems = (gateway: TestGateway) => gateway.control.heard.filter((message) => message.type === 'ask' && message.body.ask === 'redeem')

test('a terminal for a session there is answered there, and hears whom the first gateway saw', async () => {
  const pretended = { 'x-forwarded-for': '192.0.2.5', 'x-sallyport-source': '203.0.113.9', 'x-sallyport-secure': '1' }
  const terminal = await here.terminal(`/terminal/${sessionOf(markThere)}`, pretended)
  terminal.socket.send(hello)
  expect(await terminal.whenEnded()).toEqual({ failure: 'ticket_invalid', code: 4003 })
  expect(redeems(here)).toEqual([])
  expect(redeems(there)).toMatchObject([{ body: { source: '192.0.2.5' } }])
})

test.each([
  ['the own gateway', sessionOf(markHere)],
  ['no gateway', SessionId.parse(`se_${'b'.repeat(24)}`)],
])('a session that names %s stays here', async (_name, session) => {
  const terminal = await here.terminal(`/terminal/${session}`)
  terminal.socket.send(encodeJson('hello', { resume: { session, key: 'k'.repeat(43), outputOffset: 0 }, cols: 80, rows: 24 }))
  expect(await terminal.whenEnded()).toEqual({ failure: 'session_not_found', code: 4004 })
})

test('host, origin and subprotocol are judged before anything is relayed', async () => {
  const path = `/terminal/${sessionOf(markThere)}`
  expect(await here.upgrade({}, path)).toBe('101')
  expect(await here.upgrade({ Origin: 'http://evil.example' }, path)).toBe('403 origin_not_allowed')
  expect(await here.upgrade({ Origin: undefined }, path)).toBe('403 origin_not_allowed')
  expect(await here.upgrade({ Host: 'evil.example' }, path)).toBe('421 host_not_allowed')
  expect(await here.upgrade({ 'Sec-WebSocket-Protocol': undefined }, path)).toBe('400 bad_request')
  expect(await here.upgrade({}, '/terminal/se_../../etc')).toBe('404 not_found')
})

test('a gateway that is not there, or is leaving, is refused in words', async () => {
  expect(await here.upgrade({}, `/terminal/${sessionOf('nobodyss')}`)).toBe('503 gateway_unavailable')
  await there.gateway?.drain()
  expect(existsSync(join(relayFolder, `${markThere}.sock`))).toBe(false)
  expect(await here.upgrade({}, `/terminal/${sessionOf(markThere)}`)).toBe('503 gateway_unavailable')
})

test('needs no control, on either side', async () => {
  await Promise.all([here.control.cut(), there.control.cut()])
  const path = `/terminal/${sessionOf(markThere)}`
  const terminal = await here.terminal(path)
  terminal.socket.send(encodeJson('hello', { resume: { session: sessionOf(markThere), key: 'k'.repeat(43), outputOffset: 0 }, cols: 80, rows: 24 }))
  expect(await terminal.whenEnded()).toEqual({ failure: 'session_not_found', code: 4004 })
})

test('a gateway that stops lets what it carries go', async () => {
  const terminal = await here.terminal(`/terminal/${sessionOf(markThere)}`)
  const began = performance.now()
  await here.gateway?.drain()
  expect((await terminal.whenEnded()).code).toBe(1006)
  expect(performance.now() - began).toBeLessThan(6000)
})

test('one that waits for its HELLO takes a stranger’s place there, and none here', async () => {
  const path = `/terminal/${sessionOf(markThere)}`
  const from = { 'x-forwarded-for': '192.0.2.5' }
  const waiting = await Promise.all(Array.from({ length: 50 }, () => here.terminal(path, from)))
  expect(await here.upgrade({ 'X-Forwarded-For': '192.0.2.5' }, path)).toBe('503 gateway_unavailable')
  expect(await there.upgrade({ 'X-Forwarded-For': '192.0.2.5' })).toBe('503 gateway_unavailable')
  expect(await here.upgrade({ 'X-Forwarded-For': '192.0.2.5' })).toBe('101')
  for (const { socket } of waiting) socket.terminate()
})
