// The day until whose end a host may use old algorithms, in the person's own zone. Pure.
const mostDays = 365

const two = (value: number) => String(value).padStart(2, '0')
/** `2026-11-21`; empty without a time. */
export function localDay(at: Date | string | undefined): string {
  if (at === undefined) return ''
  const date = new Date(at)
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}
const inDays = (now: number, days: number): string => {
  const date = new Date(now)
  date.setDate(date.getDate() + days)
  return localDay(date)
}

/** The first and the last day that may be chosen, and one that leaves time for an update. */
export const dayChoices = (now: number) => ({ min: localDay(new Date(now)), max: inDays(now, mostDays), usual: inDays(now, 90) })

/** Only for a day that is none of the choices' faults: the last second of it. */
export const endOfDay = (day: string): string => new Date(`${day}T23:59:59`).toISOString()

export function isDayChosen(day: string, now: number): boolean {
  const { min, max } = dayChoices(now)
  return /^\d{4}-\d\d-\d\d$/.test(day) && day >= min && day <= max
}
