import { Tooltip } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { exactTime, relativeTime } from './format.ts'
import { useLanguage } from './use-language.ts'
import { useNow } from './use-now.ts'

/** A time: relative to read, exact on hover and focus. */
export function Moment({ at }: { at: string | undefined }) {
  const { t } = useTranslation()
  const language = useLanguage()
  const now = useNow(5000)
  if (at === undefined) return <span className="quiet">{t('parts.never')}</span>
  return (
    <Tooltip label={exactTime(at, language)}>
      <time dateTime={at} className="tnum">
        {relativeTime(at, now, language) ?? t('time.now')}
      </time>
    </Tooltip>
  )
}
