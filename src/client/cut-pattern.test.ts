import { describe, expect, it } from 'vitest'
import { CutPattern } from './cut-pattern.ts'

const seen = (...cuts: [livedMs: number, afterMs: number][]) => {
  const pattern = new CutPattern()
  return cuts.map(([livedMs, afterMs]) => {
    pattern.cut(livedMs)
    return pattern.answered(afterMs)
  })
}

describe('a proxy that cuts', () => {
  it('is known by three cuts after about the same time, and told once', () => {
    expect(seen([60_000, 100], [60_900, 50], [59_800, 2000], [60_100, 10])).toEqual([undefined, undefined, 60, undefined])
    expect(seen([600_000, 10], [650_000, 10], [610_000, 10])).toEqual([undefined, undefined, 620])
    expect(seen([5000, 10], [5900, 10], [5500, 10])[2]).toBe(5)
  })
  it('is known among the last three, whatever came before', () => {
    expect(seen([12_000, 10], [30_000, 10], [30_100, 10], [30_050, 10])).toEqual([undefined, undefined, undefined, 30])
  })
  it('is not seen where a network is poor or a gateway is gone', () => {
    expect(seen([60_000, 10], [90_000, 10], [20_000, 10], [61_000, 10], [100_000, 10])).toEqual(Array.from({ length: 5 }, () => undefined))
    expect(seen([60_000, 10], [60_000, 9000], [60_000, 10], [60_000, 10])).toEqual(Array.from({ length: 4 }, () => undefined))
    expect(seen([4000, 10], [4000, 10], [4000, 10])).toEqual([undefined, undefined, undefined])
  })
  it('is not seen in a connection that nobody cut', () => {
    expect(new CutPattern().answered(10)).toBeUndefined()
  })
})
