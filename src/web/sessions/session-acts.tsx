import { Button, Group } from '@mantine/core'
import { IconArrowBackUp, IconEye, IconListDetails, IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { OperatorView } from '#wire/api/people.ts'
import type { SessionView } from '#wire/api/sessions.ts'
import { useTakeOver, useWatch } from '../terminal/use-connect.ts'
import { useTabs } from '../terminal/use-tabs.ts'
import { MoreMenu } from './more-menu.tsx'
import { hasActs, hasScreen } from './session-kind.tsx'
import type { SessionFilters } from './sessions-search.ts'
import classes from './sessions.module.css'

type Props = {
  row: SessionView
  me: OperatorView
  onPlay: () => void
  onTerminate: () => void
  onFilter: (filters: SessionFilters) => void
  onWatches: () => void
}

/** Whom the server lets watch; it decides again when it is asked. */
const mayWatch = (me: OperatorView, row: SessionView) => row.mine || me.role === 'auditor' || (me.role === 'admin' && me.mayWatch)

export function SessionActs({ row, me, onPlay, onTerminate, onFilter, onWatches }: Props) {
  const { t } = useTranslation()
  const watch = useWatch()
  const takeOver = useTakeOver()
  const isLive = row.state === 'live'
  const isHere = useTabs().some(({ session, state, goal }) => session === row.id && state !== 'ended' && goal.kind !== 'watch')
  // A session that showed nothing has a recording of nothing.
  const hasReplay = row.recording !== undefined && row.recording.state !== 'expired' && (row.bytesOut > 0 || row.state !== 'ended')
  return (
    <Group gap={6} justify="flex-end" className={classes['acts']}>
      {isLive && row.mine && hasScreen(row) ? (
        <Button size="xs" variant="light" leftSection={<IconArrowBackUp size={14} />} onClick={() => takeOver(row)}>
          {isHere ? t('live.running.show') : t('live.running.take')}
        </Button>
      ) : null}
      {isLive && mayWatch(me, row) && hasScreen(row) ? (
        <Button size="xs" variant="light" leftSection={<IconEye size={14} />} onClick={() => watch(row)}>
          {t('live.watch.watch')}
        </Button>
      ) : null}
      {hasReplay && !isLive ? (
        <Button size="xs" variant="light" leftSection={<IconPlayerPlay size={14} />} onClick={onPlay}>
          {t('sessions.play')}
        </Button>
      ) : null}
      {hasActs(row) ? (
        <Button size="xs" variant="light" leftSection={<IconListDetails size={14} />} onClick={onPlay} data-testid="look-at">
          {t('kinds.look')}
        </Button>
      ) : null}
      {row.state !== 'ended' && me.role === 'admin' ? (
        <Button size="xs" variant="light" color="red" leftSection={<IconPlayerStop size={14} />} onClick={onTerminate}>
          {t('sessions.terminate')}
        </Button>
      ) : null}
      <MoreMenu row={row} onFilter={onFilter} onWatches={onWatches} {...(hasReplay && isLive ? { onPlay } : {})} />
    </Group>
  )
}
