import { ActionIcon, Button, Menu, Tooltip } from '@mantine/core'
import { IconColumns2, IconDots, IconFolder, IconSearch, IconSettings } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useFilesShown } from '../files/open-panels.ts'
import type { Tab } from './open-tabs.ts'
import type { Split } from './split-layout.ts'
import type { TabActs } from './tab-acts.ts'
import { TabMenuItems } from './tab-menu.tsx'
import classes from './tab-strip.module.css'

type Props = { tab: Tab; at: number; count: number; split: Split | undefined; settingsOpen: boolean; acts: TabActs }

/** Behind the tabs: what is wanted often, and a menu with the rest. On a phone only the menu. */
export function StripTools({ tab, at, count, split, settingsOpen, acts }: Props) {
  const { t } = useTranslation()
  const filesShown = useFilesShown(tab.id)
  const look = { variant: 'subtle', color: 'gray', size: 28 } as const
  return (
    <div className={classes['tools']}>
      {tab.goal.kind === 'watch' ? null : (
        <Tooltip label={t('comfort.files.key')}>
          <Button
            color="gray"
            h={28}
            px={8}
            fz="0.82rem"
            fw={500}
            variant={filesShown ? 'light' : 'subtle'}
            className={classes['onDesk']}
            leftSection={<IconFolder size={16} />}
            aria-expanded={filesShown}
            onClick={() => acts.files(tab)}
            data-testid="files-button"
          >
            {t('comfort.files.label')}
          </Button>
        </Tooltip>
      )}
      <Tooltip label={t('comfort.search.label')}>
        <ActionIcon {...look} className={classes['onDesk']} aria-label={t('comfort.search.label')} onClick={() => acts.search(tab)}>
          <IconSearch size={16} />
        </ActionIcon>
      </Tooltip>
      {split ? null : (
        <Tooltip label={t('comfort.split.row')}>
          <ActionIcon {...look} className={classes['onDesk']} aria-label={t('comfort.split.row')} onClick={() => acts.split(tab, 'row')}>
            <IconColumns2 size={16} />
          </ActionIcon>
        </Tooltip>
      )}
      <Tooltip label={t('comfort.settings.title')}>
        <ActionIcon {...look} className={classes['onDesk']} aria-label={t('comfort.settings.title')} aria-expanded={settingsOpen} onClick={acts.settings}>
          <IconSettings size={16} />
        </ActionIcon>
      </Tooltip>
      <Menu position="bottom-end" shadow="md" width={300} returnFocus={false} onExitTransitionEnd={acts.settle}>
        <Menu.Target>
          <ActionIcon {...look} aria-label={t('comfort.tab.more')}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <TabMenuItems whole tab={tab} at={at} count={count} split={split} acts={acts} />
        </Menu.Dropdown>
      </Menu>
    </div>
  )
}
