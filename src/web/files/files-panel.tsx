// The files of a host beside its terminal. On a phone it fills the screen.
import { CloseButton, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconCloudUpload } from '@tabler/icons-react'
import { useEffect, useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { notifyFailure } from '../parts/failure-notice.tsx'
import { byteSize, hostText } from '../parts/format.ts'
import { useLanguage } from '../parts/use-language.ts'
import type { Dropped } from './dropped-files.ts'
import { readPicked } from './dropped-files.ts'
import { FileGrid } from './file-grid.tsx'
import { isFolder } from './file-order.ts'
import { FileTools } from './file-tools.tsx'
import classes from './files.module.css'
import type { FilesStore } from './files-store.ts'
import { keepLook, keptLook } from './kept-look.ts'
import { ModeDialog } from './mode-dialog.tsx'
import { NewFolderDialog } from './new-folder-dialog.tsx'
import { PanelEdge } from './panel-edge.tsx'
import { PathBar } from './path-bar.tsx'
import { FolderPlace, ListSkeleton, RefusedPlace } from './place-states.tsx'
import { useFiles } from './store-of-tab.ts'
import { RemoveDialog } from './remove-dialog.tsx'
import { TransfersDock } from './transfers-dock.tsx'
import { mostQueued } from './upload-queue.ts'
import type { FileDialog } from './use-file-acts.ts'
import { useFileActs } from './use-file-acts.ts'
import { useFileDrop } from './use-file-drop.ts'

type Props = { store: FilesStore; title: string; shellFolder?: string | undefined; onClose: () => void }

export function FilesView({ store, title, shellFolder, onClose }: Props) {
  const { t } = useTranslation()
  const id = useId()
  const language = useLanguage()
  const state = useFiles(store)
  const [width, setWidth] = useState(() => keptLook().width)
  const [dialog, setDialog] = useState<FileDialog>()
  const panel = useRef<HTMLElement>(null)
  const grid = useRef<HTMLDivElement>(null)
  const search = useRef<HTMLInputElement>(null)
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const acts = useFileActs(store, state, setDialog, (what) => (what === 'files' ? files : folder).current?.click())
  const toList = () => grid.current?.focus()
  const upload = (dropped: Dropped, target: string) => {
    if (dropped.isCut) notifications.show({ color: 'yellow', message: t('files.upload.tooMany', { most: mostQueued.toLocaleString() }), autoClose: 9000 })
    store.uploads.add(dropped, target).then((count) => store.say(t('files.upload.queued', { count })), notifyFailure)
  }
  const { over, isOver, events } = useFileDrop({ store, state, disabled: acts.reasons.upload !== undefined || state.phase !== 'ready', onFiles: upload })
  useEffect(() => store.speaks(language), [store, language])
  useEffect(() => {
    const { phase, isLoading, places } = store.state
    // Opened again it shows what it showed; what changed meanwhile is a key away.
    if (phase === 'refused' || places === undefined || (isLoading && phase !== 'opening')) void store.open()
    ;(grid.current ?? panel.current)?.focus()
  }, [store])
  const isReady = state.phase === 'ready'
  useEffect(() => {
    if (isReady && document.activeElement === panel.current) grid.current?.focus()
  }, [isReady])
  const place = state.places?.at
  const { isLoading, rows } = state
  useEffect(() => {
    if (!isLoading && place !== undefined) store.say(t('files.spokenList', { count: store.state.rows.length, folder: place }))
  }, [store, t, isLoading, place])
  const canUpload = acts.reasons.upload === undefined
  const bytes = acts.chosen.reduce((sum, entry) => sum + (isFolder(entry) ? 0 : entry.bytes), 0)
  return (
    <aside
      ref={panel}
      className={classes['panel']}
      style={{ '--files-width': `${width}px` } as React.CSSProperties}
      aria-labelledby={id}
      tabIndex={-1}
      data-testid="files-panel"
      data-phase={state.phase}
      onKeyDown={(event) => {
        // Menus and dialogs stand elsewhere in the page, and have their own Escape.
        const isInside = event.target instanceof Element && panel.current?.contains(event.target) && event.target.getAttribute('aria-expanded') !== 'true'
        if (event.key !== 'Escape' || event.defaultPrevented || !isInside) return
        event.stopPropagation()
        onClose()
      }}
      {...events}
    >
      <PanelEdge
        width={width}
        onWidth={(next) => {
          setWidth(next)
          keepLook({ width: next })
        }}
      />
      <header className={classes['head']}>
        <h2 id={id} className={classes['title']}>
          {t('files.title')}
          <span className={classes['where']} title={hostText(title, 200)}>
            <bdi>{hostText(title, 80)}</bdi>
          </span>
        </h2>
        <CloseButton aria-label={t('files.close')} onClick={onClose} />
      </header>
      {state.phase === 'refused' ? (
        <div className={classes['body']}>
          <RefusedPlace store={store} state={state} />
        </div>
      ) : state.phase === 'opening' ? (
        <div className={classes['body']}>
          <Text size="sm" className={classes['opening'] ?? ''} role="status">
            {t('files.opening', { host: store.goal.host })}
          </Text>
          <ListSkeleton />
        </div>
      ) : (
        <>
          <PathBar store={store} state={state} shellFolder={shellFolder} onDone={toList} />
          <FileTools store={store} state={state} acts={acts} search={search} onList={toList} />
          <FileGrid store={store} state={state} acts={acts} over={over} grid={grid} onSearch={() => search.current?.focus()}>
            <FolderPlace store={store} state={state} canUpload={canUpload} />
          </FileGrid>
          <footer className={classes['foot']}>
            <span>
              {state.listFailure
                ? ''
                : acts.chosen.length > 0
                  ? t('files.chosen', { n: acts.chosen.length.toLocaleString(), bytes: byteSize(bytes) })
                  : rows.length === state.entries.length
                    ? t('files.items', { count: rows.length, n: rows.length.toLocaleString() })
                    : t('files.itemsOf', { n: rows.length.toLocaleString(), of: state.entries.length.toLocaleString() })}
            </span>
            {isLoading && rows.length > 0 ? <span className={classes['footState']}>{t('files.reading')}</span> : null}
            {state.isTruncated ? <span className={classes['footState']}>{t('files.truncated')}</span> : null}
          </footer>
        </>
      )}
      <TransfersDock store={store} state={state} />
      {isOver ? (
        <div className={classes['dropHint']} data-row={over === undefined ? undefined : true}>
          <span>
            <IconCloudUpload size={20} stroke={1.7} aria-hidden />
            {canUpload ? t('files.upload.drop', { folder: hostText(over ?? place ?? '/', 80) }) : acts.reasons.upload}
          </span>
        </div>
      ) : null}
      <input
        ref={files}
        type="file"
        multiple
        hidden
        data-testid="pick-files"
        onChange={(event) => picked(event, (chosen) => upload(readPicked(chosen), store.folder))}
      />
      <input
        ref={(element) => {
          folder.current = element
          // Of which React knows no type.
          element?.setAttribute('webkitdirectory', '')
        }}
        type="file"
        multiple
        hidden
        data-testid="pick-folder"
        onChange={(event) => picked(event, (chosen) => upload(readPicked(chosen), store.folder))}
      />
      {dialog === 'folder' ? <NewFolderDialog store={store} onClose={() => closeDialog()} /> : null}
      {dialog === 'mode' && acts.chosen.length > 0 ? <ModeDialog store={store} entries={acts.chosen} onClose={() => closeDialog()} /> : null}
      {dialog === 'remove' && acts.chosen.length > 0 ? <RemoveDialog store={store} entries={acts.chosen} onClose={() => closeDialog()} /> : null}
      <div className="visually-hidden" role="status" aria-live="polite" data-testid="files-spoken">
        {hostText(state.spoken, 300)}
      </div>
    </aside>
  )
  function closeDialog() {
    setDialog(undefined)
    // When the dialog has given the focus back to nobody.
    requestAnimationFrame(() => {
      if (!panel.current?.contains(document.activeElement)) toList()
    })
  }
}

/** The same file can be picked again. */
function picked(event: React.ChangeEvent<HTMLInputElement>, take: (files: File[]) => void): void {
  const field = event.currentTarget
  const chosen = [...(field.files ?? [])]
  field.value = ''
  if (chosen.length > 0) take(chosen)
}
