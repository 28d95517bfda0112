import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Logger } from 'pino'
import { WebSocket, WebSocketServer } from 'ws'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { systemClock } from '#session/clock.ts'
import { encodeBytes, encodeHidden, encodeJson, encodeOffset, encodePing, encodeSize, maxFrameBytes } from '#wire/terminal.ts'
import { usualScript } from '../link/scripted-control.ts'
import { ResumeKeys } from './resume-keys.ts'
import type { TerminalWork } from './terminal-door.ts'
import { TerminalSocket } from './terminal-socket.ts'
import { TestGateway, TestTerminal } from './test-gateway.ts'

const door = new TestGateway()
beforeAll(() => door.start())
afterAll(() => door.stop())
afterEach(() => {
  door.control.script = usualScript
})

const hello = encodeJson('hello', { ticket: 't'.repeat(43), cols: 80, rows: 24 })
const faults: [string, Uint8Array | string, string, number][] = [
  ['an empty frame', new Uint8Array(), 'frame_malformed', 4002],
  ['text', 'hello', 'frame_malformed', 1003],
  ['a kind that is none', Uint8Array.of(0x55, 1), 'frame_unknown', 4002],
  ['a SCREEN that is cut', Uint8Array.of(0x16, 1), 'frame_malformed', 4002],
  ['a frame too large', new Uint8Array(maxFrameBytes + 1).fill(0x11), 'frame_too_large', 1009],
  ['INPUT before HELLO', encodeBytes('input', Buffer.from('ls')), 'hello_expected', 4002],
  ['PING before HELLO', encodePing('ping', 1), 'hello_expected', 4002],
  ['a HELLO that is no JSON', Uint8Array.of(0x01, 0x7b), 'frame_malformed', 4002],
  ['a HELLO with an unknown field', encodeJson('hello', { ticket: 't'.repeat(43), cols: 80, rows: 24, admin: true }), 'frame_malformed', 4002],
  ['a HELLO of 100,000 columns', encodeJson('hello', { ticket: 't'.repeat(43), cols: 100_000, rows: 24 }), 'frame_malformed', 4002],
  ['a HELLO with a terminal of shell words', encodeJson('hello', { ticket: 't'.repeat(43), cols: 80, rows: 24, term: '$(id)' }), 'frame_malformed', 4002],
  [
    'a HELLO that wants to resume',
    encodeJson('hello', { resume: { session: 'se_1', key: 'k', outputOffset: 0 }, cols: 80, rows: 24 }),
    'session_not_found',
    4004,
  ],
  ['a ticket that control does not know', hello, 'ticket_invalid', 4003],
]
test.each(faults)('%s: %3$s', async (_name, frame, failure, code) => {
  const terminal = await door.terminal()
  terminal.socket.send(frame)
  expect(await terminal.whenEnded()).toEqual({ failure, code })
})

/** While control thinks about the ticket. */
async function waiting(): Promise<TestTerminal> {
  door.control.script = (message, say) => (message.type === 'ask' ? undefined : usualScript(message, say))
  const terminal = await door.terminal()
  terminal.socket.send(hello)
  return terminal
}
const early: [string, Uint8Array, string][] = [
  ['a second HELLO', hello, 'hello_repeated'],
  ['INPUT', encodeBytes('input', Buffer.from('ls')), 'frame_unexpected'],
  ['ACK', encodeOffset('ack', 0), 'frame_unexpected'],
  ['ANSWER', encodeJson('answer', { id: 1, answers: ['x'] }), 'answer_unexpected'],
  ['OUTPUT, which only a gateway sends', encodeBytes('output', Buffer.from('x')), 'frame_unexpected'],
  ['TAKEN, which only a gateway sends', encodeOffset('taken', 0), 'frame_unexpected'],
  ['ENDED, which only a gateway sends', encodeJson('ended', { reason: 'exited', message: '' }), 'frame_unexpected'],
  ['a RESIZE to nothing', Uint8Array.of(0x12, 0, 0, 0, 0), 'frame_malformed'],
  ['a RESIZE that is cut', Uint8Array.of(0x12, 0, 80), 'frame_malformed'],
  ['HIDDEN of 2', Uint8Array.of(0x17, 2), 'frame_malformed'],
  ['an ACK beyond 2^53', Uint8Array.of(0x14, 255, 255, 255, 255, 255, 255, 255, 255), 'frame_malformed'],
]
test.each(early)('before WELCOME %s: %3$s', async (_name, frame, failure) => {
  const terminal = await waiting()
  terminal.socket.send(frame)
  expect(await terminal.whenEnded()).toEqual({ failure, code: 4002 })
})

