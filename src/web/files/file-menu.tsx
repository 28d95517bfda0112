import { Menu } from '@mantine/core'
import {
  IconClipboardCopy,
  IconCursorText,
  IconDownload,
  IconEye,
  IconEyeOff,
  IconFolderOpen,
  IconFolderPlus,
  IconFolderUp,
  IconKey,
  IconRefresh,
  IconSelectAll,
  IconTrash,
  IconUpload,
} from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Key } from '../terminal/tab-menu.tsx'
import { isFolder } from './file-order.ts'
import { allOf } from './file-selection.ts'
import classes from './files.module.css'
import type { FilesState } from './files-state.ts'
import type { FilesStore } from './files-store.ts'
import type { FileActs } from './use-file-acts.ts'

type Props = { store: FilesStore; state: FilesState; acts: FileActs }

/** The right button on the list and the button with the dots alike. What rules deny is grey and says why. */
export function FileMenuItems({ store, state, acts }: Props) {
  const { t } = useTranslation()
  const { chosen, reasons } = acts
  const [first] = chosen
  const icon = { size: 16 }
  const none = chosen.length === 0
  const why = (reason: string | undefined) => (reason === undefined ? null : <span className={classes['menuWhy']}>{reason}</span>)
  return (
    <>
      {chosen.length === 1 && first && isFolder(first) ? (
        <Menu.Item leftSection={<IconFolderOpen {...icon} />} rightSection={<Key keys="Enter" />} onClick={() => acts.open(first)}>
          {t('files.open')}
        </Menu.Item>
      ) : null}
      <Menu.Item leftSection={<IconDownload {...icon} />} disabled={none || reasons.download !== undefined} onClick={() => acts.download()}>
        {t(chosen.length > 1 || (first && isFolder(first)) ? 'files.download.zip' : 'files.download.do')}
        {none ? null : why(reasons.download)}
      </Menu.Item>
      <Menu.Item
        leftSection={<IconCursorText {...icon} />}
        rightSection={<Key keys="F2" />}
        disabled={chosen.length !== 1 || reasons.change !== undefined}
        onClick={acts.rename}
      >
        {t('files.rename.do')}
      </Menu.Item>
      <Menu.Item leftSection={<IconKey {...icon} />} disabled={none || reasons.change !== undefined} onClick={() => acts.ask('mode')}>
        {t('files.mode.do')}
      </Menu.Item>
      <Menu.Item leftSection={<IconClipboardCopy {...icon} />} onClick={acts.copyPath}>
        {none ? t('files.copyFolder') : t('files.copyPath')}
      </Menu.Item>
      <Menu.Item
        color="red"
        leftSection={<IconTrash {...icon} />}
        rightSection={<Key keys="Del" />}
        disabled={none || reasons.change !== undefined}
        onClick={() => acts.ask('remove')}
      >
        {t('files.remove.do')}
        {none ? null : why(reasons.change)}
      </Menu.Item>
      <Menu.Divider />
      <Menu.Item leftSection={<IconUpload {...icon} />} disabled={reasons.upload !== undefined} onClick={() => acts.pick('files')}>
        {t('files.upload.files')}
        {why(reasons.upload)}
      </Menu.Item>
      <Menu.Item leftSection={<IconFolderUp {...icon} />} disabled={reasons.upload !== undefined} onClick={() => acts.pick('folder')}>
        {t('files.upload.folder')}
      </Menu.Item>
      <Menu.Item leftSection={<IconFolderPlus {...icon} />} disabled={reasons.upload !== undefined} onClick={() => acts.ask('folder')}>
        {t('files.newFolder.do')}
      </Menu.Item>
      <Menu.Divider />
      <Menu.Item
        leftSection={<IconSelectAll {...icon} />}
        rightSection={<Key keys="Ctrl+A" />}
        onClick={() => store.select(allOf(state.names, state.selection))}
      >
        {t('files.selectAll')}
      </Menu.Item>
      <Menu.Item leftSection={state.hidden ? <IconEyeOff {...icon} /> : <IconEye {...icon} />} onClick={() => store.showHidden(!state.hidden)}>
        {t(state.hidden ? 'files.hidden.hide' : 'files.hidden.show')}
      </Menu.Item>
      <Menu.Item leftSection={<IconRefresh {...icon} />} rightSection={<Key keys="F5" />} onClick={() => store.refresh()}>
        {t('files.refresh')}
      </Menu.Item>
    </>
  )
}
