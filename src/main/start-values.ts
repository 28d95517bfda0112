// Of the settings of the start, those that an administrator may set on the page, by the names that the page has for them.
import type { SettingsValues } from '#wire/api/settings.ts'
import type { Settings } from './settings.ts'

export function startValues(settings: Settings): SettingsValues {
  const { idleSeconds, idleOn, maxSeconds, graceSeconds, sessionsPerOperator, reachEverySeconds } = settings
  const limits = { idleSeconds, idleOn, maxSeconds, graceSeconds, sessionsPerOperator, reachEverySeconds }
  return { ...limits, retentionDays: settings.retentionDays ?? 0, publicUrls: settings.publicUrl, signInNotice: '', recordingNotice: '', secondFactorFor: [] }
}

/** `givenBy` with the page's names. Others, and secrets' among them, stay here. */
export function valuesGivenBy(givenBy: Readonly<Record<string, string>>): Record<string, string> {
  const names = ['idleSeconds', 'idleOn', 'maxSeconds', 'graceSeconds', 'sessionsPerOperator', 'retentionDays', 'reachEverySeconds'] as const
  const pairs = [...names.map((name) => [name, givenBy[name]] as const), ['publicUrls', givenBy['publicUrl']] as const]
  return Object.fromEntries(pairs.filter((pair): pair is readonly [(typeof pair)[0], string] => pair[1] !== undefined))
}
