// Filters of sessions and recordings.
import { Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core'
import type { TFunction } from 'i18next'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type EndReason, endReasons } from '#domain/end-reason.ts'
import { sessionKinds } from '#domain/session-kind.ts'
import type { SessionView } from '#wire/api/sessions.ts'
import { DayFields } from '../parts/day-fields.tsx'
import { FilterBar } from '../parts/filter-bar.tsx'
import { type FilterName, isFiltered, noFilters, sessionDoors, type SessionFilters } from './sessions-search.ts'

type Change = { [Name in FilterName]?: SessionFilters[Name] | undefined }
type Props = { filters: SessionFilters; onChange: (change: Change) => void; hasReasons: boolean; rows: readonly SessionView[] }

/** Suggested while a name is typed: what the list shows now. */
const mostSuggested = 50

export function SessionFilterBar({ filters, onChange, hasReasons, rows }: Props) {
  const { t } = useTranslation()
  return (
    <FilterBar chips={chipsOf(filters, t)} onDrop={(name) => onChange({ [name]: undefined })} onClear={() => onChange(noFilters)}>
      {(close) => <FilterForm filters={filters} onChange={onChange} hasReasons={hasReasons} rows={rows} onDone={close} />}
    </FilterBar>
  )
}

function chipsOf(filters: SessionFilters, t: TFunction): [FilterName, string][] {
  const { host, person, kind, door, reason, since, until } = filters
  return [
    ...(host === undefined ? [] : [['host', `${t('sessions.column.asset')}: ${host}`] as [FilterName, string]]),
    ...(person === undefined ? [] : [['person', `${t('sessions.column.operator')}: ${person}`] as [FilterName, string]]),
    ...(kind === undefined ? [] : [['kind', t(`kinds.kind.${kind}`)] as [FilterName, string]]),
    ...(door === undefined ? [] : [['door', `${t('sessions.column.door')}: ${t(`sessions.door.${door}`)}`] as [FilterName, string]]),
    ...(reason === undefined ? [] : [['reason', t(`endReason.${reason}`)] as [FilterName, string]]),
    ...(since === undefined ? [] : [['since', t('sessions.filter.from', { day: since })] as [FilterName, string]]),
    ...(until === undefined ? [] : [['until', t('sessions.filter.to', { day: until })] as [FilterName, string]]),
  ]
}

function FilterForm({ filters, onChange, hasReasons, rows, onDone }: Props & { onDone: () => void }) {
  const { t } = useTranslation()
  const [draft, setDraft] = useState<Change>(filters)
  const id = useId()
  const put = (name: FilterName, value: string) => setDraft((before) => ({ ...before, [name]: value.trim() === '' ? undefined : value }))
  const suggested = (of: (row: SessionView) => string) => [...new Set(rows.map(of))].toSorted().slice(0, mostSuggested)
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        onChange({ ...noFilters, ...draft })
        onDone()
      }}
    >
      <Stack gap="sm">
        <TextInput
          label={t('sessions.column.asset')}
          name="filter-host"
          data-autofocus
          list={`${id}-hosts`}
          maxLength={300}
          autoComplete="off"
          value={draft.host ?? ''}
          onChange={(event) => put('host', event.currentTarget.value)}
        />
        <datalist id={`${id}-hosts`}>
          {suggested((row) => row.asset).map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <TextInput
          label={t('sessions.column.operator')}
          name="filter-person"
          list={`${id}-people`}
          maxLength={100}
          autoComplete="off"
          value={draft.person ?? ''}
          onChange={(event) => put('person', event.currentTarget.value)}
        />
        <datalist id={`${id}-people`}>
          {suggested((row) => row.operator).map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <Group grow gap="sm">
          <NativeSelect
            label={t('kinds.column')}
            name="filter-kind"
            value={draft.kind ?? ''}
            data={[{ value: '', label: t('kinds.any') }, ...sessionKinds.map((kind) => ({ value: kind as string, label: t(`kinds.kind.${kind}`) }))]}
            onChange={(event) => put('kind', event.currentTarget.value)}
          />
          <NativeSelect
            label={t('sessions.column.door')}
            name="filter-door"
            value={draft.door ?? ''}
            data={[{ value: '', label: t('kinds.any') }, ...sessionDoors.map((door) => ({ value: door as string, label: t(`sessions.door.${door}`) }))]}
            onChange={(event) => put('door', event.currentTarget.value)}
          />
        </Group>
        {hasReasons ? (
          <NativeSelect
            label={t('sessions.column.reason')}
            name="filter-reason"
            value={draft.reason ?? ''}
            data={[
              { value: '', label: t('sessions.filter.anyReason') },
              ...endReasons.map((reason) => ({ value: reason as string, label: t(`endReason.${reason}`) })),
            ]}
            onChange={(event) => put('reason', event.currentTarget.value satisfies string as EndReason)}
          />
        ) : null}
        <DayFields
          since={draft.since}
          until={draft.until}
          labels={{ since: t('sessions.filter.since'), until: t('sessions.filter.until') }}
          onChange={(days) => setDraft((before) => ({ ...before, ...days }))}
        />
        <Group justify="space-between">
          <Button variant="subtle" size="xs" disabled={!isFiltered(draft as SessionFilters)} onClick={() => setDraft(noFilters)}>
            {t('lists.clearFilters')}
          </Button>
          <Button type="submit" size="xs" data-testid="apply-filter">
            {t('sessions.filter.apply')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
