import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { joinPair, ScriptedNear, settled } from './test-pair.ts'

const mib = 1024 * 1024
const chunk = (size: number, letter = 'x') => Buffer.alloc(size, letter)

describe('a lost connection', () => {
  it('leaves the session alive for its grace, to the millisecond', () => {
    const { far, near, tap, controls, clock, reports } = joinPair({ idleMs: 1e9, graceMs: 900_000 })
    controls.gone()
    clock.forward(899_999)
    tap.turn()
    expect(reports).toEqual([])
    clock.forward(1)
    tap.turn()
    expect(reports).toMatchObject([{ end: { reason: 'owner_gone', message: 'Nobody came back within 900 seconds.' } }])
    expect(near.ends).toEqual([])
    expect([far.closes, clock.timers]).toEqual([1, 0])
  })

  it('is forgotten when the owner comes back in time', async () => {
    const { session, tap, controls, clock, reports } = joinPair({ idleMs: 1e9, graceMs: 900_000 })
    controls.gone()
    clock.forward(899_999)
    session.attach(new ScriptedNear(), 0)
    await settled()
    clock.forward(10_000_000)
    tap.turn()
    expect(reports).toEqual([])
  })

  it('does not stop the program, and slows it to 1 MB/s', () => {
    const { session, far, tap, controls, clock } = joinPair({ idleMs: 1e9 })
    controls.gone()
    const send = () => {
      for (let at = 0; at < 400; at++) far.say(chunk(64 * 1024))
    }
    send()
    const before = session.bytesOut
    expect(far.paused).toBe(true)
    for (let ms = 0; ms < 10_000; ms += 10) {
      tap.turn()
      clock.forward(10)
    }
    const rate = (session.bytesOut - before) / 10
    expect(rate).toBeGreaterThan(0.9e6)
    expect(rate).toBeLessThan(1.05e6)
  })
})

