import { Menu } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconClipboard, IconCopy, IconEraser, IconSearch, IconSelectAll } from '@tabler/icons-react'
import type { RefObject } from 'react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { readClipboard } from './clipboard.ts'
import type { LiveTerminal } from './live-terminal.ts'
import { Key } from './tab-menu.tsx'

type Props = { live: RefObject<LiveTerminal | undefined>; ended: boolean; onSearch: () => void; children: React.ReactElement }

/** The right button in a terminal. A program that wants the mouse has the button itself; with Shift the menus change places. */
export function TerminalMenu({ live, ended, onSearch, children }: Props) {
  const { t } = useTranslation()
  const [selected, setSelected] = useState(false)
  const icon = { size: 16 }
  const paste = async () => {
    const text = await readClipboard()
    if (text === undefined) notifications.show({ color: 'yellow', message: t('comfort.menu.noRead'), autoClose: 8000 })
    else await live.current?.paste(text)
    live.current?.focus()
  }
  return (
    <Menu
      shadow="md"
      width={240}
      position="bottom-start"
      returnFocus={false}
      onOpen={() => setSelected(live.current?.terminal.hasSelection() ?? false)}
      onClose={() => live.current?.focus()}
    >
      <Menu.ContextMenu>{children}</Menu.ContextMenu>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconCopy {...icon} />}
          rightSection={<Key keys="Ctrl+Shift+C" />}
          disabled={!selected}
          onClick={() => void live.current?.comforts.copy()}
        >
          {t('comfort.menu.copy')}
        </Menu.Item>
        <Menu.Item leftSection={<IconClipboard {...icon} />} rightSection={<Key keys="Ctrl+Shift+V" />} disabled={ended} onClick={() => void paste()}>
          {t('comfort.menu.paste')}
        </Menu.Item>
        <Menu.Item leftSection={<IconSelectAll {...icon} />} onClick={() => live.current?.terminal.selectAll()}>
          {t('comfort.menu.selectAll')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconSearch {...icon} />} rightSection={<Key keys="Ctrl+Shift+F" />} onClick={onSearch}>
          {t('comfort.menu.search')}
        </Menu.Item>
        <Menu.Item leftSection={<IconEraser {...icon} />} onClick={() => live.current?.terminal.clear()}>
          {t('comfort.menu.clear')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

/** Whose the right button is: the menu's unless a program wants the mouse; with Shift the other way round, where the browser has its own menu. */
export function keepContextMenu(event: React.MouseEvent, live: LiveTerminal | undefined): void {
  const programs = live !== undefined && live.terminal.modes.mouseTrackingMode !== 'none'
  if (programs === event.shiftKey) return
  event.stopPropagation()
  if (programs) event.preventDefault()
}
