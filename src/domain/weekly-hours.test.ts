import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ceasesAt, holdsAt, opensAt, WeeklyHours, type WeeklySpan } from './weekly-hours.ts'

const minute = 60_000
const day = 24 * 60 * minute
/** Around these the clocks of these places are set: forward, back, by half an hour, at midnight, by a whole day, or not at all. */
const changes: [string, string][] = [
  ['Europe/Berlin', '2026-03-29T01:00:00Z'],
  ['Europe/Berlin', '2026-10-25T01:00:00Z'],
  ['America/New_York', '2026-03-08T07:00:00Z'],
  ['America/New_York', '2026-11-01T06:00:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T15:30:00Z'],
  ['America/Havana', '2026-03-08T05:00:00Z'],
  ['America/Havana', '2026-11-01T05:00:00Z'],
  ['Pacific/Apia', '2011-12-30T10:00:00Z'],
  ['Asia/Kathmandu', '2026-06-01T00:00:00Z'],
  ['UTC', '2026-06-01T00:00:00Z'],
]

const clock = (minutes: number) => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
const names = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
/** Read off a clock on the wall, as people would: the weekday and the time, and the evening before for spans that go past midnight. */
function holdsOnTheWall({ timeZone, spans }: WeeklyHours, ms: number): boolean {
  const wall = new Date(ms).toLocaleString('en-GB', { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  const [, name = '', time = ''] = /^(\w{3})\w*,? (\d\d:\d\d)$/.exec(wall) ?? []
  const today = names.indexOf(name) + 1
  if (today === 0) throw new Error(`cannot read the clock: ${wall}`)
  const yesterday = today === 1 ? 7 : today - 1
  return spans.some(({ days, from, until }) => {
    if (from < until) return days.includes(today) && from <= time && time < until
    return (days.includes(today) && from <= time) || (days.includes(yesterday) && time < until)
  })
}

const span = fc.record({
  days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 7 }),
  // Often around the hours at which clocks are set.
  from: fc.oneof(fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 0, max: 200 })).map(clock),
  until: fc.oneof(fc.integer({ min: 0, max: 1440 }), fc.integer({ min: 0, max: 200 })).map(clock),
})
const around = fc.record({
  change: fc.constantFrom(...changes),
  spans: fc.array(span, { minLength: 1, maxLength: 5 }),
  minutesAway: fc.integer({ min: -2 * 1440, max: 1440 }),
  ms: fc.nat(minute - 1),
})

