import { expect, it } from 'vitest'
import { SettingsValues } from '#wire/api/settings.ts'
import { isWithin, limits, type NumberName } from './setting-limits.ts'

it.each(Object.keys(limits) as NumberName[])('%s: the page and the server draw the same line', (name) => {
  const server = (value: number) => SettingsValues.shape[name].safeParse(value).success
  const { least, most, none } = limits[name]
  for (const value of [least, most, most + 1, -1, ...(none ? [0] : [])]) expect([value, isWithin(name, value)]).toEqual([value, server(value)])
  if (name !== 'retentionDays' && least > 1) expect([isWithin(name, least - 1), server(least - 1)]).toEqual([false, false])
})
