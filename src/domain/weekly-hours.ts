// Hours of the week in which a grant holds, in the time zone of the people it is for. Pure: the moment is handed in.
import { z } from 'zod'

const Clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'is not a time such as 09:00')
/** `days` 1 Monday to 7 Sunday. `until` at or before `from` lies on the next day; the day is then the one on which it begins. */
export const WeeklySpan = z.strictObject({ days: z.array(z.number().int().min(1).max(7)).min(1).max(7), from: Clock, until: Clock })
export type WeeklySpan = z.infer<typeof WeeklySpan>
/** `timeZone` is a name of the IANA database. */
export const WeeklyHours = z.strictObject({
  timeZone: z
    .string()
    .max(64)
    .refine((name) => isTimeZone(name), 'is not a time zone such as Europe/Berlin'),
  spans: z.array(WeeklySpan).min(1).max(28),
})
export type WeeklyHours = z.infer<typeof WeeklyHours>

const minuteMs = 60_000
const dayMinutes = 24 * 60
const weekMinutes = 7 * dayMinutes

export function isTimeZone(name: string): boolean {
  try {
    formatterOf(name)
    return true
  } catch {
    return false // Intl throws a RangeError for a name that it does not know
  }
}

/** Whether the hours hold at `nowMs` (ms since the epoch). */
export function holdsAt(hours: WeeklyHours, nowMs: number): boolean {
  const minute = minuteOfWeek(hours.timeZone, nowMs)
  return hours.spans.some((span) => minutesLeft(span, minute) > 0)
}

/** When hours that hold at `nowMs` cease to, in ms since the epoch: spans that touch count as one. Undefined when they never do. */
export function ceasesAt(hours: WeeklyHours, nowMs: number): number | undefined {
  let at = Math.floor(nowMs / minuteMs) * minuteMs
  // Each step goes to the end of one span; 28 spans of up to 7 days begin at most 196 times in a week. Two weeks, since a clock that is set forward can skip the one gap of the first.
  for (let steps = 0; steps <= 450; steps += 1) {
    const minute = minuteOfWeek(hours.timeZone, at)
    const left = Math.max(...hours.spans.map((span) => minutesLeft(span, minute)))
    if (left <= 0) return at
    at = clampToHours(hours, at, at + left * minuteMs)
    if (at - nowMs > 15 * dayMinutes * minuteMs) return undefined
  }
  return undefined
}

/** When hours that do not hold at `nowMs` begin to, in ms since the epoch; `nowMs` itself when they hold. Undefined when that is more than 15 days off, as no hours are. */
export function opensAt(hours: WeeklyHours, nowMs: number): number | undefined {
  if (holdsAt(hours, nowMs)) return nowMs
  const { timeZone } = hours
  let at = Math.floor(nowMs / minuteMs) * minuteMs
  const minute = minuteOfWeek(timeZone, at)
  const wait = Math.min(...hours.spans.flatMap((span) => span.days.map((day) => minutesUntil((day - 1) * dayMinutes + minutesOf(span.from), minute))))
  const next = at + wait * minuteMs
  if (minutesUntil(minuteOfWeek(timeZone, next), minute) === wait % weekMinutes) return next
  // The clock is set in between: minute by minute, at most 15 days of them.
  for (const last = at + 15 * dayMinutes * minuteMs; at <= last; at += minuteMs) if (holdsAt(hours, at)) return at
  return undefined
}

const minutesUntil = (then: number, now: number): number => (then - now + weekMinutes) % weekMinutes

/** A clock that is set forward in between makes a span shorter than it reads: the first minute that lies outside is looked for. One that is set back makes it longer, which the next step finds. */
function clampToHours(hours: WeeklyHours, from: number, until: number): number {
  const zone = hours.timeZone
  const isShifted = minutesUntil(minuteOfWeek(zone, until), minuteOfWeek(zone, from)) !== ((until - from) / minuteMs) % weekMinutes
  if (!isShifted) return until
  for (let at = from; at < until; at += minuteMs) if (!holdsAt(hours, at)) return at
  return until
}

/** Minutes until the span ends, 0 when it does not hold in this minute of the week. */
function minutesLeft(span: WeeklySpan, minute: number): number {
  const [from, until] = [minutesOf(span.from), minutesOf(span.until)]
  const length = until > from ? until - from : until + dayMinutes - from
  for (const day of span.days) {
    const since = minutesUntil(minute, ((day - 1) * dayMinutes + from) % weekMinutes)
    if (since < length) return length - since
  }
  return 0
}

const minutesOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3))

/** Bounded: there are some 600 zones, and each is made once. */
const formatters = new Map<string, Intl.DateTimeFormat>()
function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone)
  if (known) return known
  const made = new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  if (formatters.size > 1000) formatters.clear()
  formatters.set(timeZone, made)
  return made
}

const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
function minuteOfWeek(timeZone: string, ms: number): number {
  const parts = Object.fromEntries(
    formatterOf(timeZone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, value]),
  )
  return days.indexOf(parts['weekday'] ?? '') * dayMinutes + Number(parts['hour']) * 60 + Number(parts['minute'])
}
