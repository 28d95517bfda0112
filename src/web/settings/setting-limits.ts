// Between which numbers a setting may be; the server says the same (`wire/api/settings.ts`), a test compares them.
import type { SettingsValues } from '#wire/api/settings.ts'

export type NumberName = { [Name in keyof SettingsValues]: SettingsValues[Name] extends number ? Name : never }[keyof SettingsValues]
/** `none`: 0 is allowed below `least` and means no limit, never, or for ever. */
export type Limits = { least: number; most: number; none?: true }
export const limits: Record<NumberName, Limits> = {
  idleSeconds: { least: 10, most: 604_800 },
  maxSeconds: { least: 10, most: 31_536_000, none: true },
  graceSeconds: { least: 0, most: 86_400 },
  sessionsPerOperator: { least: 1, most: 10_000 },
  /** The server takes parts of a day, which nobody wants on a page. */
  retentionDays: { least: 1, most: 36_500, none: true },
  reachEverySeconds: { least: 30, most: 86_400, none: true },
}

export const isWithin = (name: NumberName, value: number): boolean => {
  const { least, most, none } = limits[name]
  return (none === true && value === 0) || (value >= least && value <= most)
}
