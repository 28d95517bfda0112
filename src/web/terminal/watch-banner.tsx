import { Button } from '@mantine/core'
import { IconEye, IconPlayerStop } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMe } from '../frame/me.ts'
import { TerminateDialog } from '../sessions/terminate-dialog.tsx'
import classes from './live-state.module.css'
import type { Tab } from './open-tabs.ts'

/** Above a terminal that is only watched: whose it is, and how to leave it or, for an administrator, to end it. */
export function WatchBanner({ tab, onClose }: { tab: Tab; onClose: () => void }) {
  const { t } = useTranslation()
  const me = useMe()
  const [ending, setEnding] = useState(false)
  const { goal } = tab
  if (goal.kind !== 'watch') return null
  const { operator, account, host, session } = goal
  return (
    <div className={classes['watch']} data-testid="watching">
      <IconEye size={17} aria-hidden />
      <span className={classes['watchText']}>{t('live.watch.banner', { operator, account, host })}</span>
      {me.role === 'admin' && tab.state !== 'ended' ? (
        <Button size="compact-xs" variant="light" color="red" leftSection={<IconPlayerStop size={13} />} onClick={() => setEnding(true)}>
          {t('sessions.terminate')}
        </Button>
      ) : null}
      {tab.state === 'ended' ? null : (
        <Button size="compact-xs" variant="default" onClick={onClose}>
          {t('live.watch.stop')}
        </Button>
      )}
      {ending ? <TerminateDialog session={{ id: session, operator, asset: host }} onClose={() => setEnding(false)} /> : null}
    </div>
  )
}
