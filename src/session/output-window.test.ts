import { describe, expect, it } from 'vitest'
import { Credit } from './credit.ts'
import { leastWindow, mostWindow, OutputWindow } from './output-window.ts'
import { joinPair } from './test-pair.ts'

const kib = 1024

/** A terminal that parses all it is sent in `ms`, `rounds` times; `windows` is how much it was sent each time. */
function flood() {
  let now = 0
  let produced = 0
  const window = new OutputWindow(() => now)
  const credit = new Credit(0, window)
  const round = (ms: number) => {
    const from = produced
    while (!credit.isSpent) {
      produced += 16 * kib
      credit.produced(produced)
      credit.shown(produced)
    }
    now += ms
    credit.acknowledged(produced)
    return produced - from
  }
  return { window, credit, windows: (rounds: number, ms: number) => Array.from({ length: rounds }, () => round(ms) / kib) }
}

describe('the window of an owner', () => {
  it('doubles for a terminal that is prompt, up to 768 KiB', () => {
    const { windows, credit } = flood()
    expect(windows(6, 40)).toEqual([256, 512, 768, 768, 768, 768])
    expect(credit.isSpent).toBe(false)
  })
  it('stays where parsing it takes long, and shrinks to what it was where it takes too long', () => {
    const { windows } = flood()
    expect(windows(3, 80)).toEqual([256, 256, 256])
    windows(1, 40)
    expect(windows(3, 80)).toEqual([512, 512, 512])
    expect(windows(4, 81)).toEqual([512, 256, 256, 256])
    expect(windows(5, 1)).toEqual([256, 512, 768, 768, 768])
  })
  it('stays with who never acknowledges, and with who is never behind', () => {
    let now = 0
    const window = new OutputWindow(() => now)
    const credit = new Credit(0, window)
    for (let at = 1; at < 1000; at += 1) {
      credit.shown(at * kib)
      now += 1
      credit.acknowledged(at * kib)
    }
    expect(window.bytes).toBe(leastWindow)
    credit.shown(2000 * kib)
    now += 1e6
    expect([window.bytes, credit.isSpent]).toEqual([leastWindow, true])
  })
  it('once grown lets the host go on at a half', () => {
    const { windows, window, credit } = flood()
    windows(4, 1)
    expect([window.bytes, window.againAt]).toEqual([mostWindow, mostWindow / 2])
    const from = credit.sentTo
    credit.shown(from + mostWindow)
    credit.acknowledged(from + mostWindow / 2 - 1)
    expect(credit.isSpent).toBe(true)
    credit.acknowledged(from + mostWindow / 2)
    expect(credit.isSpent).toBe(false)
  })
  it('is not taken for granted: an acknowledgement of what was sent before says nothing about what was sent last', () => {
    let now = 0
    const window = new OutputWindow(() => now)
    const credit = new Credit(0, window)
    credit.shown(10)
    now = 1
    credit.acknowledged(10)
    credit.shown(10 + leastWindow)
    now = 1000
    credit.acknowledged(20)
    credit.acknowledged(10 + leastWindow)
    expect(window.bytes).toBe(leastWindow)
  })
})

describe('a session with an owner', () => {
  const flooded = () => {
    const pair = joinPair({ idleMs: 1e9 })
    const { far, near, tap, controls } = pair
    for (let at = 0; at < 1000; at += 1) far.say(Buffer.alloc(16 * kib))
    const sent = () => {
      const before = near.shown
      tap.turn()
      return (near.shown - before) / kib
    }
    expect(sent()).toBe(256)
    for (let round = 0; round < 3; round += 1) {
      controls.acknowledged(near.shown)
      sent()
    }
    controls.acknowledged(near.shown)
    return { ...pair, sent }
  }
  it('sends a prompt one 768 KiB, and no more to one that then stalls', () => {
    const { sent, tap, clock, far } = flooded()
    expect(sent()).toBe(768)
    clock.forward(60_000)
    tap.turn()
    expect(sent()).toBe(0)
    expect(far.paused).toBe(true)
  })
  it('that is cut off has no more than 1 MiB behind it for half a second, and goes on', () => {
    const { session, controls, near, sent, clock, tap } = flooded()
    sent()
    const from = near.shown - 768 * kib
    controls.gone()
    for (let ms = 0; ms < 500; ms += 10) {
      tap.turn()
      clock.forward(10)
    }
    expect(session.bytesOut - from).toBeLessThanOrEqual(1024 * kib)
    clock.forward(1000)
    tap.turn()
    expect(session.bytesOut - from).toBeGreaterThan(1024 * kib)
  })
  it('begins again with 256 KiB when the page is hidden', () => {
    const { controls, near, sent, clock, tap, far } = flooded()
    while (sent() > 0) controls.acknowledged(near.shown)
    controls.hidden(true)
    const before = near.shown
    for (let round = 0; round < 100; round += 1) {
      far.say(Buffer.alloc(16 * kib))
      tap.turn()
      clock.forward(100)
    }
    expect(near.shown - before).toBeLessThanOrEqual(272 * kib)
  })
})
