import { useTranslation } from 'react-i18next'
import { exactTime } from '../parts/format.ts'
import { StateWord } from '../parts/state-dot.tsx'
import { useLanguage } from '../parts/use-language.ts'
import { useNow } from '../parts/use-now.ts'
import classes from './hosts.module.css'
import { localDay } from './old-algorithms.ts'

/** That old algorithms are offered to this host, and until when; nothing once that is over. */
export function OldMark({ until }: { until: string | undefined }) {
  const { t } = useTranslation()
  const language = useLanguage()
  const now = useNow(60_000)
  if (until === undefined || Date.parse(until) <= now) return null
  return (
    <span className={classes['oldMark']} title={`${t('hosts.old.help')} ${exactTime(until, language)}`} data-testid="old-mark">
      <StateWord tone="warn">{t('hosts.old.mark', { day: localDay(until) })}</StateWord>
    </span>
  )
}
