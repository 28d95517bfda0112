// Where one is: names to click, or the path to type. Back, forward and up stand before it.
import { ActionIcon, Autocomplete, Tooltip } from '@mantine/core'
import { IconArrowLeft, IconArrowRight, IconArrowUp, IconChevronRight, IconHome, IconPencil, IconRefresh, IconTerminal2 } from '@tabler/icons-react'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { hostText } from '../parts/format.ts'
import type { FilesState } from './files-state.ts'
import type { FilesStore } from './files-store.ts'
import classes from './files.module.css'
import { crumbsOf, typedPath } from './places.ts'
import { useFolderNames } from './use-folder-names.ts'

type Props = { store: FilesStore; state: FilesState; onDone: () => void }
type BarProps = Props & {
  /** Where the terminal's shell stands, when it says so. */
  shellFolder: string | undefined
}

export function PathBar({ store, state, shellFolder, onDone }: BarProps) {
  const { t } = useTranslation()
  const [typing, setTyping] = useState(false)
  const { places, home } = state
  const folder = places?.at ?? '/'
  const look = { variant: 'subtle', color: 'gray', size: 30 } as const
  const button = (label: string, Mark: typeof IconArrowLeft, act: () => void, disabled: boolean) => (
    <Tooltip label={label}>
      <ActionIcon {...look} aria-label={label} disabled={disabled} onClick={act}>
        <Mark size={17} />
      </ActionIcon>
    </Tooltip>
  )
  return (
    <div className={classes['path']}>
      {button(t('files.back'), IconArrowLeft, () => store.back(), !places || places.behind.length === 0)}
      {button(t('files.ahead'), IconArrowRight, () => store.ahead(), !places || places.ahead.length === 0)}
      {button(t('files.up'), IconArrowUp, () => store.up(), folder === '/')}
      {typing ? (
        <PathField
          store={store}
          state={state}
          onDone={() => {
            setTyping(false)
            onDone()
          }}
        />
      ) : (
        <div className={classes['crumbBox']}>
          <Crumbs folder={folder} home={home} onGo={(path) => store.go(path)} />
          {/* The room behind the names is for typing, as in file managers; for keys there is the pencil. */}
          <div className={classes['crumbRest']} onClick={() => setTyping(true)} aria-hidden />
          <Tooltip label={t('files.type')}>
            <ActionIcon variant="subtle" color="gray" size={26} aria-label={t('files.type')} onClick={() => setTyping(true)}>
              <IconPencil size={15} />
            </ActionIcon>
          </Tooltip>
        </div>
      )}
      {shellFolder === undefined ? null : button(t('files.shellFolder'), IconTerminal2, () => store.go(shellFolder), shellFolder === folder)}
      {button(t('files.refresh'), IconRefresh, () => store.refresh(), state.isLoading)}
    </div>
  )
}

function Crumbs({ folder, home, onGo }: { folder: string; home: string; onGo: (path: string) => void }) {
  const { t } = useTranslation()
  const list = useRef<HTMLOListElement>(null)
  // The end of a long path is what one looks for.
  useLayoutEffect(() => {
    list.current?.scrollTo({ left: list.current.scrollWidth })
  }, [folder])
  const crumbs = crumbsOf(folder)
  return (
    <nav aria-label={t('files.path')} className={classes['crumbs']}>
      <ol ref={list}>
        {crumbs.map(({ name, path }, at) => (
          <li key={path}>
            {at > 1 ? <IconChevronRight size={13} aria-hidden className={classes['between']} /> : null}
            <button type="button" title={hostText(path, 400)} aria-current={at === crumbs.length - 1 ? 'page' : undefined} onClick={() => onGo(path)}>
              {path === home && home !== '/' ? <IconHome size={14} aria-hidden /> : null}
              <bdi>{hostText(name, 60)}</bdi>
            </button>
          </li>
        ))}
      </ol>
    </nav>
  )
}

function PathField({ store, state, onDone }: Props) {
  const { t } = useTranslation()
  const folder = state.places?.at ?? '/'
  const [text, setText] = useState(folder === '/' ? '/' : `${folder}/`)
  const found = useFolderNames(store, text)
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    field.current?.focus()
    field.current?.select()
  }, [])
  const go = (typed: string) => {
    const path = typedPath(typed, folder, state.home)
    store.go(path.length > 1 ? path.replace(/\/+$/, '') || '/' : path)
    onDone()
  }
  return (
    <Autocomplete
      ref={field}
      className={classes['pathField'] ?? ''}
      size="xs"
      aria-label={t('files.path')}
      value={text}
      data={found}
      limit={12}
      maxLength={4000}
      spellCheck={false}
      comboboxProps={{ shadow: 'md' }}
      onChange={setText}
      onKeyDown={(event) => {
        event.stopPropagation()
        if (event.key === 'Escape') onDone()
        // With a proposal chosen Enter takes it, and the next one goes there.
        if (event.key === 'Enter' && !event.currentTarget.getAttribute('aria-activedescendant')) {
          event.preventDefault()
          go(text)
        }
      }}
      onBlur={onDone}
    />
  )
}
