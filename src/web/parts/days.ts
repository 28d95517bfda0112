// Days as `2026-11-21`, of the person's own calendar, as filters of lists carry them. Pure.

/** Midnight of the day where the person is; `days` later. Undefined for what is no day. */
export function startOfDay(value: string, days = 0): Date | undefined {
  const [year = 0, month = 0, date = 0] = value.split('-').map(Number)
  const start = new Date(year, month - 1, date)
  if (start.getMonth() !== month - 1 || start.getDate() !== date) return undefined
  return new Date(year, month - 1, date + days)
}

/** A day from an address, or nothing when it is none. */
export const readDay = (value: unknown): string | undefined =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) && startOfDay(value) !== undefined ? value : undefined

/** Both days belong to what is asked for. */
export function askedDays(since: string | undefined, until: string | undefined): { since?: string; until?: string } {
  const from = since === undefined ? undefined : startOfDay(since)
  const before = until === undefined ? undefined : startOfDay(until, 1)
  return { ...(from === undefined ? {} : { since: from.toISOString() }), ...(before === undefined ? {} : { until: before.toISOString() }) }
}

/** The days of a quick choice: 1 is today, 7 the last seven with today. */
export function lastDays(count: number, now = new Date()): { since: string; until: undefined } {
  const from = new Date(now.getFullYear(), now.getMonth(), now.getDate() - count + 1)
  const two = (value: number) => String(value).padStart(2, '0')
  return { since: `${from.getFullYear()}-${two(from.getMonth() + 1)}-${two(from.getDate())}`, until: undefined }
}
