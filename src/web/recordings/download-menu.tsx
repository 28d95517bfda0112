import { ActionIcon, Menu, Text } from '@mantine/core'
import { modals } from '@mantine/modals'
import { notifications } from '@mantine/notifications'
import { IconDots, IconDownload, IconTrash } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { SessionView } from '#wire/api/sessions.ts'
import { recordingPath } from '#wire/api.ts'
import { api, queries } from '../api.ts'
import { useMe } from '../frame/me.ts'
import { notifyFailure } from '../parts/failure-notice.tsx'
import { downloadName } from './download-name.ts'

const formats = ['v3', 'v2', 'txt'] as const

/** What can be done with the file; deleting it is for administrators, who make room with it. */
export function DownloadMenu({ session, onRemoved }: { session: SessionView; onRemoved?: () => void }) {
  const { t } = useTranslation()
  const me = useMe()
  const remove = useMutation({
    mutationFn: () => api.sessions.removeRecording({ id: session.id }),
    onError: notifyFailure,
    async onSuccess() {
      notifications.show({ message: t('recordings.removed') })
      onRemoved?.()
      await queries.invalidateQueries({ queryKey: ['sessions'] })
    },
  })
  const ask = () =>
    modals.openConfirmModal({
      title: t('recordings.removeTitle', { operator: session.operator, host: session.asset }),
      children: <Text size="sm">{t('recordings.removeText')}</Text>,
      labels: { confirm: t('recordings.remove'), cancel: t('parts.cancel') },
      confirmProps: { color: 'red' },
      onConfirm: () => remove.mutate(),
    })
  const label = t('recordings.download')
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={30} aria-label={label} title={label} loading={remove.isPending}>
          <IconDots size={17} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {formats.map((format) => (
          <Menu.Item
            key={format}
            component="a"
            leftSection={<IconDownload size={16} />}
            href={recordingPath(session.id, format)}
            download={downloadName(session.recording?.fileName, format)}
          >
            {t(`recordings.format.${format}`)}
          </Menu.Item>
        ))}
        {me.role === 'admin' && session.state === 'ended' ? (
          <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={ask}>
            {t('recordings.remove')}
          </Menu.Item>
        ) : null}
      </Menu.Dropdown>
    </Menu>
  )
}
