import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Failure } from '#domain/failure.ts'
import { LiveSessions } from './live-sessions.ts'
import { Session } from './session.ts'
import { HandClock, ScriptedFar, ScriptedNear, ScriptedPast, ScriptedTap, joinPair } from './test-pair.ts'

const codeOf = (act: () => unknown) => {
  try {
    act()
  } catch (cause) {
    return cause instanceof Failure ? cause.code : String(cause)
  }
  return undefined
}
const kib = 1024
const chunk = (size: number) => new Uint8Array(size).fill(120)

describe('output', () => {
  it('is shown only when the tap has accepted it', () => {
    const { far, near, tap } = joinPair()
    far.say('hello')
    expect(near.chunks).toEqual([])
    expect(tap.events).toMatchObject([{ kind: 'output', offset: 0 }])
    tap.turn()
    expect(near.text).toBe('hello')
  })

  it('carries absolute offsets and leaves characters split over packets to the terminal’s decoder', () => {
    const { far, near, tap } = joinPair()
    const bytes = Buffer.from('漢字🎉')
    for (const byte of bytes) far.say(Uint8Array.of(byte))
    tap.turn()
    expect(near.chunks.map((each) => each.offset)).toEqual([...bytes.keys()])
    expect(near.text).toBe('漢字🎉')
    const decoder = new TextDecoder()
    expect(near.chunks.map((each) => decoder.decode(each.bytes, { stream: true })).join('')).toBe('漢字🎉')
  })

  it('waits for the beginning, so that WELCOME goes first', () => {
    const [far, near, tap, clock] = [new ScriptedFar(), new ScriptedNear(), new ScriptedTap(), new HandClock()]
    const past = new ScriptedPast(tap)
    const parts = { history: past, screens: past, size: { cols: 80, rows: 24 }, startedMs: 0, limits: { idleMs: 1e6 }, onEnded: () => {} }
    const session = new Session({ id: 'se_x', far, near, tap, clock, ...parts })
    far.say('early')
    tap.turn()
    expect(near.chunks).toEqual([])
    session.begin()
    tap.turn()
    expect(near.text).toBe('early')
    expect(() => session.begin()).toThrow('begun already')
  })

  it('stops the host when 256 KiB are unparsed and lets it on at a quarter, losing nothing', () => {
    const { far, near, tap, controls, clock } = joinPair()
    for (let at = 0; at < 40; at++) far.say(chunk(16 * kib))
    tap.turn()
    expect(far.paused).toBe(true)
    expect(near.shown).toBe(256 * kib)
    // Not so promptly that the window grows.
    clock.forward(60)
    controls.acknowledged(191 * kib)
    expect(far.paused).toBe(true)
    controls.acknowledged(192 * kib)
    tap.turn()
    // A quarter was outstanding; the host then filled the window again.
    expect(near.shown).toBe((192 + 256) * kib)
    controls.acknowledged(near.shown)
    tap.turn()
    expect(near.shown).toBe(640 * kib)
    expect(far.paused).toBe(false)
  })

  it('stops the host while the tap is full', () => {
    const { far, near, tap } = joinPair()
    tap.isFull = true
    far.say('one')
    far.say('two')
    expect(far.paused).toBe(true)
    tap.turn()
    expect(near.text).toBe('one')
    tap.room()
    tap.turn()
    expect(near.text).toBe('onetwo')
  })

  it('refuses an acknowledgement of what was never sent', () => {
    const { far, tap, controls } = joinPair()
    far.say('12345')
    expect(codeOf(() => controls.acknowledged(5))).toBe('ack_beyond_output')
    tap.turn()
    controls.acknowledged(5)
    controls.acknowledged(3)
    expect(codeOf(() => controls.acknowledged(6))).toBe('ack_beyond_output')
  })

  it('shows and records exactly what the host said, whatever the order of packets, turns and acknowledgements', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 70_000 }), fc.constant('turn'), fc.constant('ack')), { maxLength: 60 }),
        (steps) => {
          const { far, near, tap, controls } = joinPair()
          const said: Uint8Array[] = []
          for (const step of steps) {
            if (step === 'turn') tap.turn()
            else if (step === 'ack') controls.acknowledged(near.shown)
            else if (typeof step !== 'string') {
              said.push(step)
              far.say(step)
            }
          }
          for (let rest = 0; rest < 100 && (far.waiting.length > 0 || rest < 2); rest++) {
            tap.turn()
            controls.acknowledged(near.shown)
          }
          far.exit({ exitStatus: 0 })
          tap.turn()
          const all = Buffer.concat(said)
          expect(Buffer.concat(near.chunks.map((each) => each.bytes)).equals(all)).toBe(true)
          const recorded = tap.events.flatMap((event) => (event.kind === 'output' ? [event.bytes] : []))
          expect(Buffer.concat(recorded).equals(all)).toBe(true)
          expect(near.ends).toHaveLength(1)
        },
      ),
      { numRuns: 50 },
    )
  })
})

