import { ActionIcon, Menu } from '@mantine/core'
import { IconDots, IconEyeCheck, IconPlayerPlay, IconServer, IconUser } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { SessionView } from '#wire/api/sessions.ts'
import type { SessionFilters } from './sessions-search.ts'

type Props = { row: SessionView; onFilter: (filters: SessionFilters) => void; onWatches: () => void; onPlay?: () => void }

/** What is wanted of a session now and then. */
export function MoreMenu({ row, onFilter, onWatches, onPlay }: Props) {
  const { t } = useTranslation()
  const label = t('sessions.more', { operator: row.operator, host: row.asset })
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={30} aria-label={label} title={t('parts.more')}>
          <IconDots size={17} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {onPlay ? (
          <Menu.Item leftSection={<IconPlayerPlay size={16} />} onClick={onPlay}>
            {t('sessions.playSoFar')}
          </Menu.Item>
        ) : null}
        <Menu.Item leftSection={<IconEyeCheck size={16} />} onClick={onWatches}>
          {t('sessions.watches')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconServer size={16} />} onClick={() => onFilter({ host: row.asset })}>
          {t('sessions.onlyHost')}
        </Menu.Item>
        <Menu.Item leftSection={<IconUser size={16} />} onClick={() => onFilter({ person: row.operator })}>
          {t('sessions.onlyPerson')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
