import { Autocomplete, Button, Collapse, Select, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconChevronDown, IconSearch } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { grantActions } from '#domain/grant.ts'
import { isInNetwork } from '#domain/network.ts'
import { api } from '../api.ts'
import type { WhoMaySearch } from '../grants/access-search.ts'
import { inOrder } from '../grants/grant-words.ts'
import { readSize, sizeOf } from '../grants/size-amount.ts'
import { SizeField } from '../grants/size-field.tsx'
import { isAboutFiles, isPath } from './asked-file.ts'
import classes from './who-may.module.css'

type Props = { search: WhoMaySearch; onAsk: (search: WhoMaySearch) => void }

/** The question as one line; a gap asks about everybody, or every host. */
export function QuestionForm({ search, onAsk }: Props) {
  const { t } = useTranslation()
  const [asked, setAsked] = useState(search)
  const [size, setSize] = useState(() => sizeOf(search.bytes === undefined ? undefined : Number(search.bytes)))
  const [more, setMore] = useState(search.source !== undefined || search.at !== undefined)
  const put = (change: { [Name in keyof WhoMaySearch]: string | undefined }) => setAsked((before) => cleaned({ ...before, ...change }))
  const ask = (change: { [Name in keyof WhoMaySearch]?: string | undefined } = {}) => {
    const isEmpty = size.typed.trim() === ''
    const bytes = readSize(size)
    const next = cleaned({ ...asked, bytes: isEmpty || bytes === undefined ? undefined : String(bytes), ...change })
    if (isAboutFiles(next) && ((next.path !== undefined && !isPath(next.path)) || (!isEmpty && bytes === undefined))) return setAsked(next)
    setAsked(next)
    if (sourceOf(next) !== 'bad') onAsk(next)
  }
  const people = useSuggested('people', asked.operator ?? '')
  const hosts = useSuggested('hosts', asked.asset ?? '')
  return (
    <form
      className={classes['question']}
      noValidate
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault()
        ask()
      }}
    >
      <div className={classes['line']}>
        <Autocomplete
          label={t('whoMay.person')}
          placeholder={t('whoMay.personHint')}
          name="who-person"
          data={people.map(({ value }) => value)}
          renderOption={({ option }) => <Suggestion name={option.value} note={people.find(({ value }) => value === option.value)?.note} />}
          filter={({ options }) => options}
          maxLength={100}
          clearable
          clearButtonProps={{ 'aria-label': `${t('parts.clear')}: ${t('whoMay.person')}` }}
          value={asked.operator ?? ''}
          onChange={(operator) => put({ operator })}
          onOptionSubmit={(operator) => ask({ operator })}
          comboboxProps={{ shadow: 'md' }}
        />
        <span className={classes['word']}>{t('whoMay.may')}</span>
        <Select
          label={t('whoMay.action')}
          name="who-action"
          data={inOrder(grantActions).map((value) => ({ value, label: t(`grants.actionHelp.${value}`) }))}
          value={asked.action ?? 'shell'}
          allowDeselect={false}
          onChange={(action) => ask({ action: action === 'shell' ? undefined : (action ?? undefined) })}
          comboboxProps={{ shadow: 'md' }}
        />
        <span className={classes['word']}>{t('whoMay.on')}</span>
        <Autocomplete
          label={t('whoMay.host')}
          placeholder={t('whoMay.hostHint')}
          name="who-host"
          data={hosts.map(({ value }) => value)}
          renderOption={({ option }) => <Suggestion name={option.value} note={hosts.find(({ value }) => value === option.value)?.note} />}
          filter={({ options }) => options}
          maxLength={300}
          clearable
          clearButtonProps={{ 'aria-label': `${t('parts.clear')}: ${t('whoMay.host')}` }}
          value={asked.asset ?? ''}
          onChange={(asset) => put({ asset })}
          onOptionSubmit={(asset) => ask({ asset })}
          comboboxProps={{ shadow: 'md' }}
        />
        <Button type="submit" leftSection={<IconSearch size={16} />} className={classes['ask'] ?? ''} data-testid="who-ask">
          {t('whoMay.ask')}
        </Button>
      </div>
      {isAboutFiles(asked) ? (
        <div className={classes['elsewhere']} data-testid="who-file">
          <TextInput
            label={t('whoMay.path')}
            description={t('whoMay.pathHelp')}
            name="who-path"
            maxLength={4096}
            spellCheck={false}
            value={asked.path ?? ''}
            onChange={(event) => put({ path: event.currentTarget.value.trim() })}
            error={asked.path === undefined || isPath(asked.path) ? undefined : t('whoMay.pathBad')}
          />
          <SizeField
            name="who-size"
            label={t('whoMay.size')}
            description={t('whoMay.sizeHelp')}
            value={size}
            onChange={setSize}
            error={size.typed.trim() !== '' && readSize(size) === undefined ? t('whoMay.sizeBad') : undefined}
          />
        </div>
      ) : null}
      <Button
        variant="subtle"
        color="gray"
        size="compact-sm"
        className={classes['more'] ?? ''}
        rightSection={<IconChevronDown size={14} data-open={more || undefined} className={classes['turn'] ?? ''} aria-hidden />}
        aria-expanded={more}
        onClick={() => {
          setMore(!more)
          if (more) put({ source: undefined, at: undefined })
        }}
      >
        {more ? t('whoMay.less') : t('whoMay.more')}
      </Button>
      <Collapse expanded={more}>
        <div className={classes['elsewhere']}>
          <TextInput
            label={t('whoMay.source')}
            description={t('whoMay.sourceHelp')}
            name="who-source"
            maxLength={64}
            spellCheck={false}
            value={asked.source ?? ''}
            onChange={(event) => put({ source: event.currentTarget.value.trim() })}
            error={sourceOf(asked) === 'bad' ? t('whoMay.sourceBad') : undefined}
          />
          <TextInput
            type="datetime-local"
            label={t('whoMay.at')}
            description={t('whoMay.atHelp')}
            name="who-at"
            max="9999-12-31T23:59"
            value={asked.at ?? ''}
            onChange={(event) => put({ at: event.currentTarget.value })}
          />
        </div>
      </Collapse>
    </form>
  )
}

