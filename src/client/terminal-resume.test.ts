// One session over several connections.
import { describe, expect, it } from 'vitest'
import { Failure } from '#domain/failure.ts'
import type { Welcome } from '#wire/terminal.ts'
import { encodeBytes, encodeJson, encodeOffset, encodePing, encodeScreen } from '#wire/terminal.ts'
import { mostWaiting } from './outgoing-input.ts'
import type { TerminalStart } from './terminal-events.ts'
import { TerminalStream } from './terminal-stream.ts'
import { HandTimers, ScriptedSocket } from './test-socket.ts'

const welcome: Welcome = {
  session: 'se_x',
  key: 'key1',
  cols: 80,
  rows: 24,
  outputOffset: 0,
  inputOffset: 0,
  parsedOffset: 0,
  window: 262_144,
  graceSeconds: 60,
}

class Scene {
  readonly sockets: ScriptedSocket[] = []
  readonly timers = new HandTimers()
  readonly seen: [string, unknown?][] = []
  readonly stream: TerminalStream

  constructor(start: TerminalStart = { ticket: 't'.repeat(43) }) {
    const note =
      (name: string) =>
      (...what: unknown[]) =>
        void this.seen.push(what.length === 0 ? [name] : [name, what.length === 1 ? what[0] : what])
    const names = ['reconnecting', 'resumed', 'screen', 'watchers', 'takenOver', 'proxySuspected', 'ended', 'closed', 'latency'] as const
    this.stream = new TerminalStream({
      ...start,
      url: 'wss://x/terminal',
      cols: 80,
      rows: 24,
      timers: this.timers,
      random: () => 0.5,
      makeSocket: (url) => {
        const socket = new ScriptedSocket(url)
        this.sockets.push(socket)
        return socket
      },
      events: Object.fromEntries(names.map((name) => [name, note(name)])),
    })
  }
  get socket() {
    return this.sockets.at(-1)!
  }
  welcome(change: Partial<Welcome> = {}) {
    this.socket.fire('open')
    this.socket.say(encodeJson('welcome', { ...welcome, ...change }))
  }
  names() {
    return this.seen.map(([name]) => name)
  }
  of(name: string) {
    return this.seen.filter((one) => one[0] === name).map((one) => one[1])
  }
}
const live = () => {
  const scene = new Scene()
  scene.welcome()
  return scene
}
const bytes = (text: string) => new TextEncoder().encode(text)

