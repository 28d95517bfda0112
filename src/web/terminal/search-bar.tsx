import { ActionIcon, Tooltip } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconLetterCase, IconRegex, IconX } from '@tabler/icons-react'
import type { RefObject } from 'react'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './comfort.module.css'
import type { LiveTerminal } from './live-terminal.ts'
import type { SearchCount, TerminalSearch } from './terminal-search.ts'
import { isPattern, longestSearch, mostMatches } from './terminal-search.ts'

type Props = { live: RefObject<LiveTerminal | undefined>; asked: number; onClose: () => void }

/** Over the top right corner of the terminal. `asked` changes when it is asked for again: then the field is ready to be overwritten. */
export function SearchBar({ live, asked, onClose }: Props) {
  const { t } = useTranslation()
  const [text, setText] = useState('')
  const [matchCase, setMatchCase] = useState(false)
  const [regex, setRegex] = useState(false)
  const [count, setCount] = useState<SearchCount>({ at: 0, count: 0 })
  const search = useRef<TerminalSearch>(undefined)
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    const made = live.current?.comforts.search(setCount)
    search.current = made
    return () => made?.clear()
  }, [live])
  useEffect(() => {
    // What is selected is what is looked for, unless it is more than a line.
    const selected = live.current?.terminal.getSelection() ?? ''
    if (selected !== '' && selected.length <= longestSearch && !selected.includes('\n')) setText(selected)
    field.current?.focus()
    field.current?.select()
  }, [live, asked])
  useEffect(() => {
    search.current?.find({ text, matchCase, regex }, 'typing')
    if (text === '') setCount({ at: 0, count: 0 })
  }, [text, matchCase, regex])
  const go = (way: 'next' | 'previous') => void search.current?.find({ text, matchCase, regex }, way)
  const bad = regex && !isPattern(text)
  const told =
    text === ''
      ? ''
      : bad
        ? t('comfort.search.badPattern')
        : count.count === 0
          ? t('comfort.search.none')
          : count.at === 0
            ? t('comfort.search.many', { count: mostMatches })
            : t('comfort.search.count', count)
  const keys = (event: React.KeyboardEvent) => {
    if (event.key === 'Escape') onClose()
    else if (event.key === 'Enter') go(event.shiftKey ? 'previous' : 'next')
    else if (event.altKey && event.code === 'KeyC') setMatchCase(!matchCase)
    else if (event.altKey && event.code === 'KeyR') setRegex(!regex)
    else return
    event.preventDefault()
  }
  const look = { variant: 'subtle', color: 'gray', size: 26 } as const
  const toggles = [
    { label: t('comfort.search.matchCase'), on: matchCase, set: setMatchCase, icon: IconLetterCase },
    { label: t('comfort.search.regex'), on: regex, set: setRegex, icon: IconRegex },
  ]
  return (
    <div className={classes['search']} role="search" data-testid="search" onKeyDown={keys}>
      <input
        ref={field}
        className={classes['searchField']}
        value={text}
        maxLength={longestSearch}
        placeholder={t('comfort.search.placeholder')}
        aria-label={t('comfort.search.label')}
        aria-invalid={bad || undefined}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <span className={classes['searchCount']} role="status" data-testid="search-count" data-bad={bad || undefined}>
        {told}
      </span>
      {toggles.map(({ label, on, set, icon: Icon }) => (
        <Tooltip key={label} label={label}>
          <ActionIcon {...look} variant={on ? 'light' : 'subtle'} color={on ? 'tide' : 'gray'} aria-label={label} aria-pressed={on} onClick={() => set(!on)}>
            <Icon size={16} />
          </ActionIcon>
        </Tooltip>
      ))}
      <Tooltip label={t('comfort.search.previous')}>
        <ActionIcon {...look} aria-label={t('comfort.search.previous')} onClick={() => go('previous')}>
          <IconArrowUp size={16} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={t('comfort.search.next')}>
        <ActionIcon {...look} aria-label={t('comfort.search.next')} onClick={() => go('next')}>
          <IconArrowDown size={16} />
        </ActionIcon>
      </Tooltip>
      <ActionIcon {...look} aria-label={t('comfort.search.close')} onClick={onClose}>
        <IconX size={16} />
      </ActionIcon>
    </div>
  )
}
