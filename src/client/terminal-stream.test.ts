import { describe, expect, it } from 'vitest'
import { encodeBytes, encodeJson, encodeOffset, encodePing } from '#wire/terminal.ts'
import { ackEveryBytes } from './acknowledgement.ts'
import { mostUnderWay, mostWaiting } from './outgoing-input.ts'
import type { TerminalEvents } from './terminal-events.ts'
import { TerminalStream } from './terminal-stream.ts'
import { HandTimers, ScriptedSocket } from './test-socket.ts'

const welcome = { session: 'se_x', key: 'k', cols: 80, rows: 24, outputOffset: 0, inputOffset: 0, parsedOffset: 0, window: 262_144, graceSeconds: 0 }
function opened(events: Partial<TerminalEvents> = {}, say = true) {
  const socket = new ScriptedSocket()
  const timers = new HandTimers()
  const stream = new TerminalStream({ url: 'ws://x/terminal', ticket: 't'.repeat(43), cols: 80, rows: 24, makeSocket: () => socket, timers, events })
  socket.fire('open')
  if (say) socket.say(encodeJson('welcome', welcome))
  return { socket, timers, stream }
}

describe('the client of the terminal protocol', () => {
  it('says HELLO first and hands out output with its offsets', () => {
    const seen: [string, number][] = []
    const { socket } = opened({ output: (bytes, end) => seen.push([new TextDecoder().decode(bytes), end]) })
    socket.say(encodeBytes('output', new TextEncoder().encode('ab')))
    socket.say(encodeBytes('output', new TextEncoder().encode('cde')))
    expect(socket.sent[0]).toMatchObject({ kind: 'hello', hello: { cols: 80, rows: 24 } })
    expect(seen).toEqual([
      ['ab', 2],
      ['cde', 5],
    ])
  })

  it('acknowledges after 50 ms, at once past 32 KiB, and never beyond what it received', () => {
    const { socket, timers, stream } = opened()
    socket.say(encodeBytes('output', new Uint8Array(100)))
    stream.parsed(100)
    expect(socket.kinds()).toEqual(['hello', 'ack'])
    timers.pass(50)
    expect(socket.sent.at(-1)).toEqual({ kind: 'ack', offset: 100 })
    socket.say(encodeBytes('output', new Uint8Array(ackEveryBytes)))
    stream.parsed(10_000_000)
    expect(socket.sent.at(-1)).toEqual({ kind: 'ack', offset: 100 + ackEveryBytes })
    const before = socket.sent.length
    timers.pass(60)
    expect(socket.sent.length).toBe(before)
  })

  it('keeps a resize in order with what was typed, also when input waits for the host', () => {
    const { socket, stream } = opened()
    expect(stream.input(new Uint8Array(mostUnderWay))).toBe(true)
    expect(stream.input(Uint8Array.of(1))).toBe(true)
    stream.resize(100, 30)
    expect(stream.input(Uint8Array.of(2))).toBe(true)
    expect(socket.kinds()).toEqual(['hello', 'ack', ...Array.from({ length: 8 }, () => 'input')])
    socket.say(encodeOffset('taken', mostUnderWay))
    expect(socket.kinds().slice(-3)).toEqual(['input', 'resize', 'input'])
  })

  it('refuses to hold more than 8 MiB of input', () => {
    const { stream } = opened()
    expect(stream.input(new Uint8Array(mostUnderWay))).toBe(true)
    expect(stream.input(new Uint8Array(mostWaiting))).toBe(true)
    expect(stream.input(Uint8Array.of(1))).toBe(false)
  })

  it('sends no input before WELCOME, but the last size right after it', () => {
    const { socket, stream } = opened({}, false)
    expect(stream.input(Uint8Array.of(1))).toBe(false)
    stream.resize(90, 20)
    stream.resize(120, 40)
    expect(socket.kinds()).toEqual(['hello'])
    socket.say(encodeJson('welcome', welcome))
    expect(socket.sent.at(-1)).toEqual({ kind: 'resize', cols: 120, rows: 40 })
    expect(socket.kinds()).toEqual(['hello', 'ack', 'resize'])
  })

  it('passes prompts on before WELCOME and carries the answer', () => {
    const asked: number[] = []
    const { socket, stream } = opened({ prompt: (prompt) => asked.push(prompt.id) }, false)
    socket.say(encodeJson('prompt', { id: 7, kind: 'password', account: 'root', address: '10.0.0.1:22' }))
    stream.answer(7, ['secret'])
    expect(asked).toEqual([7])
    expect(socket.sent.at(-1)).toEqual({ kind: 'answer', answer: { id: 7, answers: ['secret'] } })
  })

  it('measures the round trip, and answers pings', () => {
    const seen: (number | undefined)[] = []
    const { socket, timers } = opened({ latency: (ms) => seen.push(ms) })
    timers.pass(12)
    socket.say(encodePing('pong', 1))
    expect(seen).toEqual([12])
    socket.say(encodePing('ping', 99))
    expect(socket.sent.at(-1)).toEqual({ kind: 'pong', token: 99 })
  })

  it('tells an end from a lost connection', () => {
    const seen: unknown[] = []
    const first = opened({ ended: (ended) => seen.push(ended.reason), closed: (close) => seen.push(close.clean) })
    first.socket.say(encodeJson('ended', { reason: 'exited', message: 'bye', exitStatus: 3 }))
    first.socket.say(encodeBytes('output', Uint8Array.of(1)))
    first.socket.fire('close', { code: 1000, reason: '' })
    expect(seen).toEqual(['exited', true])
    expect(first.stream.input(Uint8Array.of(1))).toBe(false)
    expect(first.timers.waiting).toBe(0)
  })

  it('does not come back before it was welcomed: a ticket is good for one connection', () => {
    const seen: unknown[] = []
    const { socket, timers } = opened({ closed: (close) => seen.push(close.clean), reconnecting: () => seen.push('again') }, false)
    socket.cut()
    timers.pass(60_000)
    expect(seen).toEqual([false])
  })

  it('closes on a frame that is not one, and on text, without ending the session', () => {
    const first = opened()
    first.socket.say(Uint8Array.of(0xee))
    expect(first.socket.closedWith).toBe(4002)
    const second = opened()
    second.socket.fire('message', { data: 'text' })
    expect(second.stream.state).toBe('closed')
  })
})
