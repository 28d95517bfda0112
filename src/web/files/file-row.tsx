import { IconAlertCircle, IconArrowNarrowRight, IconLock } from '@tabler/icons-react'
import { memo, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { FileEntry } from '#wire/files.ts'
import { byteSize, exactTime, hostText, sortableTime } from '../parts/format.ts'
import { useLanguage } from '../parts/use-language.ts'
import { FileIcon } from './file-icon.tsx'
import { isFolder } from './file-order.ts'
import { longMode, octalText } from './file-mode.ts'
import classes from './file-grid.module.css'
import { nameFault, stemLength } from './new-names.ts'
import type { Columns } from './row-window.ts'

type Props = {
  id: string
  entry: FileEntry
  index: number
  top: number
  columns: Columns
  selected: boolean
  /** Keys go to it. */
  active: boolean
  /** Dropped files would go in here. */
  over: boolean
  /** Why it cannot be downloaded. */
  denied: string | undefined
  renaming: boolean
  onRename: (to: string | undefined) => void
}

/** One row; what is done with it is the grid's. */
export const FileRow = memo(function FileRow({ id, entry, index, top, columns, selected, active, over, denied, renaming, onRename }: Props) {
  const { t } = useTranslation()
  const language = useLanguage()
  const { mtime, mode, owner, group, target, isUsable } = entry
  const why = isUsable ? denied : t('files.unusable')
  const size = isFolder(entry) ? '' : byteSize(entry.bytes)
  const changed = mtime === undefined ? '' : sortableTime(mtime * 1000).slice(0, 16)
  const owned = owner === undefined ? '' : group === undefined || group === owner ? owner : `${owner}:${group}`
  const name = hostText(entry.name, 255)
  return (
    <div
      id={id}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      aria-describedby={why === undefined ? undefined : `${id}-why`}
      className={classes['row']}
      style={{ transform: `translateY(${top}px)` }}
      data-index={index}
      data-name={entry.name}
      data-active={active || undefined}
      data-over={over || undefined}
      data-denied={why === undefined ? undefined : true}
    >
      <span role="gridcell" className={classes['name']}>
        <span className={classes['mark']} data-mark>
          <FileIcon entry={entry} />
        </span>
        {renaming ? (
          <NameField name={entry.name} onDone={onRename} />
        ) : (
          <span className={classes['lines']}>
            <span className={classes['one']} title={why === undefined ? name : `${name}\n${why}`}>
              <bdi>{name}</bdi>
              {target === undefined ? null : (
                <span className={classes['target']} data-broken={entry.leadsTo === 'nothing' || undefined}>
                  <IconArrowNarrowRight size={14} aria-label={t('files.leadsTo')} />
                  <bdi>{hostText(target, 200)}</bdi>
                </span>
              )}
            </span>
            {columns.isTight ? (
              <span className={classes['under']}>{[columns.size ? '' : size, changed, longMode(entry)].filter(Boolean).join(' · ')}</span>
            ) : null}
          </span>
        )}
        {why === undefined ? null : (
          <span className={classes['why']} title={why}>
            {isUsable ? <IconLock size={14} aria-hidden /> : <IconAlertCircle size={14} aria-hidden />}
            <span id={`${id}-why`} className="visually-hidden">
              {why}
            </span>
          </span>
        )}
      </span>
      {columns.size ? (
        <span role="gridcell" className={classes['size']} title={size === '' ? undefined : t('files.bytes', { bytes: entry.bytes.toLocaleString() })}>
          {size}
        </span>
      ) : null}
      {columns.changed ? (
        <span role="gridcell" className={classes['cell']} title={mtime === undefined ? undefined : exactTime(mtime * 1000, language)}>
          {changed}
        </span>
      ) : null}
      {columns.mode ? (
        <span role="gridcell" className={classes['mode']} title={mode === undefined ? undefined : octalText(mode)}>
          {longMode(entry)}
        </span>
      ) : null}
      {columns.owner ? (
        <span role="gridcell" className={classes['cell']} title={hostText(owned, 200)}>
          <bdi>{hostText(owned, 100)}</bdi>
        </span>
      ) : null}
    </div>
  )
})

/** The name in place of itself: Enter gives it, Escape leaves it. */
function NameField({ name, onDone }: { name: string; onDone: (to: string | undefined) => void }) {
  const { t } = useTranslation()
  const [text, setText] = useState(name)
  const field = useRef<HTMLInputElement>(null)
  // Losing the focus because the row goes is no second answer.
  const isOver = useRef(false)
  const done = (to: string | undefined) => {
    if (isOver.current) return
    isOver.current = true
    onDone(to)
  }
  useEffect(() => {
    field.current?.focus()
    field.current?.setSelectionRange(0, stemLength(name))
  }, [name])
  const fault = text === name ? undefined : nameFault(text)
  return (
    <input
      ref={field}
      className={classes['field']}
      value={text}
      maxLength={300}
      spellCheck={false}
      aria-label={t('files.rename.label', { name })}
      aria-invalid={fault !== undefined}
      title={fault && t(`files.fault.${fault}`)}
      onChange={(event) => setText(event.currentTarget.value)}
      onKeyDown={(event) => {
        event.stopPropagation()
        if (event.key === 'Escape') done(undefined)
        if (event.key === 'Enter' && fault === undefined && !event.nativeEvent.isComposing) done(text === name ? undefined : text)
      }}
      onBlur={() => done(text === name || fault !== undefined ? undefined : text)}
      onDoubleClick={(event) => event.stopPropagation()}
    />
  )
}
