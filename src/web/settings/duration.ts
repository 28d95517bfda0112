// Lengths of time as people say them. Pure.
export const units = ['seconds', 'minutes', 'hours', 'days'] as const
export type Unit = (typeof units)[number]
export const secondsIn: Record<Unit, number> = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 }

export type Span = { amount: number; unit: Unit }

/** 5400 is 90 minutes, 7200 two hours: the largest unit without a rest. 0 is no minutes. */
export function spanOf(seconds: number): Span {
  if (seconds === 0) return { amount: 0, unit: 'minutes' }
  const unit = units.toReversed().find((one) => seconds % secondsIn[one] === 0) ?? 'seconds'
  return { amount: seconds / secondsIn[unit], unit }
}

/** Undefined when what was typed is no whole number. */
export function readSpan(typed: string, unit: Unit): number | undefined {
  return /^\d{1,9}$/.test(typed.trim()) ? Number(typed.trim()) * secondsIn[unit] : undefined
}
