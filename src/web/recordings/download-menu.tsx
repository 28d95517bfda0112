import { ActionIcon, Menu } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { SessionView } from '#wire/api.ts'
import { recordingPath } from '#wire/api.ts'
import { downloadName } from './download-name.ts'

const formats = ['v3', 'v2', 'txt'] as const

export function DownloadMenu({ session }: { session: SessionView }) {
  const { t } = useTranslation()
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={30} aria-label={t('recordings.download')} title={t('recordings.download')}>
          <IconDownload size={17} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {formats.map((format) => (
          <Menu.Item key={format} component="a" href={recordingPath(session.id, format)} download={downloadName(session.recording?.fileName, format)}>
            {t(`recordings.format.${format}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