describe('coming back', () => {
  it('brings exactly the bytes that passed, up to 1 MiB', async () => {
    const { session, far, near, tap, controls, past, clock } = joinPair({ idleMs: 1e9 })
    far.say('before ')
    tap.turn()
    controls.gone()
    for (let at = 0; at < 64; at++) {
      far.say(chunk(16 * 1024, String.fromCharCode(97 + (at % 26))))
      tap.turn()
      clock.forward(100)
    }
    const back = new ScriptedNear()
    const { place } = session.attach(back, near.shown)
    expect(place).toMatchObject({ outputOffset: 7, inputOffset: 0 })
    await settled()
    expect(back.screens).toEqual([])
    expect(Buffer.concat(back.chunks.map((each) => each.bytes)).equals(past.said.subarray(7))).toBe(true)
    far.say('live')
    session.attach(back, back.shown + 7)
    tap.turn()
    expect(back.text.endsWith('live')).toBe(true)
  })

  it.each([
    ['a byte more than 1 MiB passed', 1, mib],
    ['the journal has less', 0, 1000],
  ])('brings the screen when %s, says how much passed, and goes on behind it', async (_name, more, keeps) => {
    const { session, far, tap, controls, past, clock } = joinPair({ idleMs: 1e9 })
    past.keeps = keeps
    controls.gone()
    far.say(chunk(mib + more))
    tap.turn()
    clock.forward(60_000)
    const back = new ScriptedNear()
    session.attach(back, 0)
    await settled()
    expect(back.chunks).toEqual([])
    expect(back.screens).toMatchObject([{ offset: mib + more }])
    expect(back.abouts).toEqual([{ code: 'bytes_passed', bytes: mib + more }])
    far.say('tail')
    tap.turn()
    expect(back.chunks).toMatchObject([{ offset: mib + more }])
  })

  it('brings the screen when the journal cannot be read', async () => {
    const { session, far, tap, controls, past } = joinPair({ idleMs: 1e9 })
    past.read = () => Promise.reject(new Error('EIO'))
    controls.gone()
    far.say('passed')
    tap.turn()
    const back = new ScriptedNear()
    session.attach(back, 0)
    await settled()
    expect(back.screens).toMatchObject([{ offset: 6 }])
    expect(far.paused).toBe(false)
  })

  it('goes on with an empty screen when none can be drawn', async () => {
    const { session, far, tap, controls, past, clock } = joinPair({ idleMs: 1e9 })
    past.broken = true
    controls.gone()
    far.say(chunk(2 * mib))
    tap.turn()
    clock.forward(60_000)
    const back = new ScriptedNear()
    session.attach(back, 0)
    await settled()
    expect(back.screens).toMatchObject([{ offset: 2 * mib, cols: 80, rows: 24, text: new Uint8Array(0) }])
    expect(back.abouts).toEqual([{ code: 'not_redrawn', bytes: 2 * mib }])
    expect(far.paused).toBe(false)
  })

  it('holds the host while what passed is fetched, and loses nothing that was on its way', async () => {
    const { session, far, near, tap, controls } = joinPair()
    controls.gone()
    far.say('a')
    tap.turn()
    far.say('b')
    const back = new ScriptedNear()
    session.attach(back, near.shown)
    expect(far.paused).toBe(true)
    far.say('c')
    tap.turn()
    await settled()
    tap.turn()
    await settled()
    expect(back.text).toBe('abc')
    expect(back.chunks.map((each) => each.offset)).toEqual([0, 2])
  })

  it('takes the session from an older connection, which can do nothing any more', async () => {
    const { session, far, near, tap, controls } = joinPair()
    const back = new ScriptedNear()
    const { controls: newer } = session.attach(back, 0)
    expect(near.takeovers).toBe(1)
    controls.input(0, Buffer.from('old'))
    controls.gone()
    controls.left()
    newer.input(0, Buffer.from('new'))
    await settled()
    expect(far.written).toEqual(['new'])
    far.say('x')
    tap.turn()
    expect([near.text, back.text]).toEqual(['', 'x'])
    expect(session.end).toBeUndefined()
  })

  it('says how far input came, and takes what is sent again once', () => {
    const { session, far, controls } = joinPair()
    controls.input(0, Buffer.from('abc'))
    controls.gone()
    const { controls: newer, place } = session.attach(new ScriptedNear(), 0)
    expect(place.inputOffset).toBe(3)
    newer.input(1, Buffer.from('bcd'))
    expect(far.written.join('')).toBe('abcd')
  })

  it('says how far a terminal has parsed, so that queries are not answered again', () => {
    const { session, far, tap, controls } = joinPair()
    far.say('12345')
    tap.turn()
    controls.acknowledged(4)
    controls.gone()
    expect(session.attach(new ScriptedNear(), 0).place.parsedOffset).toBe(4)
  })
})

describe('a hidden page', () => {
  it('is sent output while its window has room, then nothing; the program goes on; seen again, it has everything', async () => {
    const { session, far, near, tap, controls, clock, past } = joinPair({ idleMs: 1e9 })
    controls.hidden(true)
    far.say('bell')
    tap.turn()
    expect(near.text).toBe('bell')
    for (let at = 0; at < 40; at++) {
      far.say(chunk(16 * 1024))
      tap.turn()
      clock.forward(100)
    }
    expect(session.bytesOut).toBe(4 + 40 * 16 * 1024)
    expect(near.shown).toBeLessThanOrEqual(256 * 1024 + 16 * 1024)
    controls.hidden(false)
    await settled()
    expect(near.text.length).toBe(session.bytesOut)
    expect(Buffer.from(near.text).equals(past.said)).toBe(true)
  })

  it('that did not acknowledge lets the host go on when it is hidden', () => {
    const { far, tap, controls } = joinPair()
    for (let at = 0; at < 20; at++) far.say(chunk(16 * 1024))
    tap.turn()
    expect(far.paused).toBe(true)
    controls.hidden(true)
    expect(far.paused).toBe(false)
  })
})

