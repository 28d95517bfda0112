// The list: as many rows as a folder has, of which those that are seen are drawn. One stop of the Tab key; inside it keys go from row to row.
import { Menu } from '@mantine/core'
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import type { RefObject } from 'react'
import { useCallback, useEffect, useId, useLayoutEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { notifyFailure } from '../parts/failure-notice.tsx'
import { useDenialWords } from './denial-words.ts'
import { FileMenuItems } from './file-menu.tsx'
import type { FileColumn } from './file-order.ts'
import { fileColumns, isFolder, typedAhead } from './file-order.ts'
import { denialOf } from './file-rights.ts'
import { FileRow } from './file-row.tsx'
import { allOf, nothingChosen, only, rangeTo, stepped, toggledName } from './file-selection.ts'
import classes from './file-grid.module.css'
import type { FilesState } from './files-state.ts'
import type { FilesStore } from './files-store.ts'
import { gridAct } from './grid-keys.ts'
import { joinPath } from './places.ts'
import { columnsFor, rowHeightOf, rowWindow, scrollToRow } from './row-window.ts'
import type { FileActs } from './use-file-acts.ts'

type Props = {
  store: FilesStore
  state: FilesState
  acts: FileActs
  /** The folder's row over which something is held, by its name. */
  over: string | undefined
  grid: RefObject<HTMLDivElement | null>
  onSearch: () => void
  children: React.ReactNode
}
const letterMs = 900
const isTouch = () => globalThis.matchMedia?.('(pointer: coarse)').matches ?? false

export function FileGrid({ store, state, acts, over, grid, onSearch, children }: Props) {
  const { t } = useTranslation()
  const words = useDenialWords()
  const id = useId()
  const scroller = useRef<HTMLDivElement>(null)
  const [view, setView] = useState({ top: 0, height: 600, width: 560 })
  const typed = useRef({ text: '', atMs: -Infinity })
  const { rows, names, selection, order, places, renaming, rules, home } = state
  const folder = places?.at ?? '/'
  const columns = columnsFor(view.width)
  const rowHeight = rowHeightOf(columns, isTouch())
  const { from, to, height } = rowWindow(rows.length, rowHeight, view.top, view.height)
  const at = selection.at === undefined ? -1 : names.indexOf(selection.at)
  const page = Math.floor(view.height / rowHeight)

  useLayoutEffect(() => {
    const element = scroller.current
    if (!element) return undefined
    const observer = new ResizeObserver(() => setView((now) => ({ ...now, height: element.clientHeight, width: element.clientWidth })))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  useEffect(() => {
    scroller.current?.scrollTo({ top: 0 })
  }, [folder])
  // The row that keys go to is seen, wherever it came from; not so when rows arrive above it.
  const shownAt = useRef<string>(undefined)
  useEffect(() => {
    if (at === -1 || shownAt.current === selection.at) return
    shownAt.current = selection.at
    const element = scroller.current
    const top = element ? scrollToRow(at, rowHeight, element.scrollTop, element.clientHeight) : undefined
    if (top !== undefined) element?.scrollTo({ top })
  }, [at, selection.at, rowHeight])

  const renamed = useCallback(
    (to_: string | undefined) => {
      const { renaming: name } = store.state
      store.rename(undefined)
      grid.current?.focus()
      if (name === undefined || to_ === undefined) return
      store.changes.rename(name, to_).catch((error: unknown) => notifyFailure(error))
    },
    [store, grid],
  )

  const keys = (event: React.KeyboardEvent) => {
    if (event.target !== grid.current) return
    const now = performance.now()
    const isTyping = now - typed.current.atMs < letterMs
    const act = gridAct(event.nativeEvent, isTyping)
    if (!act) return
    if (act.act === 'clear' && selection.chosen.size === 0 && state.search === '') return
    event.preventDefault()
    event.stopPropagation()
    const entry = at === -1 ? undefined : rows[at]
    switch (act.act) {
      case 'step': {
        const name = names[stepped(at, act.step, names.length, page)]
        if (name === undefined) return
        if (act.extend) store.select(rangeTo(names, selection, name))
        else if (act.keep) store.select({ ...selection, at: name, anchor: name })
        else store.select(only(name))
        return
      }
      case 'type': {
        const text = (isTyping ? typed.current.text : '') + act.letter
        typed.current = { text, atMs: now }
        const found = names[typedAhead(rows, text, Math.max(0, text.length === 1 ? at + 1 : at))]
        if (found !== undefined) store.select(only(found))
        return
      }
      case 'open':
        return entry && acts.open(entry)
      case 'toggle':
        return entry && store.select(toggledName(selection, entry.name))
      case 'all':
        return store.select(allOf(names, selection))
      case 'remove':
        return acts.chosen.length > 0 && acts.reasons.change === undefined ? acts.ask('remove') : undefined
      case 'rename':
        return acts.rename()
      case 'clear':
        store.search('')
        return store.select({ ...nothingChosen, at: selection.at, anchor: selection.at })
      case 'search':
        return onSearch()
      default:
        return store[act.act]()
    }
  }
  const rowOf = (target: EventTarget) => {
    const row = target instanceof Element ? target.closest<HTMLElement>('[data-index]') : null
    return row ? rows[Number(row.dataset['index'])] : undefined
  }
  const click = (event: React.MouseEvent) => {
    const entry = rowOf(event.target)
    if (!entry) {
      if (event.target === event.currentTarget || (event.target as Element).hasAttribute('data-room')) store.select(nothingChosen)
      return
    }
    if (renaming === entry.name) return
    grid.current?.focus({ preventScroll: true })
    const touched = event.nativeEvent instanceof PointerEvent && event.nativeEvent.pointerType === 'touch'
    const onMark = (event.target as Element).closest('[data-mark]') !== null
    if (event.shiftKey) store.select(rangeTo(names, selection, entry.name, event.ctrlKey || event.metaKey))
    else if (event.ctrlKey || event.metaKey || onMark || (touched && selection.chosen.size > 1)) store.select(toggledName(selection, entry.name))
    else if (touched && isFolder(entry)) acts.open(entry)
    else store.select(only(entry.name))
  }
  const pathRules = rules.some(({ actions }) => actions.includes('download'))
  const deniedOf = (index: number) => {
    const entry = rows[index]
    // Without any right to download the toolbar says so once, not every row.
    if (!entry || !pathRules || isFolder(entry)) return undefined
    const denial = denialOf({ rules, home }, 'download', joinPath(folder, entry.name), entry.bytes)
    return denial && words(denial, 'download')
  }
  return (
    <div
      ref={grid}
      role="grid"
      tabIndex={0}
      className={classes['grid']}
      aria-label={t('files.listOf', { folder })}
      aria-multiselectable
      aria-rowcount={rows.length + 1}
      aria-activedescendant={at >= from && at < to ? `${id}-${at}` : undefined}
      aria-busy={state.isLoading}
      data-columns={fileColumns.filter((column) => column === 'name' || columns[column]).join(' ')}
      data-tight={columns.isTight || undefined}
      style={{ '--row': `${rowHeight}px` } as React.CSSProperties}
      onKeyDown={keys}
      data-testid="file-grid"
    >
      <div role="rowgroup" className={classes['head']}>
        <div role="row" aria-rowindex={1} className={classes['headRow']}>
          {fileColumns.map((column) => (column === 'name' || columns[column] ? <ColumnHead key={column} column={column} store={store} order={order} /> : null))}
        </div>
      </div>
      <Menu shadow="md" width={250} position="bottom-start" returnFocus={false} onClose={() => grid.current?.focus({ preventScroll: true })}>
        <Menu.ContextMenu>
          <div
            ref={scroller}
            role="rowgroup"
            className={classes['scroller']}
            onScroll={({ currentTarget }) => {
              const top = currentTarget.scrollTop
              // Within a row nothing is drawn anew.
              setView((now) => (Math.floor(now.top / rowHeight) === Math.floor(top / rowHeight) ? now : { ...now, top }))
            }}
            onClick={click}
            onDoubleClick={(event) => {
              const entry = rowOf(event.target)
              if (entry && !(event.target as Element).closest('[data-mark]')) acts.open(entry)
            }}
            onContextMenuCapture={(event) => {
              const entry = rowOf(event.target)
              if (entry && !selection.chosen.has(entry.name)) store.select(only(entry.name))
            }}
          >
            <div className={classes['room']} style={{ height }} data-room>
              {rows.slice(from, to).map((entry, step) => {
                const index = from + step
                return (
                  <FileRow
                    key={entry.name}
                    id={`${id}-${index}`}
                    entry={entry}
                    index={index}
                    top={index * rowHeight}
                    columns={columns}
                    selected={selection.chosen.has(entry.name)}
                    active={index === at}
                    over={over === entry.name}
                    denied={deniedOf(index)}
                    renaming={renaming === entry.name}
                    onRename={renamed}
                  />
                )
              })}
            </div>
            {children}
          </div>
        </Menu.ContextMenu>
        <Menu.Dropdown>
          <FileMenuItems store={store} state={state} acts={acts} />
        </Menu.Dropdown>
      </Menu>
    </div>
  )
}

function ColumnHead({ column, store, order }: { column: FileColumn; store: FilesStore; order: FilesState['order'] }) {
  const { t } = useTranslation()
  const isSorted = order.by === column
  const Arrow = order.descending ? IconArrowDown : IconArrowUp
  const label = t(`files.columns.${column}`)
  return (
    <span
      role="columnheader"
      className={classes[column === 'size' ? 'sizeHead' : 'headCell']}
      aria-sort={isSorted ? (order.descending ? 'descending' : 'ascending') : 'none'}
    >
      <button
        type="button"
        className={classes['sort']}
        title={t('parts.sortBy', { column: label })}
        data-sorted={isSorted || undefined}
        // Large and new things first; names from A.
        onClick={() => store.sort({ by: column, descending: isSorted ? !order.descending : column === 'size' || column === 'changed' })}
      >
        {label}
        {isSorted ? <Arrow size={13} aria-hidden /> : null}
      </button>
    </span>
  )
}
