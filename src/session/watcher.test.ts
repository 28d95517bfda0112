import { describe, expect, it } from 'vitest'
import { Failure } from '#domain/failure.ts'
import { joinPair, ScriptedNear, settled } from './test-pair.ts'

const chunk = (size: number) => Buffer.alloc(size, 'x')

describe('a watcher', () => {
  it('sees the screen as it is, then the tail, and the owner sees who watches', async () => {
    const { session, far, near, tap } = joinPair()
    far.say('before')
    tap.turn()
    const watcher = new ScriptedNear()
    const controls = session.watch(watcher, 'Bob')
    expect(near.watching).toEqual([['Bob']])
    far.say('meanwhile')
    tap.turn()
    await settled()
    expect(watcher.screens).toMatchObject([{ offset: 6 }])
    expect(watcher.text).toBe('meanwhile')
    far.say('tail')
    tap.turn()
    expect(watcher.text).toBe('meanwhiletail')
    controls.gone()
    expect(near.watching).toEqual([['Bob'], []])
    far.say('unseen')
    tap.turn()
    expect(watcher.text).toBe('meanwhiletail')
  })

  it('that stops reading costs the owner nothing, and gets a screen when it has acknowledged', async () => {
    const { session, far, near, tap, clock, controls: owner } = joinPair({ idleMs: 1e9 })
    const watcher = new ScriptedNear()
    const controls = session.watch(watcher, 'Bob')
    await settled()
    controls.acknowledged(0)
    for (let at = 0; at < 100; at++) {
      far.say(chunk(16 * 1024))
      tap.turn()
      clock.forward(50)
      owner.acknowledged(near.shown)
      await settled()
    }
    expect(near.shown).toBe(1600 * 1024)
    expect(far.paused).toBe(false)
    // The first screen, the burst, one more screen that is not acknowledged: then silence.
    expect(watcher.shown).toBeLessThan(700 * 1024)
    const screens = watcher.screens.length
    expect(screens).toBeLessThanOrEqual(2)
    controls.acknowledged(watcher.screens.at(-1)?.offset ?? 0)
    clock.forward(1000)
    await settled()
    expect(watcher.screens.length).toBe(screens + 1)
    expect(watcher.screens.at(-1)?.offset).toBe(1600 * 1024)
  })

  it('of a flood sees two screens a second at most', async () => {
    const { session, far, near, tap, clock, controls: owner } = joinPair({ idleMs: 1e9 })
    const watcher = new ScriptedNear()
    const controls = session.watch(watcher, 'Bob')
    await settled()
    for (let at = 0; at < 200; at++) {
      far.say(chunk(60_000))
      tap.turn()
      clock.forward(20)
      owner.acknowledged(near.shown)
      await settled()
      const seen = Math.max(watcher.screens.at(-1)?.offset ?? 0, (watcher.chunks.at(-1)?.offset ?? 0) + (watcher.chunks.at(-1)?.bytes.length ?? 0))
      controls.acknowledged(seen)
    }
    expect(watcher.screens.length).toBeGreaterThan(4)
    expect(watcher.screens.length).toBeLessThanOrEqual(10)
    // The first burst, and nothing of the flood beside the screens.
    expect(watcher.shown).toBeLessThan(3 * 128 * 1024)
  })

  it('hears of sizes in their place and of the end', async () => {
    const { session, far, tap, controls } = joinPair()
    const watcher = new ScriptedNear()
    session.watch(watcher, 'Bob')
    await settled()
    controls.resize({ cols: 100, rows: 40 })
    tap.turn()
    expect(watcher.sizes).toEqual([{ cols: 100, rows: 40 }])
    far.exit({ exitStatus: 0 })
    tap.turn()
    expect(watcher.ends).toMatchObject([{ reason: 'exited' }])
  })

  it('sees nothing while hidden, then a screen', async () => {
    const { session, far, tap, clock } = joinPair()
    const watcher = new ScriptedNear()
    const controls = session.watch(watcher, 'Bob')
    await settled()
    controls.acknowledged(0)
    controls.hidden(true)
    far.say('unseen')
    tap.turn()
    expect(watcher.text).toBe('')
    clock.forward(1000)
    controls.hidden(false)
    await settled()
    expect(watcher.screens).toMatchObject([{ offset: 0 }, { offset: 6 }])
  })

  it('is tried again when no screen can be drawn', async () => {
    const { session, past, clock } = joinPair()
    past.broken = true
    const watcher = new ScriptedNear()
    session.watch(watcher, 'Bob')
    await settled()
    expect(watcher.abouts).toEqual([{ code: 'not_drawn' }])
    for (let more = 0; more < 5; more++) {
      clock.forward(600)
      await settled()
    }
    // Said once, not twice a second.
    expect(watcher.abouts).toEqual([{ code: 'not_drawn' }])
    expect(past.asked).toHaveLength(6)
    past.broken = false
    clock.forward(600)
    await settled()
    expect(watcher.screens).toHaveLength(1)
  })

  it('that is hidden and seen again in quick turns asks for two screens a second at most', async () => {
    const { session, past, clock } = joinPair()
    const controls = session.watch(new ScriptedNear(), 'Bob')
    for (let turn = 0; turn < 1000; turn++) {
      controls.hidden(true)
      controls.hidden(false)
      clock.forward(2)
    }
    await settled()
    expect(past.asked.length).toBeGreaterThan(2)
    expect(past.asked.length).toBeLessThanOrEqual(5)
  })

  it('keeps a thousand pieces at most while its screen is drawn, and gets another screen then', async () => {
    const { session, far, tap, clock } = joinPair({ idleMs: 1e9 })
    const watcher = new ScriptedNear()
    const controls = session.watch(watcher, 'Bob')
    for (let at = 0; at < 5000; at++) far.say('x')
    tap.turn()
    await settled()
    expect(watcher.text).toBe('')
    expect(watcher.screens).toMatchObject([{ offset: 0 }])
    controls.acknowledged(0)
    clock.forward(600)
    await settled()
    expect(watcher.screens).toMatchObject([{ offset: 0 }, { offset: 5000 }])
  })
})

it('a hundred may watch, one more is refused, and all leave nothing behind', async () => {
  const { session, tap, far, clock } = joinPair()
  const watchers = Array.from({ length: 100 }, (_, at) => session.watch(new ScriptedNear(), `w${at}`))
  let refusal: unknown
  try {
    session.watch(new ScriptedNear(), 'late')
  } catch (error) {
    refusal = error
  }
  expect(refusal).toBeInstanceOf(Failure)
  expect((refusal as Failure).code).toBe('too_many_watchers')
  watchers[0]?.gone()
  session.watch(new ScriptedNear(), 'now')
  await settled()
  far.exit({ exitStatus: 0 })
  tap.turn()
  await settled()
  expect(session.watchers).toBe(0)
  expect(clock.timers).toBe(0)
})