test('before WELCOME a new size, HIDDEN and PING are no faults', async () => {
  const terminal = await waiting()
  terminal.socket.send(encodeSize('resize', 100, 30))
  terminal.socket.send(encodeHidden(true))
  terminal.socket.send(encodePing('ping', 77))
  for (let tries = 0; !terminal.kinds.includes('pong') && tries < 200; tries += 1) await new Promise((resolve) => setTimeout(resolve, 10))
  expect(terminal.kinds).toEqual(['pong'])
  terminal.socket.terminate()
})

test('a fault of our own costs this terminal, not the process with everybody’s', async () => {
  const logged: string[] = []
  const keys = new ResumeKeys(systemClock)
  keys.find = () => {
    throw new TypeError('a fault of ours')
  }
  const log = { info: () => undefined, error: (_facts: unknown, text: string) => logged.push(text) }
  const work = { ...({} as TerminalWork), clock: systemClock, keys, log: log as unknown as Logger }
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', (socket) => new TerminalSocket(socket, { source: '127.0.0.1', cookie: undefined, session: undefined }, work, () => undefined))
  await once(server, 'listening')
  const terminal = new TestTerminal(new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`))
  await once(terminal.socket, 'open')
  terminal.socket.send(encodeJson('hello', { resume: { session: 'se_1', key: 'k', outputOffset: 0 }, cols: 80, rows: 24 }))
  expect(await terminal.whenEnded()).toEqual({ failure: 'internal', code: 1000 })
  expect(logged).toEqual(['a terminal is given up by a fault of this program'])
  server.close()
})

test('no HELLO in 5 s: hello_late', async () => {
  const terminal = await door.terminal()
  const began = performance.now()
  expect(await terminal.whenEnded()).toEqual({ failure: 'hello_late', code: 4008 })
  expect(performance.now() - began).toBeGreaterThan(4500)
})

test('a flood of frames ends as input_too_fast', async () => {
  const terminal = await waiting()
  for (let count = 0; count < 6000; count += 1) terminal.socket.send(encodeHidden(true))
  expect(await terminal.whenEnded()).toEqual({ failure: 'input_too_fast', code: 4002 })
})

test('a flood of pings is cut by the WebSocket layer', async () => {
  const terminal = await waiting()
  for (let count = 0; count < 6000; count += 1) terminal.socket.ping()
  expect((await terminal.whenEnded()).code).toBe(1006)
})

test('control away: the person is told at once', async () => {
  await door.control.cut()
  const terminal = await door.terminal()
  terminal.socket.send(hello)
  expect(await terminal.whenEnded()).toEqual({ failure: 'control_unreachable', code: 1000 })
  await door.control.start()
  for (let tries = 0; (await door.request('GET', '/readyz')).status !== 200 && tries < 300; tries += 1) await new Promise((resolve) => setTimeout(resolve, 20))
})

test('fifty strangers of one address wait at most, and make room when they go', async () => {
  const terminals = await Promise.all(Array.from({ length: 50 }, () => door.terminal()))
  expect(await door.upgrade({})).toBe('503 gateway_unavailable')
  terminals[0]?.socket.close()
  await terminals[0]?.whenEnded()
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(await door.upgrade({})).toBe('101')
  for (const terminal of terminals) terminal.socket.terminate()
})