describe('input', () => {
  it('reaches the host in order, is acknowledged, and is not doubled', () => {
    const { far, near, controls, session } = joinPair()
    expect(controls.input(0, Buffer.from('abc'))).toBe(true)
    expect(controls.input(1, Buffer.from('bcde'))).toBe(true)
    controls.input(0, Buffer.from('ab'))
    expect(far.written).toEqual(['abc', 'de'])
    expect(near.taken_).toEqual([3, 5])
    expect(session.bytesIn).toBe(5)
    expect(codeOf(() => controls.input(6, Buffer.from('x')))).toBe('frame_unexpected')
  })

  it('waits when the host takes no more, stops the person at 1 MiB, and refuses beyond 2 MiB', () => {
    const { far, near, controls } = joinPair()
    let rooms = 0
    controls.onRoom = () => rooms++
    far.takes = false
    controls.input(0, Buffer.from('x'))
    expect(near.taken_).toEqual([])
    let offset = 1
    let answers = 0
    while (controls.input(offset, chunk(64 * kib))) {
      offset += 64 * kib
      answers++
    }
    offset += 64 * kib
    expect(answers).toBe(15)
    expect(far.written).toHaveLength(1)
    expect(
      codeOf(() => {
        for (let more = 0; more < 20; more++) {
          controls.input(offset, chunk(64 * kib))
          offset += 64 * kib
        }
      }),
    ).toBe('input_too_fast')
    far.takes = true
    far.on.room()
    expect(rooms).toBe(1)
    expect(far.written.map(String).join('').length).toBe(near.taken_.at(-1))
  })

  it('stops the person as soon when each byte comes in a frame of its own: a million of them would cost 200 MB and minutes', () => {
    const { far, controls } = joinPair()
    far.takes = false
    let offset = 0
    while (controls.input(offset, Buffer.from('k')) && offset < 100_000) offset++
    expect(offset).toBeGreaterThan(4000)
    expect(offset).toBeLessThan(20_000)
    far.takes = true
    far.on.room()
    expect(far.written.join('')).toBe('k'.repeat(offset + 1))
  })

  it('keeps resizes in order with what is typed, at most ten a second, the last of a row wins, and records those that were made', () => {
    const { far, tap, controls, clock } = joinPair()
    controls.resize({ cols: 80, rows: 24 })
    for (let cols = 81; cols <= 120; cols++) controls.resize({ cols, rows: 30 })
    controls.input(0, Buffer.from('stty size\n'))
    controls.resize({ cols: 5000, rows: 0 })
    expect(far.written).toEqual([{ cols: 80, rows: 24 }])
    clock.forward(100)
    expect(far.written).toEqual([{ cols: 80, rows: 24 }, { cols: 120, rows: 30 }, 'stty size\n'])
    clock.forward(100)
    expect(far.written.at(-1)).toEqual({ cols: 1000, rows: 1 })
    expect(tap.events.flatMap((event) => (event.kind === 'resize' ? [event.size] : []))).toEqual([
      { cols: 80, rows: 24 },
      { cols: 120, rows: 30 },
      { cols: 1000, rows: 1 },
    ])
    expect(tap.events.filter(({ kind }) => kind === 'resize').map((event) => event.atMs)).toEqual([0, 100, 200])
  })
})

