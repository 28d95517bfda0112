import { expect, it } from 'vitest'
import { askedDays, lastDays, readDay } from './days.ts'

it('takes days of the calendar from an address and nothing else', () => {
  expect(readDay('2026-11-21')).toBe('2026-11-21')
  for (const bad of ['2026-02-30', '2026-13-01', '21.11.2026', '', 20_261_121, null, '2026-11-21T00:00:00Z']) expect(readDay(bad)).toBeUndefined()
})

it('asks from the beginning of the first day to the end of the last', () => {
  expect(askedDays('2026-11-20', '2026-11-21')).toEqual({ since: new Date(2026, 10, 20).toISOString(), until: new Date(2026, 10, 22).toISOString() })
  expect(askedDays(undefined, undefined)).toEqual({})
})

it('counts today as one of the last days', () => {
  expect(lastDays(1, new Date(2026, 10, 21, 23, 59))).toEqual({ since: '2026-11-21', until: undefined })
  expect(lastDays(7, new Date(2026, 2, 3))).toEqual({ since: '2026-02-25', until: undefined })
})
