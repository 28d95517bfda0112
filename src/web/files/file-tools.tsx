import { ActionIcon, Button, CloseButton, Menu, TextInput, Tooltip } from '@mantine/core'
import { IconDots, IconDownload, IconFile, IconFolder, IconFolderPlus, IconSearch, IconTrash, IconUpload } from '@tabler/icons-react'
import type { RefObject } from 'react'
import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import { FileMenuItems } from './file-menu.tsx'
import classes from './files.module.css'
import type { FilesState } from './files-state.ts'
import type { FilesStore } from './files-store.ts'
import type { FileActs } from './use-file-acts.ts'

type Props = { store: FilesStore; state: FilesState; acts: FileActs; search: RefObject<HTMLInputElement | null>; onList: () => void }

export function FileTools({ store, state, acts, search, onList }: Props) {
  const { t } = useTranslation()
  const { reasons, chosen } = acts
  const none = chosen.length === 0 ? t('files.chooseFirst') : undefined
  return (
    <div className={classes['tools']} role="toolbar" aria-label={t('files.tools')}>
      <UploadMenu acts={acts} />
      <Tool label={t('files.newFolder.do')} icon={IconFolderPlus} reason={reasons.upload} onClick={() => acts.ask('folder')} />
      <Tool
        label={t(chosen.length > 1 ? 'files.download.zip' : 'files.download.do')}
        icon={IconDownload}
        reason={none ?? reasons.download}
        onClick={() => acts.download()}
      />
      <Tool label={t('files.remove.do')} icon={IconTrash} reason={none ?? reasons.change} onClick={() => acts.ask('remove')} />
      <Menu position="bottom-end" shadow="md" width={250} returnFocus={false}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size={30} aria-label={t('files.more')}>
            <IconDots size={17} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <FileMenuItems store={store} state={state} acts={acts} />
        </Menu.Dropdown>
      </Menu>
      <TextInput
        ref={search}
        className={classes['search'] ?? ''}
        size="xs"
        type="search"
        aria-label={t('files.search')}
        placeholder={t('files.search')}
        value={state.search}
        maxLength={200}
        leftSection={<IconSearch size={14} />}
        rightSection={
          state.search === '' ? null : (
            <CloseButton
              size="xs"
              aria-label={t('parts.clear')}
              onClick={() => {
                store.search('')
                search.current?.focus()
              }}
            />
          )
        }
        onChange={(event) => store.search(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown' || event.key === 'Enter') {
            event.preventDefault()
            onList()
          }
          if (event.key !== 'Escape') return
          event.stopPropagation()
          store.search('')
          onList()
        }}
      />
    </div>
  )
}

function UploadMenu({ acts }: { acts: FileActs }) {
  const { t } = useTranslation()
  const id = useId()
  const reason = acts.reasons.upload
  const look = { size: 'xs', leftSection: <IconUpload size={15} />, variant: 'light' } as const
  if (reason !== undefined)
    return (
      <Tooltip label={reason} multiline maw={300}>
        <Button {...look} data-disabled aria-disabled aria-describedby={id} onClick={(event) => event.preventDefault()}>
          {t('files.upload.do')}
          <span id={id} className="visually-hidden">
            {reason}
          </span>
        </Button>
      </Tooltip>
    )
  return (
    <Menu position="bottom-start" shadow="md" returnFocus={false}>
      <Menu.Target>
        <Button {...look}>{t('files.upload.do')}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconFile size={16} />} onClick={() => acts.pick('files')}>
          {t('files.upload.files')}
        </Menu.Item>
        <Menu.Item leftSection={<IconFolder size={16} />} onClick={() => acts.pick('folder')}>
          {t('files.upload.folder')}
        </Menu.Item>
        <Menu.Label>{t('files.upload.orDrop')}</Menu.Label>
      </Menu.Dropdown>
    </Menu>
  )
}

type ToolProps = { label: string; icon: typeof IconDownload; reason: string | undefined; onClick: () => void }
/** Stays reachable when it cannot be used, so that everyone can learn why. */
function Tool({ label, icon: Mark, reason, onClick }: ToolProps) {
  const id = useId()
  return (
    <Tooltip label={reason === undefined ? label : `${label}: ${reason}`} multiline maw={300}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={30}
        aria-label={label}
        aria-disabled={reason !== undefined}
        aria-describedby={reason === undefined ? undefined : id}
        {...(reason === undefined ? {} : { 'data-disabled': true })}
        onClick={() => {
          if (reason === undefined) onClick()
        }}
      >
        <Mark size={17} />
        {reason === undefined ? null : (
          <span id={id} className="visually-hidden">
            {reason}
          </span>
        )}
      </ActionIcon>
    </Tooltip>
  )
}
