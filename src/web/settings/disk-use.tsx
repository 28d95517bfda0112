import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { FailureLine } from '../parts/failure-notice.tsx'
import { byteSize } from '../parts/format.ts'
import classes from './settings.module.css'

/** How full the disk of the recordings is. */
export function DiskUse() {
  const { t } = useTranslation()
  const disk = useQuery({ queryKey: ['disk'], queryFn: ({ signal }) => api.disk.get(undefined, { signal }), refetchInterval: 30_000 })
  if (!disk.data) return disk.error ? <FailureLine error={disk.error} /> : <Skeleton height={92} aria-label={t('parts.loading')} />
  const { usedShare, recordingsBytes, state } = disk.data
  const percent = Math.floor(usedShare * 100)
  const label = t('settings.recordings.disk')
  return (
    <div className={classes['disk']} data-state={state} data-testid="disk-use">
      <div className={classes['diskHead']}>
        <b>{label}</b>
        <span className="tnum">{t('settings.recordings.used', { percent })}</span>
      </div>
      <div className={classes['bar']} role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent}>
        <div style={{ width: `${Math.min(100, Math.max(percent, 1))}%` }} />
      </div>
      <div className={classes['diskHead']}>
        <span className={`${classes['state'] ?? ''} quiet`}>{t(`settings.recordings.state.${state}`)}</span>
        <span className="quiet">{t('settings.recordings.size', { size: byteSize(recordingsBytes) })}</span>
      </div>
    </div>
  )
}