describe('a session whose connection is cut', () => {
  it('comes back at once with its newest key and what it has, and types again what was lost', () => {
    const scene = live()
    scene.socket.say(encodeBytes('output', bytes('hello')))
    scene.stream.input(bytes('abc'))
    scene.socket.cut()
    expect(scene.stream.state).toBe('reconnecting')
    expect(scene.sockets.map(({ url }) => url)).toEqual(['wss://x/terminal', 'wss://x/terminal/se_x'])
    scene.stream.input(bytes('d'))
    scene.stream.resize(100, 30)
    scene.welcome({ key: 'key2', outputOffset: 5, inputOffset: 1 })
    expect(scene.socket.sent).toEqual([
      { kind: 'hello', hello: { resume: { session: 'se_x', key: 'key1', outputOffset: 5 }, cols: 100, rows: 30 } },
      { kind: 'ack', offset: 5 },
      { kind: 'input', bytes: bytes('bc') },
      { kind: 'input', bytes: bytes('d') },
    ])
    expect(scene.names()).toEqual(['latency', 'reconnecting', 'resumed'])
    scene.socket.cut()
    scene.timers.pass(500)
    scene.socket.fire('open')
    expect(scene.socket.sent[0]).toMatchObject({ hello: { resume: { key: 'key2' } } })
  })

  it('is tried again less and less often, and given up when the grace is over', () => {
    const scene = live()
    scene.timers.pass(6000)
    for (let n = 0; n < 200 && scene.stream.state !== 'closed'; n++) {
      scene.socket.cut()
      scene.timers.pass(5000)
    }
    const waits = scene.of('reconnecting').map((one) => (one as { nextInMs: number }).nextInMs)
    expect(waits.filter((wait) => wait > 0).slice(0, 6)).toEqual([500, 1000, 2000, 4000, 5000, 5000])
    expect(scene.of('closed')).toEqual([{ code: 1006, reason: 'nobody answered in time', clean: false }])
    expect(scene.timers.now).toBeLessThan(90_000)
    expect(scene.timers.waiting).toBe(0)
    expect(scene.stream.input(bytes('x'))).toBe(false)
  })

  it('does not knock at once when a connection lasted only a moment', () => {
    const scene = live()
    scene.timers.pass(6000)
    const dials: number[] = []
    for (let n = 0; n < 4; n++) {
      scene.socket.cut()
      const before = scene.timers.now
      for (const count = scene.sockets.length; scene.sockets.length === count && scene.timers.now < before + 10_000 && n > 0;) scene.timers.pass(100)
      dials.push(scene.timers.now - before)
      scene.welcome({ key: `again${n}` })
    }
    expect(dials).toEqual([0, 500, 1000, 2000])
  })

  it('is tried at once when the network is back', () => {
    const scene = live()
    scene.socket.cut()
    scene.socket.cut()
    expect(scene.sockets).toHaveLength(2)
    scene.stream.tryNow()
    expect(scene.sockets).toHaveLength(3)
    // An attempt that is being made is not doubled.
    scene.stream.tryNow()
    expect(scene.sockets).toHaveLength(3)
  })

  it('keeps what is typed meanwhile, up to a bound', () => {
    const scene = live()
    scene.socket.cut()
    expect(scene.stream.input(new Uint8Array(mostWaiting))).toBe(true)
    expect(scene.stream.input(Uint8Array.of(1))).toBe(false)
  })

  it('learns how it ended while it was away', () => {
    const scene = live()
    scene.socket.cut()
    scene.socket.fire('open')
    scene.socket.say(encodeJson('ended', { reason: 'terminated', message: 'Terminated by ada: maintenance' }))
    scene.socket.cut(1000)
    expect(scene.of('ended')).toEqual([{ reason: 'terminated', message: 'Terminated by ada: maintenance' }])
    expect(scene.of('closed')).toEqual([{ code: 1000, reason: '', clean: true }])
    expect(scene.timers.waiting).toBe(0)
  })

  it('says nothing of a gateway that counts otherwise, but stops, and leaves the session to be attached', () => {
    const scene = live()
    scene.stream.input(bytes('abc'))
    scene.socket.cut()
    scene.welcome({ inputOffset: 9 })
    expect(scene.socket.closedWith).toBe(4002)
    expect(scene.stream.state).toBe('closed')
  })

  it('is cut by us when nothing is heard for 15 s, but not when pings were late', () => {
    const scene = live()
    scene.timers.pass(7000)
    scene.socket.say(encodeJson('stats', { queuedBytes: 0 }))
    scene.timers.pass(17_000)
    expect(scene.stream.state).toBe('open')
    scene.timers.pass(1000)
    expect(scene.sockets[0]?.closedWith).toBe(4000)
    expect(scene.stream.state).toBe('reconnecting')

    const hidden = live()
    hidden.socket.say(encodePing('pong', 1))
    hidden.timers.now += 60_000
    hidden.timers.pass(0)
    expect(hidden.stream.state).toBe('open')
  })

  it('asks at once whether the line is alive when somebody looks, and any word is an answer', () => {
    const scene = live()
    scene.timers.pass(1000)
    scene.stream.tryNow()
    scene.timers.pass(1)
    scene.socket.say(encodeJson('stats', { queuedBytes: 0 }))
    scene.timers.pass(4500)
    expect(scene.stream.state).toBe('open')
    scene.stream.tryNow()
    scene.timers.pass(4000)
    expect(scene.stream.state).toBe('reconnecting')
  })

  it('names a proxy that cuts after the same time', () => {
    const scene = live()
    for (let n = 1; n <= 4; n++) {
      for (let s = 0; s < 60; s++) {
        scene.timers.pass(1000)
        scene.socket.say(encodeJson('stats', { queuedBytes: 0 }))
      }
      scene.socket.cut()
      scene.timers.pass(20)
      scene.welcome({ key: `key${n}` })
    }
    expect(scene.of('proxySuspected')).toEqual([{ afterSeconds: 60 }])
  })

  it('is not wanted back when another connection took it over', () => {
    const scene = live()
    scene.socket.cut(4001)
    scene.timers.pass(60_000)
    expect(scene.names()).toEqual(['takenOver', 'closed'])
    expect(scene.sockets).toHaveLength(1)
  })
})

describe('a screen', () => {
  it('is acknowledged first, whatever was being parsed before it', () => {
    const scene = live()
    scene.socket.say(encodeBytes('output', bytes('12345')))
    scene.socket.say(encodeScreen({ offset: 5000, cols: 100, rows: 30, text: bytes('drawn') }))
    scene.socket.say(encodeBytes('output', bytes('more')))
    scene.stream.parsed(5)
    scene.timers.pass(100)
    expect(scene.socket.kinds()).toEqual(['hello', 'ack'])
    scene.stream.parsed(5000)
    expect(scene.socket.sent.at(-1)).toEqual({ kind: 'ack', offset: 5000 })
    scene.stream.parsed(5004)
    scene.timers.pass(50)
    expect(scene.socket.sent.at(-1)).toEqual({ kind: 'ack', offset: 5004 })
    expect(scene.of('screen')).toEqual([{ offset: 5000, cols: 100, rows: 30, text: bytes('drawn') }])
    scene.socket.cut()
    scene.socket.fire('open')
    expect(scene.socket.sent[0]).toMatchObject({ hello: { resume: { outputOffset: 5004 } } })
  })
})

