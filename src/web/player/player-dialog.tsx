// The player over the list: closing it returns to the same row.
import { Button, Group, Modal, Skeleton, Text } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconShieldCheck } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Failure } from '#domain/failure.ts'
import type { SessionView } from '#wire/api/sessions.ts'
import { api } from '../api.ts'
import { FailurePlace, notifyFailure } from '../parts/failure-notice.tsx'
import { byteSize, clockTime } from '../parts/format.ts'
import { Moment } from '../parts/moment.tsx'
import { DownloadMenu } from '../recordings/download-menu.tsx'
import { RecordingStateWord } from '../sessions/recording-state.tsx'
import { Player } from './player.tsx'
import classes from './player.module.css'

export function PlayerDialog({ session, onClose }: { session: string; onClose: () => void }) {
  const { t } = useTranslation()
  const phone = useMediaQuery('(max-width: 760px)', undefined, { getInitialValueInEffect: false }) ?? false
  const found = useQuery({ queryKey: ['sessions', 'one', session], queryFn: ({ signal }) => api.sessions.get({ id: session }, { signal }) })
  const row = found.data
  return (
    <Modal
      opened
      onClose={onClose}
      size="min(1240px, 94vw)"
      fullScreen={phone}
      centered={false}
      yOffset="4dvh"
      title={row ? `${row.account}@${row.asset}` : t('recordings.player.title')}
      closeButtonProps={{ 'aria-label': t('parts.close') }}
      // Space and the arrows belong to the player.
      trapFocus
    >
      {row?.recording ? (
        <>
          <Facts row={row} recording={row.recording} onClose={onClose} />
          <Player key={session} session={row} onReload={() => void found.refetch()} />
        </>
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

function Facts({ row, recording, onClose }: { row: SessionView; recording: NonNullable<SessionView['recording']>; onClose: () => void }) {
  const { t } = useTranslation()
  const verify = useMutation({ mutationFn: () => api.sessions.verify({ id: row.id }), onError: notifyFailure })
  return (
    <Group className={classes['facts']} gap="lg" justify="space-between">
      <Group gap="lg" className="quiet">
        <Text size="sm" component="span">
          {row.operator}
        </Text>
        <Text size="sm" component="span">
          <Moment at={row.startedAt} />
        </Text>
        <Text size="sm" component="span" className="tnum">
          {clockTime(recording.seconds)}
        </Text>
        <Text size="sm" component="span" className="tnum">
          {byteSize(recording.bytes)}
        </Text>
        <Text size="sm" component="span">
          <RecordingStateWord state={verify.data?.state ?? recording.state} />
          {verify.data ? <span className="tnum"> · {t('recordings.blocks', { count: verify.data.blocks })}</span> : null}
        </Text>
      </Group>
      <Text size="xs" className={`quiet mono ${classes['file'] ?? ''}`} truncate title={recording.fileName}>
        {recording.fileName}
      </Text>
      <Group gap={6}>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconShieldCheck size={15} />}
          loading={verify.isPending}
          onClick={() => verify.mutate()}
          data-testid="verify"
        >
          {t('recordings.verify')}
        </Button>
        <DownloadMenu session={row} onRemoved={onClose} />
      </Group>
    </Group>
  )
}
