import { Menu } from '@mantine/core'
import {
  IconArrowBackUp,
  IconArrowLeft,
  IconArrowRight,
  IconColumns2,
  IconCopyPlus,
  IconFolder,
  IconLayoutRows,
  IconPencil,
  IconSearch,
  IconSettings,
  IconSquare,
  IconX,
} from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Tab } from './open-tabs.ts'
import { lastClosed, tabTitle } from './open-tabs.ts'
import type { Split } from './split-layout.ts'
import type { TabActs } from './tab-acts.ts'
import classes from './tab-strip.module.css'

type Props = { tab: Tab; at: number; count: number; split: Split | undefined; acts: TabActs; whole?: boolean }

/** The same for the context menu of a tab and for the button at the end of the strip; `whole` has what concerns all tabs too. */
export function TabMenuItems({ tab, at, count, split, acts, whole = false }: Props) {
  const { t } = useTranslation()
  const closed = lastClosed()
  const title = tabTitle(tab)
  const icon = { size: 16 }
  return (
    <>
      <Menu.Item leftSection={<IconPencil {...icon} />} rightSection={<Key keys="F2" />} onClick={() => acts.beginRename(tab.id)}>
        {t('comfort.tab.rename')}
      </Menu.Item>
      <Menu.Item leftSection={<IconArrowLeft {...icon} />} disabled={at === 0} onClick={() => acts.step(tab, -1)}>
        {t('comfort.tab.moveLeft')}
      </Menu.Item>
      <Menu.Item leftSection={<IconArrowRight {...icon} />} disabled={at === count - 1} onClick={() => acts.step(tab, 1)}>
        {t('comfort.tab.moveRight')}
      </Menu.Item>
      <Menu.Divider />
      <Menu.Item leftSection={<IconCopyPlus {...icon} />} onClick={() => acts.duplicate(tab)}>
        {t('comfort.tab.duplicate')}
      </Menu.Item>
      {split ? (
        <>
          <Menu.Item
            className={classes['onDesk']}
            leftSection={split.direction === 'row' ? <IconLayoutRows {...icon} /> : <IconColumns2 {...icon} />}
            onClick={() => acts.split(tab, split.direction === 'row' ? 'column' : 'row')}
          >
            {t('comfort.split.turn')}
          </Menu.Item>
          <Menu.Item leftSection={<IconSquare {...icon} />} onClick={() => acts.unsplit(tab)}>
            {t('comfort.split.undo')}
          </Menu.Item>
        </>
      ) : (
        <>
          <Menu.Item
            className={classes['onDesk']}
            leftSection={<IconColumns2 {...icon} />}
            rightSection={<Key keys="Ctrl+Shift+E" />}
            onClick={() => acts.split(tab, 'row')}
          >
            {t('comfort.split.row')}
          </Menu.Item>
          <Menu.Item leftSection={<IconLayoutRows {...icon} />} rightSection={<Key keys="Ctrl+Shift+O" />} onClick={() => acts.split(tab, 'column')}>
            {t('comfort.split.column')}
          </Menu.Item>
        </>
      )}
      <Menu.Divider />
      {whole ? (
        <>
          {tab.goal.kind === 'watch' ? null : (
            <Menu.Item leftSection={<IconFolder {...icon} />} rightSection={<Key keys="Ctrl+Shift+L" />} onClick={() => acts.files(tab)}>
              {t('comfort.files.label')}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconSearch {...icon} />} rightSection={<Key keys="Ctrl+Shift+F" />} onClick={() => acts.search(tab)}>
            {t('comfort.menu.search')}
          </Menu.Item>
          <Menu.Item leftSection={<IconSettings {...icon} />} onClick={acts.settings}>
            {t('comfort.settings.title')}
          </Menu.Item>
          <Menu.Divider />
        </>
      ) : null}
      <Menu.Item leftSection={<IconArrowBackUp {...icon} />} rightSection={<Key keys="Ctrl+Shift+Z" />} disabled={!closed} onClick={acts.reopen}>
        {closed ? t('comfort.tab.reopen', { title: tabTitle(closed) }) : t('comfort.tab.reopenNone')}
      </Menu.Item>
      <Menu.Item leftSection={<IconX {...icon} />} onClick={() => acts.close(tab)}>
        {t('terminals.closeTab', { title })}
      </Menu.Item>
    </>
  )
}

export const Key = ({ keys }: { keys: string }) => <kbd className="key">{keys}</kbd>