describe('a page that was loaded again', () => {
  it('resumes from nothing, keeps trying, and types from where the gateway stands', () => {
    const scene = new Scene({ resume: { session: 'se_x', key: 'kept', outputOffset: 0 } })
    expect(scene.stream.input(bytes('early'))).toBe(true)
    scene.socket.cut()
    scene.welcome({ inputOffset: 40 })
    expect(scene.socket.sent).toEqual([
      { kind: 'hello', hello: { resume: { session: 'se_x', key: 'kept', outputOffset: 0 }, cols: 80, rows: 24 } },
      { kind: 'ack', offset: 0 },
      { kind: 'input', bytes: bytes('early') },
    ])
    scene.socket.say(encodeOffset('taken', 45))
    scene.socket.cut()
    scene.timers.pass(5000)
    scene.welcome({ inputOffset: 45 })
    expect(scene.socket.kinds()).toEqual(['hello', 'ack'])
  })
})

describe('a hidden page', () => {
  it('says so on every connection', () => {
    const scene = new Scene()
    scene.stream.hidden(true)
    scene.welcome()
    scene.stream.hidden(true)
    expect(scene.socket.kinds()).toEqual(['hello', 'ack', 'hidden'])
    scene.socket.cut()
    scene.welcome({ key: 'key2' })
    expect(scene.socket.kinds()).toEqual(['hello', 'ack', 'hidden'])
    scene.stream.hidden(false)
    expect(scene.socket.sent.at(-1)).toEqual({ kind: 'hidden', hidden: false })
  })
})

describe('somebody who watches', () => {
  const tickets: string[] = []
  const renewing = (answer: () => Promise<string>) => {
    const scene = new Scene({ ticket: 'first'.repeat(9), session: 'se_x', renew: answer })
    scene.welcome({ key: '', readOnly: true })
    return scene
  }
  it('types nothing and asks for a new ticket after a cut', async () => {
    const scene = renewing(() => {
      tickets.push('asked')
      return Promise.resolve('second'.repeat(8))
    })
    expect(scene.sockets[0]?.url).toBe('wss://x/terminal/se_x')
    expect(scene.stream.input(bytes('x'))).toBe(false)
    scene.stream.resize(10, 10)
    expect(scene.socket.kinds()).toEqual(['hello', 'ack'])
    scene.socket.cut()
    await Promise.resolve()
    expect(tickets).toEqual(['asked'])
    scene.welcome({ key: '', readOnly: true })
    expect(scene.socket.sent[0]).toMatchObject({ kind: 'hello', hello: { ticket: 'second'.repeat(8) } })
    expect(scene.of('resumed')).toHaveLength(1)
  })
  it('goes on asking when nobody answers, and ends when it may not any more', async () => {
    const answers = [new Failure('control_unreachable', 'silent'), new Failure('forbidden', 'not you')]
    const scene = renewing(() => Promise.reject(answers.shift() ?? new Error('asked too often')))
    scene.socket.cut()
    for (let turns = 0; turns < 10; turns++) await Promise.resolve()
    expect(scene.stream.state).toBe('reconnecting')
    scene.timers.pass(600)
    for (let turns = 0; turns < 10; turns++) await Promise.resolve()
    expect(scene.of('ended')).toEqual([{ reason: 'owner_gone', message: 'not you', failure: 'forbidden' }])
    expect(scene.stream.state).toBe('closed')
    expect(scene.timers.waiting).toBe(0)
  })
})

describe('leaving', () => {
  it('closes with 1000, which ends the session', () => {
    const scene = live()
    scene.stream.close()
    expect(scene.socket.closedWith).toBe(1000)
    expect(scene.stream.state).toBe('closed')
  })
  it('comes back once to say so when the connection is gone', () => {
    const scene = live()
    scene.socket.cut()
    scene.socket.cut()
    scene.stream.close()
    expect(scene.sockets).toHaveLength(3)
    scene.welcome({ key: 'key2' })
    expect(scene.socket.closedWith).toBe(1000)
    expect(scene.of('resumed')).toEqual([])
    expect(scene.of('closed')).toEqual([{ code: 1000, reason: '', clean: false }])
    expect(scene.timers.waiting).toBe(0)
  })
})
