import { Button } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { StateDot } from '../parts/state-dot.tsx'
import { useLanguage } from '../parts/use-language.ts'
import { useNow } from '../parts/use-now.ts'
import classes from './live-state.module.css'
import type { Tab } from './open-tabs.ts'

/** While a session's connection is gone: what is true, when it is tried again, and a button that does not wait. */
export function ReconnectBar({ tab, onTry }: { tab: Tab; onTry: () => void }) {
  const { t } = useTranslation()
  const language = useLanguage()
  const now = useNow()
  const { again } = tab
  if (!again) return null
  const seconds = again.atMs === 0 ? 0 : Math.max(1, Math.ceil((again.atMs - Math.max(now, Date.now())) / 1000))
  const keptUntil =
    again.keptUntilMs === undefined
      ? undefined
      : new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', { hour: '2-digit', minute: '2-digit' }).format(again.keptUntilMs)
  const promise =
    tab.goal.kind === 'watch' ? t('live.again.watching') : keptUntil === undefined ? t('live.again.keptUnknown') : t('live.again.kept', { time: keptUntil })
  return (
    <div className={classes['again']} data-testid="reconnecting" data-attempt={again.attempt}>
      <StateDot tone="warn" pulse />
      <div className={classes['againText']}>
        <b>{navigator.onLine ? t('live.again.lost') : t('live.again.offline')}</b>
        <div className={classes['againWhen']}>{seconds === 0 ? t('live.again.now') : t('live.again.in', { seconds })}</div>
        <div className="quiet">{promise}</div>
      </div>
      <Button size="xs" variant="default" leftSection={<IconRefresh size={15} />} disabled={seconds === 0} onClick={onTry}>
        {t('live.again.try')}
      </Button>
    </div>
  )
}
