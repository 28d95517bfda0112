// The player over the list: closing it returns to the same row.
import { ActionIcon, Group, Modal, Skeleton } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Failure } from '#domain/failure.ts'
import { api } from '../api.ts'
import { FailurePlace } from '../parts/failure-notice.tsx'
import { RecordingStateWord } from '../sessions/recording-state.tsx'
import { SessionActsView } from '../sessions/session-acts-view.tsx'
import { hasActs, KindWord } from '../sessions/session-kind.tsx'
import { Player } from './player.tsx'
import classes from './player.module.css'

type Props = {
  session: string
  /** Seconds from the beginning. */
  at?: number | undefined
  /** The sessions of the list that have a recording, in its order. */
  neighbours: readonly string[]
  onPlay: (session: string) => void
  onClose: () => void
}

export function PlayerDialog({ session, at, neighbours, onPlay, onClose }: Props) {
  const { t } = useTranslation()
  const phone = useMediaQuery('(max-width: 760px)', undefined, { getInitialValueInEffect: false }) ?? false
  const found = useQuery({ queryKey: ['sessions', 'one', session], queryFn: ({ signal }) => api.sessions.get({ id: session }, { signal }) })
  const [turn, setTurn] = useState({ number: 0, session, fromMs: (at ?? 0) * 1000 })
  const row = found.data
  const place = neighbours.indexOf(session)
  const neighbour = (by: 1 | -1) => (place === -1 ? undefined : neighbours[place + by])
  const go = (by: 1 | -1) => {
    const next = neighbour(by)
    if (next !== undefined) onPlay(next)
  }
  const step = (by: 1 | -1, label: string, icon: React.ReactNode) => (
    <ActionIcon
      variant="subtle"
      color="gray"
      aria-label={label}
      title={t('player.withShift', { label, key: by === 1 ? 'N' : 'P' })}
      disabled={neighbour(by) === undefined}
      onClick={() => go(by)}
    >
      {icon}
    </ActionIcon>
  )
  return (
    <Modal
      opened
      onClose={onClose}
      size="min(1560px, 96vw)"
      fullScreen={phone}
      centered={false}
      yOffset="3dvh"
      classNames={{ body: classes['body'] ?? '', content: classes['content'] ?? '', title: classes['title'] ?? '' }}
      title={
        <Group gap="sm" wrap="nowrap" component="span">
          <span className={classes['name']}>{row ? `${row.account}@${row.asset}` : t('recordings.player.title')}</span>
          {row ? <KindWord kind={row.kind} /> : null}
          {row?.recording ? <RecordingStateWord state={row.recording.state} /> : null}
          {place === -1 ? null : (
            <span className={classes['steps']}>
              {step(-1, t('player.previousRecording'), <IconChevronLeft size={18} />)}
              {step(1, t('player.nextRecording'), <IconChevronRight size={18} />)}
            </span>
          )}
        </Group>
      }
      closeButtonProps={{ 'aria-label': t('parts.close') }}
      // The list gives its row the focus back by itself: the button that opened this may be gone by then.
      returnFocus={false}
      trapFocus
    >
      {row?.recording ? (
        <Player
          key={`${session} ${turn.number}`}
          session={row}
          fromMs={turn.session === session ? turn.fromMs : 0}
          onNeighbour={go}
          onRemoved={onClose}
          linkAt={(timeMs) => linkTo(session, timeMs)}
          onReload={(fromMs) => {
            setTurn(({ number }) => ({ number: number + 1, session, fromMs }))
            void found.refetch()
          }}
        />
      ) : row && hasActs(row) ? (
        <SessionActsView session={row} />
      ) : row ? (
        <FailurePlace error={new Failure('recording_not_found', '')} retry={() => void found.refetch()} />
      ) : found.error ? (
        <FailurePlace error={found.error} retry={() => void found.refetch()} />
      ) : (
        <Skeleton height="60dvh" aria-label={t('parts.loading')} />
      )}
    </Modal>
  )
}

/** Opens in the page of recordings, whichever list it was copied over: whoever may see the recording finds it there. */
const linkTo = (session: string, timeMs: number) =>
  `${location.origin}/recordings?play=${encodeURIComponent(session)}${timeMs < 100 ? '' : `&at=${(Math.floor(timeMs / 100) / 10).toString()}`}`
