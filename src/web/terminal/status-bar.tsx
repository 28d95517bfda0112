import { Tooltip } from '@mantine/core'
import { IconEye } from '@tabler/icons-react'
import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { clockTime } from '../parts/format.ts'
import { StateDot } from '../parts/state-dot.tsx'
import { useNow } from '../parts/use-now.ts'
import { withLaterWords } from '../words/words.ts'
import live from './live-state.module.css'
import { noticeWords } from './notice-words.ts'
import { readState } from './open-tabs.ts'
import type { Tab } from './open-tabs.ts'
import classes from './terminal.module.css'

const TransferIndicator = lazy(async () => ({ default: (await withLaterWords(import('./transfer-indicator.tsx'))).TransferIndicator }))

const ms = (value: number) => (value < 10 ? value.toFixed(1) : String(Math.round(value)))

/** The slim line below: who, how long, how fast, how large, and that it is recorded. */
export function StatusBar({ tab }: { tab: Tab }) {
  const { t } = useTranslation()
  const now = useNow()
  const open = tab.state === 'open'
  const words = tab.notice && open ? noticeWords(tab.notice) : undefined
  const notice = words && ('text' in words ? words.text : t(words.key, words.slots))
  const watchers = open ? (tab.watchers ?? []) : []
  const seconds = tab.openedAtMs === undefined ? undefined : ((tab.endedAtMs ?? Math.max(now, tab.openedAtMs)) - tab.openedAtMs) / 1000
  const latency =
    tab.clientMs === undefined
      ? t('terminals.bar.silent')
      : tab.hostMs === undefined
        ? t('terminals.bar.latency', { ms: ms(tab.clientMs) })
        : t('terminals.bar.latencyBoth', { ms: ms(tab.clientMs), host: ms(tab.hostMs) })
  return (
    <footer className={classes['bar']}>
      <span className={classes['barState']} data-testid="bar-state">
        {notice ?? (tab.end?.takenOver ? t('live.end.takenOver') : tab.end?.alive ? t('live.end.alive') : t(`terminals.state.${readState(tab)}`))}
      </span>
      {watchers.length > 0 ? (
        <Tooltip label={t('live.watch.by', { names: watchers.join(', ') })}>
          <span className={live['watchers']} data-testid="watched-by">
            <IconEye size={14} aria-hidden />
            <span className={live['names']}>{t('live.watch.by', { names: watchers.join(', ') })}</span>
          </span>
        </Tooltip>
      ) : null}
      {tab.transfers ? (
        <Suspense>
          <TransferIndicator tab={tab} />
        </Suspense>
      ) : null}
      {open ? (
        <Tooltip label={t('terminals.bar.latencyHelp')}>
          <span data-testid="latency" className={classes['wide']}>
            {latency}
          </span>
        </Tooltip>
      ) : null}
      {tab.cols !== undefined && tab.rows !== undefined ? (
        <Tooltip label={t('terminals.bar.sizeHelp')}>
          <span data-testid="size">{t('terminals.bar.size', { cols: tab.cols, rows: tab.rows })}</span>
        </Tooltip>
      ) : null}
      {seconds === undefined ? null : (
        <Tooltip label={t('terminals.bar.elapsed')}>
          <span>{clockTime(seconds)}</span>
        </Tooltip>
      )}
      {open ? (
        <Tooltip label={t('terminals.bar.recordingHelp')}>
          <span className={classes['rec']}>
            <StateDot tone="bad" />
            {t('terminals.bar.recording')}
          </span>
        </Tooltip>
      ) : null}
    </footer>
  )
}
