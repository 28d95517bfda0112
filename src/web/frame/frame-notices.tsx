// What everybody must know whatever page they are on: Sallyport does not answer; for administrators, that the disk fills up.
import { IconAlertTriangle, IconCloudOff } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { isAway, subscribeAway } from '../reach.ts'
import classes from './frame.module.css'
import { useMe } from './me.ts'

const askEveryMs = 30_000

export function FrameNotices() {
  const { t } = useTranslation()
  const away = useSyncExternalStore(subscribeAway, isAway)
  return (
    <div className={classes['notices']} aria-live="polite">
      {away ? (
        <p className={classes['notice']} data-tone="bad" data-floating data-testid="notice-offline">
          <IconCloudOff size={18} aria-hidden />
          <span>{t('frame.offline')}</span>
        </p>
      ) : null}
      <DiskNotice />
    </div>
  )
}

function DiskNotice() {
  const { t } = useTranslation()
  const me = useMe()
  const disk = useQuery({
    queryKey: ['disk'],
    queryFn: ({ signal }) => api.disk.get(undefined, { signal }),
    enabled: me.role === 'admin',
    refetchInterval: askEveryMs,
    staleTime: askEveryMs,
  }).data
  if (!disk || disk.state === 'ok') return null
  const percent = Math.floor(disk.usedShare * 100)
  return (
    <p className={classes['notice']} data-tone={disk.state === 'refusing' ? 'bad' : 'warn'} data-testid="notice-disk" data-state={disk.state}>
      <IconAlertTriangle size={18} aria-hidden />
      <span>
        <b>{t(`frame.disk.${disk.state}.title`, { percent })}</b> {t(`frame.disk.${disk.state}.text`)}
      </span>
    </p>
  )
}