/** An address lies in the network that is the address. */
const sourceOf = ({ source }: WhoMaySearch): 'none' | 'good' | 'bad' =>
  source === undefined ? 'none' : !source.includes('/') && isInNetwork(source, source) ? 'good' : 'bad'

function cleaned(search: { [Name in keyof WhoMaySearch]?: string | undefined }): WhoMaySearch {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined && value !== '')) as WhoMaySearch
}

type Suggested = { value: string; note: string }
/** Names that begin or hold what is typed. Who may not list people (an auditor) writes the name. */
function useSuggested(kind: 'people' | 'hosts', typed: string): Suggested[] {
  const [q] = useDebouncedValue(typed.trim(), 150)
  const found = useQuery({
    queryKey: [kind === 'people' ? 'operators' : 'assets', 'suggest', q],
    async queryFn({ signal }): Promise<Suggested[]> {
      const asked = { ...(q === '' ? {} : { q: q.slice(0, 200) }), sort: 'name' as const, page: 1, size: 20 }
      if (kind === 'people') return (await api.operators.list(asked, { signal })).items.map(({ username, name }) => ({ value: username, note: name }))
      return (await api.assets.list(asked, { signal })).items.map(({ name, address }) => ({ value: name, note: address }))
    },
    placeholderData: keepPreviousData,
    retry: false,
  })
  // Names are the values of the list, and each may stand in it once.
  return [...new Map((found.data ?? []).map((one) => [one.value, one])).values()]
}

function Suggestion({ name, note }: { name: string; note: string | undefined }) {
  return (
    <span className={classes['option']}>
      <bdi>{name}</bdi>
      <bdi className="quiet">{note}</bdi>
    </span>
  )
}
