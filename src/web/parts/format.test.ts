import { describe, expect, it } from 'vitest'
import { byteSize, clockTime, exactTime, hostText, relativeTime } from './format.ts'

const now = Date.parse('2026-03-01T12:00:00Z')

describe('formats', () => {
  it('says times relative to now in both languages', () => {
    expect(relativeTime(now - 5000, now, 'en')).toBeUndefined()
    expect(relativeTime(now - 180_000, now, 'en')).toBe('3 min. ago')
    expect(relativeTime(now - 180_000, now, 'zh')).toBe('3分钟前')
    expect(relativeTime(now + 7_200_000, now, 'en')).toBe('in 2 hr.')
    expect(relativeTime('2024-01-01T00:00:00Z', now, 'en')).toBe('2 yr. ago')
    expect(relativeTime('nonsense', now, 'en')).toBeUndefined()
  })
  it('gives the exact time, and nothing for what is no time', () => {
    expect(exactTime(now, 'en')).toContain('2026')
    expect(exactTime('nonsense', 'en')).toBe('')
  })
  it('shows durations as clocks', () => {
    expect([0, 5, 65, 3723, 360_000, -3].map(clockTime)).toEqual(['0:00', '0:05', '1:05', '1:02:03', '100:00:00', '0:00'])
  })
  it('shows sizes in three figures', () => {
    expect([0, 999, 1000, 9949, 9960, 999_499, 999_600, 23_400_000, 5e12].map(byteSize)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '9.9 kB',
      '10 kB',
      '999 kB',
      '1.0 MB',
      '23 MB',
      '5.0 TB',
    ])
    expect(byteSize(Number.NaN)).toBe('–')
  })
  it('takes from a host’s text what would rearrange or break the page', () => {
    expect(hostText('a\u001b]0;b\u0007\u202ec\u200b<i>')).toBe('a]0;bc<i>')
    expect(hostText('x'.repeat(10_000_000))).toHaveLength(128)
    expect(Array.from(hostText('😀'.repeat(300)))).toHaveLength(128)
  })
})
