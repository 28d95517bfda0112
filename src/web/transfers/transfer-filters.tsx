import { Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { fileWays, verifications } from '#domain/session-act.ts'
import { transferDirections } from '#wire/api/transfers.ts'
import { DayFields } from '../parts/day-fields.tsx'
import { type Chip, FilterBar } from '../parts/filter-bar.tsx'
import { isNarrowed, noTransferFilters, outcomes, type TransferFilterName, type TransferFilters } from './transfers-search.ts'

type Change = { [Name in TransferFilterName]?: TransferFilters[Name] | undefined }
type Props = { filters: TransferFilters; onChange: (change: Change) => void }

export function TransferFilterBar({ filters, onChange }: Props) {
  const { t } = useTranslation()
  const { host, person, session, direction, way, outcome, verified, sha256, since, until } = filters
  const chip = (name: TransferFilterName, text: string | undefined): Chip<TransferFilterName>[] => (text === undefined ? [] : [[name, text]])
  const chips = [
    ...chip('host', host && `${t('transfers.column.asset')}: ${host}`),
    ...chip('person', person && `${t('transfers.column.operator')}: ${person}`),
    ...chip('session', session && t('transfers.filter.session')),
    ...chip('direction', direction && t(`transfers.direction.${direction}`)),
    ...chip('way', way && `${t('transfers.column.way')}: ${t(`transfers.way.${way}`)}`),
    ...chip('outcome', outcome && t(`kinds.outcome.${outcome}`)),
    ...chip('verified', verified && t(`transfers.verified.${verified}`)),
    ...chip('sha256', sha256 && `SHA-256: ${sha256.slice(0, 12)}…`),
    ...chip('since', since && t('sessions.filter.from', { day: since })),
    ...chip('until', until && t('sessions.filter.to', { day: until })),
  ]
  return (
    <FilterBar chips={chips} onDrop={(name) => onChange({ [name]: undefined })} onClear={() => onChange(noTransferFilters)}>
      {(close) => <FilterForm filters={filters} onChange={onChange} onDone={close} />}
    </FilterBar>
  )
}

function FilterForm({ filters, onChange, onDone }: Props & { onDone: () => void }) {
  const { t } = useTranslation()
  const [draft, setDraft] = useState<Change>(filters)
  const put = (change: Change) => setDraft((before) => ({ ...before, ...change }))
  const text = (name: 'host' | 'person', label: string, most: number) => ({
    label,
    name: `filter-${name}`,
    maxLength: most,
    autoComplete: 'off',
    value: draft[name] ?? '',
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => put({ [name]: event.currentTarget.value.trim() === '' ? undefined : event.currentTarget.value }),
  })
  const choice = <Name extends 'direction' | 'way' | 'outcome' | 'verified'>(
    name: Name,
    label: string,
    of: readonly NonNullable<TransferFilters[Name]>[],
    word: (value: NonNullable<TransferFilters[Name]>) => string,
  ) => (
    <NativeSelect
      label={label}
      name={`filter-${name}`}
      value={draft[name] ?? ''}
      data={[{ value: '', label: t('kinds.any') }, ...of.map((value) => ({ value: value as string, label: word(value) }))]}
      onChange={(event) => put({ [name]: of.find((value) => value === event.currentTarget.value) })}
    />
  )
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        onChange({ ...noTransferFilters, ...draft })
        onDone()
      }}
    >
      <Stack gap="sm">
        <Group grow align="flex-start">
          <TextInput {...text('host', t('transfers.column.asset'), 300)} data-autofocus />
          <TextInput {...text('person', t('transfers.column.operator'), 100)} />
        </Group>
        <Group grow align="flex-start">
          {choice('direction', t('transfers.column.direction'), transferDirections, (value) => t(`transfers.direction.${value}`))}
          {choice('way', t('transfers.column.way'), fileWays, (value) => t(`transfers.way.${value}`))}
        </Group>
        <Group grow align="flex-start">
          {choice('outcome', t('transfers.column.outcome'), outcomes, (value) => t(`kinds.outcome.${value}`))}
          {choice('verified', t('transfers.column.verified'), verifications, (value) => t(`transfers.verified.${value}`))}
        </Group>
        <DayFields since={draft.since} until={draft.until} labels={{ since: t('commands.filter.since'), until: t('commands.filter.until') }} onChange={put} />
        <Group justify="space-between">
          <Button variant="subtle" size="xs" disabled={!isNarrowed(draft as TransferFilters)} onClick={() => setDraft(noTransferFilters)}>
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
