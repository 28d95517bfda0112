import { Tooltip } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { exactTime, relativeTime, sortableTime } from './format.ts'
import { useExactTimes } from './exact-times.ts'
import { useLanguage } from './use-language.ts'
import { useNow } from './use-now.ts'

/** A time: relative to read and exact on hover, or exact to read when the person wants that (`exact-times.ts`). `more` is told on hover too. */
export function Moment({ at, more }: { at: string | undefined; more?: string }) {
  const { t } = useTranslation()
  const language = useLanguage()
  const exact = useExactTimes()
  const now = useNow(5000)
  if (at === undefined)
    return (
      <Tooltip label={more} disabled={more === undefined}>
        <span className="quiet">{t('parts.never')}</span>
      </Tooltip>
    )
  const relative = relativeTime(at, now, language) ?? t('time.now')
  const told = exact ? `${relative} · ${exactTime(at, language)}` : exactTime(at, language)
  return (
    <Tooltip label={more === undefined ? told : `${told}\n${more}`} style={{ whiteSpace: 'pre-line' }}>
      <time dateTime={at} className="tnum">
        {exact ? sortableTime(at) : relative}
      </time>
    </Tooltip>
  )
}