it('whatever is cut and whenever the owner comes back, each byte is seen once, in order, or covered by a screen', async () => {
  const step = fc.oneof(fc.integer({ min: 1, max: 60_000 }), fc.constantFrom('turn', 'cut', 'back', 'hide', 'see', 'ack', 'settle', 'lose', 'takeover'))
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const pair = joinPair({ idleMs: 1e9 })
      const { session, far, tap, clock, past } = pair
      let { near, controls } = pair
      let from = 0
      let size = 0
      /** Where a terminal that was fed all of this stands; throws when it would show a gap or a byte twice. */
      const standing = () => {
        let at = from
        const all = past.said
        const screens = near.screens.map((screen) => screen.offset)
        for (const { offset, bytes } of near.chunks) {
          if (offset !== at && !screens.includes(offset)) throw new Error(`output at ${offset} where ${at} was expected`)
          if (!all.subarray(offset, offset + bytes.length).equals(Buffer.from(bytes))) throw new Error('other bytes')
          at = offset + bytes.length
        }
        return Math.max(at, ...screens)
      }
      const comeBack = () => {
        from = standing()
        near = new ScriptedNear()
        controls = session.attach(near, from).controls
      }
      let isCut = false
      for (const what of steps) {
        if (typeof what === 'number') {
          far.say(chunk(what, String.fromCharCode(97 + (size++ % 26))))
        } else if (what === 'turn') tap.turn()
        else if (what === 'cut') {
          controls.gone()
          isCut = true
        } else if (what === 'back' && isCut) {
          comeBack()
          isCut = false
        } else if (what === 'takeover' && !isCut) comeBack()
        else if (what === 'hide') controls.hidden(true)
        else if (what === 'see') controls.hidden(false)
        else if (what === 'ack' && !isCut && near.chunks.length > 0) controls.acknowledged(standing())
        else if (what === 'settle') await settled()
        else if (what === 'lose') past.keeps = past.keeps === 1000 ? mib : 1000
      }
      if (isCut) comeBack()
      controls.hidden(false)
      for (let round = 0; round < 200 && (far.waiting.length > 0 || standing() < past.said.length); round++) {
        tap.turn()
        clock.forward(1000)
        await settled()
        if (near.chunks.length > 0) controls.acknowledged(standing())
      }
      expect(far.waiting).toHaveLength(0)
      expect(standing()).toBe(past.said.length)
    }),
    { numRuns: 60 },
  )
})

describe('an owner who is behind when the session ends', () => {
  it.each(['hidden', 'catching up'])('has the last output before the end: %s', async (how) => {
    const { session, far, near, tap, controls, clock, past } = joinPair({ idleMs: 1e9 })
    let owner = near
    if (how === 'hidden') controls.hidden(true)
    else controls.gone()
    for (let at = 0; at < 40; at++) {
      far.say(chunk(16 * 1024))
      tap.turn()
      clock.forward(100)
    }
    if (how === 'catching up') {
      owner = new ScriptedNear()
      session.attach(owner, 0)
    }
    far.exit({ exitStatus: 0 })
    tap.turn()
    expect(owner.ends).toEqual([])
    await settled()
    expect(Buffer.from(owner.text).equals(past.said)).toBe(true)
    expect(owner.ends).toMatchObject([{ reason: 'exited' }])
    expect(clock.timers).toBe(0)
  })

  it('hears the end alone when the rest cannot be read', async () => {
    const { far, near, tap, controls, clock, past } = joinPair({ idleMs: 1e9 })
    past.read = () => new Promise((_resolve, reject) => setImmediate(() => reject(new Error('no longer'))))
    controls.hidden(true)
    for (let at = 0; at < 40; at++) {
      far.say(chunk(16 * 1024))
      tap.turn()
      clock.forward(100)
    }
    far.exit({ exitStatus: 0 })
    tap.turn()
    await settled()
    expect(near.ends).toMatchObject([{ reason: 'exited' }])
  })
})
