import { describe, expect, it } from 'vitest'
import { readSpan, spanOf, units } from './duration.ts'

describe('a length of time', () => {
  it('is said in the largest unit that leaves no rest, and read back as it was', () => {
    expect([0, 45, 90, 1800, 5400, 7200, 86_400, 129_600].map(spanOf)).toEqual([
      { amount: 0, unit: 'minutes' },
      { amount: 45, unit: 'seconds' },
      { amount: 90, unit: 'seconds' },
      { amount: 30, unit: 'minutes' },
      { amount: 90, unit: 'minutes' },
      { amount: 2, unit: 'hours' },
      { amount: 1, unit: 'days' },
      { amount: 36, unit: 'hours' },
    ])
    for (const seconds of [1, 59, 60, 61, 3599, 3600, 604_800, 31_536_000]) {
      const { amount, unit } = spanOf(seconds)
      expect(readSpan(String(amount), unit)).toBe(seconds)
    }
  })

  it('is nothing but a whole number', () => {
    for (const typed of ['', ' ', '-1', '1.5', '1e3', 'ten', '9999999999']) for (const unit of units) expect(readSpan(typed, unit)).toBeUndefined()
    expect(readSpan(' 15 ', 'minutes')).toBe(900)
  })
})
