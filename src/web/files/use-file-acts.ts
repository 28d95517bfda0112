// What can be done with the files of a panel, from its buttons, its menu and its keys alike; and why not, where rules deny it.
import { notifications } from '@mantine/notifications'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { FileEntry } from '#wire/files.ts'
import { notifyFailure } from '../parts/failure-notice.tsx'
import { copyText } from '../terminal/clipboard.ts'
import { useDenialWords } from './denial-words.ts'
import { isFolder } from './file-order.ts'
import { changeDenial, downloadDenial, folderDenial } from './file-rights.ts'
import type { FilesState } from './files-state.ts'
import type { FilesStore } from './files-store.ts'
import { joinPath } from './places.ts'

export type FileDialog = 'folder' | 'mode' | 'remove'
/** Why an act is not for this person, or not for what is chosen; undefined when it can be done. */
export type Reasons = { upload: string | undefined; download: string | undefined; change: string | undefined }
export type FileActs = {
  chosen: readonly FileEntry[]
  reasons: Reasons
  open(entry: FileEntry): void
  download(entries?: readonly FileEntry[]): void
  rename(): void
  ask(dialog: FileDialog): void
  copyPath(): void
  pick(what: 'files' | 'folder'): void
}

export function useFileActs(store: FilesStore, state: FilesState, ask: (dialog: FileDialog) => void, pick: (what: 'files' | 'folder') => void): FileActs {
  const { t } = useTranslation()
  const words = useDenialWords()
  const { rows, selection, rules, home, places } = state
  const folder = places?.at ?? '/'
  const chosen = useMemo(() => rows.filter(({ name }) => selection.chosen.has(name)), [rows, selection.chosen])
  const denials = useMemo(() => {
    const rights = { rules, home }
    // A choice of a hundred thousand is judged by its first thousand here; the gateway judges each.
    const some = chosen.slice(0, 1000)
    return { upload: folderDenial(rights, folder), download: downloadDenial(rights, folder, some), change: changeDenial(rights, folder, some) }
  }, [rules, home, folder, chosen])
  const unusable = chosen.some(({ isUsable }) => !isUsable) ? t('files.unusable') : undefined
  const reasons: Reasons = {
    upload: denials.upload && words(denials.upload, 'upload'),
    download: unusable ?? (denials.download && words(denials.download, 'download')),
    change: unusable ?? (denials.change && words(denials.change, 'upload')),
  }
  const download = (entries: readonly FileEntry[] = chosen) => {
    const rights = { rules, home }
    const denial = downloadDenial(rights, folder, entries.slice(0, 1000))
    if (denial) return void notifications.show({ color: 'yellow', message: words(denial, 'download') })
    store.downloads.begin(entries).then(
      (begun) => {
        if (begun === 'tooMany') notifications.show({ color: 'yellow', message: t('files.download.tooMany'), autoClose: 9000 })
        else store.say(t('files.download.begun', { count: entries.length, name: entries[0]?.name ?? '' }))
      },
      (error: unknown) => notifyFailure(error),
    )
  }
  return {
    chosen,
    reasons,
    open(entry) {
      if (!entry.isUsable) notifications.show({ color: 'yellow', message: t('files.unusable') })
      else if (isFolder(entry)) store.go(joinPath(folder, entry.name))
      else download([entry])
    },
    download,
    rename() {
      if (chosen.length === 1 && reasons.change === undefined) store.rename(chosen[0]?.name)
    },
    ask,
    copyPath() {
      const text = chosen.length === 0 ? folder : chosen.map(({ name }) => joinPath(folder, name)).join('\n')
      void copyText(text).then((copied) =>
        notifications.show({
          color: copied ? 'teal' : 'yellow',
          message: t(copied ? 'comfort.clipboard.copied' : 'comfort.clipboard.failed'),
          autoClose: 2000,
        }),
      )
    },
    pick,
  }
}
