import { describe, expect, it } from 'vitest'
import { Pace } from './pace.ts'

describe('the pace of a transfer', () => {
  it('is that of the last seconds, and says how long the rest takes', () => {
    const pace = new Pace()
    pace.moved(0, 0)
    expect(pace.bytesPerSecond(500)).toBeUndefined()
    for (let at = 1; at <= 40; at += 1) pace.moved(at * 250_000, at * 250)
    expect(pace.bytesPerSecond(10_000)).toBeCloseTo(1_000_000, -4)
    expect(pace.secondsLeft(15_000_000, 10_000)).toBe(5)
  })

  it('falls when nothing moves', () => {
    const pace = new Pace()
    pace.moved(0, 0)
    pace.moved(1_000_000, 1000)
    expect(pace.bytesPerSecond(1000)).toBe(1_000_000)
    expect(pace.bytesPerSecond(4000)).toBe(250_000)
  })

  it('begins anew when the transfer does', () => {
    const pace = new Pace()
    pace.moved(5_000_000, 0)
    pace.moved(9_000_000, 1000)
    pace.moved(0, 2000)
    expect(pace.bytesPerSecond(2100)).toBeUndefined()
  })
})