describe('marks of typing', () => {
  it('say that lines were begun and entered, before the host can answer, and nothing of what was typed (REC-12)', () => {
    const { far, tap, controls } = joinPair()
    const type = (at: number, text: string) => controls.input(at, Buffer.from(text))
    far.say('Password: ')
    type(0, 'h')
    type(1, 'unter2')
    type(7, '\r')
    far.say('\r\n$ ')
    type(8, 'ls\rpwd\rx')
    type(16, '\u0003')
    const marks = tap.events.filter(({ kind }) => kind === 'typing')
    expect(marks).toMatchObject([
      { offset: 10, mark: { typed: true, lineEnds: 0, isOpen: true, interrupted: false } },
      { offset: 10, mark: { typed: false, lineEnds: 1, isOpen: false, interrupted: false } },
      { offset: 14, mark: { typed: true, lineEnds: 2, isOpen: true, interrupted: false } },
      { offset: 14, mark: { typed: false, lineEnds: 0, interrupted: true } },
    ])
    expect(JSON.stringify(marks)).not.toMatch(/hunter|pwd|unter2/)
  })
})

describe('the end', () => {
  it('tells the exit after every byte of output, and writes it down', () => {
    const { far, near, tap, reports, clock, session } = joinPair()
    far.say('bye')
    far.exit({ exitStatus: 3 })
    expect(near.ends).toEqual([])
    tap.turn()
    expect(near.text).toBe('bye')
    expect(near.ends).toMatchObject([{ reason: 'exited', exitStatus: 3, message: 'The shell ended with status 3.' }])
    expect(tap.events.at(-1)).toMatchObject({ kind: 'end', offset: 3, end: { reason: 'exited' } })
    expect(reports).toEqual([{ id: 'se_test', end: near.ends[0], bytesIn: 0, bytesOut: 3 }])
    expect([far.closes, tap.closes, clock.timers]).toEqual([1, 1, 0])
    return session.whenEnded
  })

  it('tells a signal, a shell without a status, and a lost host apart', () => {
    for (const [exit, expected] of [
      [{ signal: 'KILL' }, { reason: 'signaled', signal: 'KILL' }],
      [{}, { reason: 'exited' }],
      [undefined, { reason: 'host_lost', failure: 'host_timeout' }],
    ] as const) {
      const { far, near, tap } = joinPair()
      far.exit(exit, new Failure('host_timeout', 'The host stopped answering.'))
      tap.turn()
      expect(near.ends).toMatchObject([expected])
    }
  })

  it('by an administrator shows who and why, and closes both sides at once, also when the person’s terminal stands still', () => {
    const { far, near, tap, session, reports, clock } = joinPair()
    for (let at = 0; at < 40; at++) far.say(chunk(16 * kib))
    tap.turn()
    expect(far.paused).toBe(true)
    session.terminate({ reason: 'terminated', by: 'bob', text: 'maintenance' })
    expect(far.closes).toBe(1)
    tap.turn()
    expect(near.ends).toMatchObject([{ reason: 'terminated', message: 'Terminated by bob: maintenance' }])
    session.terminate({ reason: 'revoked', by: 'carol', text: 'again' })
    far.exit({ exitStatus: 0 })
    tap.turn()
    expect(reports).toHaveLength(1)
    expect(clock.timers).toBe(0)
  })

  it('comes within a second even when the tap no longer answers', () => {
    const { near, session, reports, clock } = joinPair()
    session.terminate({ reason: 'terminated', by: 'bob', text: '' })
    clock.forward(999)
    expect(near.ends).toEqual([])
    clock.forward(1)
    expect(near.ends).toHaveLength(1)
    expect(reports).toHaveLength(1)
    expect(clock.timers).toBe(0)
  })

  it('comes at once when the recording cannot be written, and nothing that was not accepted is shown', () => {
    for (const [cause, failure] of [
      [new Failure('disk_full', 'full'), 'disk_full'],
      [new Error('EIO'), 'recording_failed'],
    ] as const) {
      const { far, near, tap, reports, clock } = joinPair()
      far.say('unseen')
      tap.fail(cause)
      expect(near.chunks).toEqual([])
      expect(near.ends).toMatchObject([{ reason: 'recording_failed', failure }])
      expect([far.closes, tap.closes, reports.length, clock.timers]).toEqual([1, 1, 1, 0])
    }
  })

  it('is owner_gone when the person closes the terminal', () => {
    const { far, tap, controls, reports } = joinPair()
    controls.left()
    tap.turn()
    expect(far.closes).toBe(1)
    expect(reports).toMatchObject([{ end: { reason: 'owner_gone' } }])
  })

  it('comes after the idle time, with a warning a minute before; input and output both count', () => {
    const { far, near, tap, controls, clock } = joinPair({ idleMs: 600_000 })
    clock.forward(500_000)
    far.say('x')
    clock.forward(500_000)
    controls.input(0, Buffer.from('y'))
    clock.forward(539_999)
    expect(near.notices).toEqual([])
    clock.forward(1)
    expect(near.notices).toEqual(['warning: This session ends in 60 seconds unless you type something.'])
    clock.forward(59_999)
    tap.turn()
    expect(near.ends).toEqual([])
    clock.forward(1)
    tap.turn()
    expect(near.ends).toMatchObject([{ reason: 'idle', message: 'Nothing happened for 10 minutes.' }])
    expect(clock.timers).toBe(0)
  })

  it('comes at the longest time a session may last, whatever happens in it', () => {
    const { far, near, tap, clock } = joinPair({ idleMs: 600_000, maxMs: 120_000 })
    clock.forward(60_000)
    expect(near.notices).toHaveLength(1)
    far.say('x')
    clock.forward(60_000)
    tap.turn()
    expect(near.ends).toMatchObject([{ reason: 'max_duration' }])
  })

  it('reports the host’s round trip and what is queued every 5 s', () => {
    const { far, near, tap, clock } = joinPair()
    far.say('12345')
    tap.turn()
    clock.forward(10_000)
    expect(near.told).toEqual([
      { rttHostMs: 5, queuedBytes: 5 },
      { rttHostMs: 5, queuedBytes: 5 },
    ])
  })
})