describe('weekly hours', () => {
  it('hold when a clock on the wall of that place says so', () => {
    fc.assert(
      fc.property(around, ({ change: [timeZone, at], spans, minutesAway, ms }) => {
        const hours = WeeklyHours.parse({ timeZone, spans })
        const now = Date.parse(at) + minutesAway * minute + ms
        expect(holdsAt(hours, now)).toBe(holdsOnTheWall(hours, now))
      }),
      { numRuns: 500 },
    )
  })

  it('cease, and begin, with the first minute for which that is so, whatever happens to the clock in between', () => {
    fc.assert(
      fc.property(around, ({ change: [timeZone, at], spans, minutesAway, ms }) => {
        const hours = WeeklyHours.parse({ timeZone, spans })
        const now = Date.parse(at) + minutesAway * minute + ms
        const holds = holdsAt(hours, now)
        const told = holds ? ceasesAt(hours, now) : opensAt(hours, now)
        let found: number | undefined
        for (let then = Math.floor(now / minute) * minute + minute; then <= now + 4 * day; then += minute)
          if (holdsAt(hours, then) !== holds) {
            found = then
            break
          }
        if (found !== undefined) expect(told).toBe(found)
        else expect(told ?? Infinity).toBeGreaterThan(now + 4 * day)
      }),
      { numRuns: 150 },
    )
  })

  const berlin = (...spans: WeeklySpan[]): WeeklyHours => ({ timeZone: 'Europe/Berlin', spans })
  const every = [1, 2, 3, 4, 5, 6, 7]
  it.each<[string, WeeklyHours, string, string | undefined]>([
    ['in the evening', berlin({ days: [1], from: '09:00', until: '17:00' }), '2026-11-16T10:00:00Z', '2026-11-16T16:00:00.000Z'],
    ['on the next day', berlin({ days: [1], from: '22:00', until: '06:00' }), '2026-11-16T23:00:00Z', '2026-11-17T05:00:00.000Z'],
    ['on Monday, from Sunday night', berlin({ days: [7], from: '22:00', until: '06:00' }), '2026-11-15T23:30:00Z', '2026-11-16T05:00:00.000Z'],
    [
      'an hour sooner in a night that is an hour shorter',
      berlin({ days: [6], from: '22:00', until: '06:00' }),
      '2026-03-28T22:00:00Z',
      '2026-03-29T04:00:00.000Z',
    ],
    [
      'an hour later in a night that is an hour longer',
      berlin({ days: [6], from: '22:00', until: '06:00' }),
      '2026-10-24T21:00:00Z',
      '2026-10-25T05:00:00.000Z',
    ],
    [
      'at the first of two times that it is half past two',
      berlin({ days: [7], from: '01:00', until: '02:30' }),
      '2026-10-24T23:30:00Z',
      '2026-10-25T00:30:00.000Z',
    ],
    [
      'where spans touch, with the last',
      berlin({ days: [1], from: '09:00', until: '12:00' }, { days: [1], from: '12:00', until: '13:00' }),
      '2026-11-16T09:00:00Z',
      '2026-11-16T12:00:00.000Z',
    ],
    ['never, around the clock', berlin({ days: every, from: '00:00', until: '24:00' }), '2026-11-16T09:00:00Z', undefined],
    ['never, from noon to noon', berlin({ days: every, from: '12:00', until: '12:00' }), '2026-11-16T09:00:00Z', undefined],
    [
      'a week later, when the only gap falls into the hour that is left out',
      berlin(
        { days: [1, 2, 3, 4, 5, 6], from: '00:00', until: '24:00' },
        { days: [7], from: '03:00', until: '24:00' },
        { days: [7], from: '00:00', until: '02:00' },
      ),
      '2026-03-23T12:00:00Z',
      '2026-04-05T00:00:00.000Z',
    ],
  ])('cease %s', (_when, hours, now, end) => {
    const at = ceasesAt(WeeklyHours.parse(hours), Date.parse(now))
    expect(at === undefined ? undefined : new Date(at).toISOString()).toBe(end)
  })

  it.each<[unknown]>([
    [{ timeZone: 'Mars/Base', spans: [{ days: [1], from: '09:00', until: '17:00' }] }],
    [{ timeZone: 'UTC', spans: [] }],
    [{ timeZone: 'UTC', spans: [{ days: [], from: '09:00', until: '17:00' }] }],
    [{ timeZone: 'UTC', spans: [{ days: [0], from: '09:00', until: '17:00' }] }],
    [{ timeZone: 'UTC', spans: [{ days: [8], from: '09:00', until: '17:00' }] }],
    [{ timeZone: 'UTC', spans: [{ days: [1], from: '9:00', until: '17:00' }] }],
    [{ timeZone: 'UTC', spans: [{ days: [1], from: '09:00', until: '24:01' }] }],
    [{ timeZone: 'UTC', spans: [{ days: [1], from: '09:60', until: '17:00' }] }],
    [{ timeZone: 'UTC', spans: Array.from({ length: 29 }, () => ({ days: [1], from: '09:00', until: '17:00' })) }],
    [{ timeZone: '__proto__', spans: [{ days: [1], from: '09:00', until: '17:00' }] }],
  ])('are refused: %j', (hours) => {
    expect(WeeklyHours.safeParse(hours).success).toBe(false)
  })
})
