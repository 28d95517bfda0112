// What a start without any setting gives, for tests.
import type { SettingsValues } from '#wire/api/settings.ts'

export const usualValues: SettingsValues = {
  idleSeconds: 1800,
  idleOn: 'both',
  maxSeconds: 0,
  graceSeconds: 900,
  sessionsPerOperator: 200,
  retentionDays: 0,
  reachEverySeconds: 300,
  signInNotice: '',
  recordingNotice: '',
  publicUrls: [],
  secondFactorFor: [],
}
