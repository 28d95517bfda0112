// Values as people say them.
import { useTranslation } from 'react-i18next'
import type { SettingName, SettingsValues } from '#wire/api/settings.ts'
import { spanOf } from './duration.ts'

/** `30 minutes`, `No limit`, `Input and output`. */
export function useValueWords() {
  const { t } = useTranslation()
  const duration = (seconds: number): string => {
    const { amount, unit } = spanOf(seconds)
    return t(`settings.amount.${unit}`, { count: amount })
  }
  const words = (name: SettingName, values: SettingsValues): string => {
    switch (name) {
      case 'idleSeconds':
      case 'graceSeconds':
        return duration(values[name])
      case 'maxSeconds':
        return values.maxSeconds === 0 ? t('settings.sessions.unlimited') : duration(values.maxSeconds)
      case 'reachEverySeconds':
        return values.reachEverySeconds === 0 ? t('settings.hosts.never') : duration(values.reachEverySeconds)
      case 'retentionDays':
        return values.retentionDays === 0 ? t('settings.recordings.forever') : t('settings.amount.days', { count: values.retentionDays })
      case 'idleOn':
        return t(`settings.sessions.${values.idleOn}`)
      case 'sessionsPerOperator':
        return String(values.sessionsPerOperator)
      case 'signInNotice':
      case 'recordingNotice':
        return values[name] === '' ? t('settings.amount.empty') : `“${values[name].slice(0, 60)}”`
      case 'publicUrls':
        return values.publicUrls.length === 0 ? t('settings.amount.none') : values.publicUrls.join(', ')
      case 'secondFactorFor':
        return values.secondFactorFor.length === 0 ? t('settings.amount.none') : values.secondFactorFor.map((role) => t(`frame.me.role.${role}`)).join(', ')
    }
  }
  return { duration, words }
}
