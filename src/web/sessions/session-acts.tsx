import { Button, Group } from '@mantine/core'
import { IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { SessionView } from '#wire/api.ts'

type Props = { row: SessionView; onPlay: () => void; onTerminate?: (() => void) | undefined }

export function SessionActs({ row, onPlay, onTerminate }: Props) {
  const { t } = useTranslation()
  // A session that showed nothing has a recording of nothing.
  return (
    <Group gap={6} justify="flex-end" wrap="nowrap">
      {row.recording && row.recording.state !== 'expired' && (row.bytesOut > 0 || row.state !== 'ended') ? (
        <Button size="xs" variant="light" leftSection={<IconPlayerPlay size={14} />} onClick={onPlay}>
          {t('sessions.play')}
        </Button>
      ) : null}
      {row.state !== 'ended' && onTerminate ? (
        <Button size="xs" variant="light" color="red" leftSection={<IconPlayerStop size={14} />} onClick={onTerminate}>
          {t('sessions.terminate')}
        </Button>
      ) : null}
    </Group>
  )
}