describe('all sessions of a process', () => {
  it('leave nothing behind: 1,000 joined and ended in every way', async () => {
    const live = new LiveSessions()
    let timers = 0
    for (let at = 0; at < 1000; at++) {
      const { session, far, tap, controls, clock } = joinPair({ idleMs: 60_000 }, `se_${at}`)
      expect(live.add(session)).toBe(true)
      far.say(chunk(1000))
      controls.input(0, Buffer.from('x'))
      controls.resize({ cols: 10, rows: 10 })
      controls.resize({ cols: 11, rows: 10 })
      const endings = [
        () => far.exit({ exitStatus: 0 }),
        () => far.exit(undefined),
        () => tap.fail(),
        () => controls.left(),
        () => clock.forward(61_000),
        () => session.terminate({ reason: 'terminated', by: 'b', text: 't' }),
      ]
      endings[at % endings.length]?.()
      tap.turn()
      await session.whenEnded
      timers += clock.timers
    }
    await Promise.resolve()
    expect(live.size).toBe(0)
    expect(timers).toBe(0)
  })

  it('are bounded, and none is held twice', () => {
    const live = new LiveSessions(2)
    const first = joinPair(undefined, 'se_1').session
    expect(live.add(first)).toBe(true)
    expect(live.add(first)).toBe(false)
    expect(live.add(joinPair(undefined, 'se_2').session)).toBe(true)
    expect(live.isFull).toBe(true)
    expect(live.add(joinPair(undefined, 'se_3').session)).toBe(false)
  })

  it('are drained together', async () => {
    const live = new LiveSessions()
    const pairs = Array.from({ length: 5 }, (_, at) => joinPair({ idleMs: 60_000 }, `se_${at}`))
    for (const pair of pairs) live.add(pair.session)
    const drained = live.drain('Sallyport restarts.')
    for (const pair of pairs) pair.tap.turn()
    await drained
    expect(pairs.map((pair) => pair.near.ends[0])).toEqual(pairs.map(() => expect.objectContaining({ reason: 'drained', message: 'Sallyport restarts.' })))
    expect(live.size).toBe(0)
  })
})
