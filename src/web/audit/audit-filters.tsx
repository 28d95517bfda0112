import { Button, Group, NativeSelect, Select, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { auditCodes, auditOutcomes } from '#domain/audit-event.ts'
import { DayFields } from '../parts/day-fields.tsx'
import { type Chip, FilterBar } from '../parts/filter-bar.tsx'
import { type AuditFilterName, type AuditFilters, isNarrowed, noAuditFilters } from './audit-search.ts'
import { isOutcome, useCodeWords } from './audit-words.ts'

type Change = { [Name in AuditFilterName]?: AuditFilters[Name] | undefined }
type Props = { filters: AuditFilters; onChange: (change: Change) => void }

export function AuditFilterBar({ filters, onChange }: Props) {
  const { t } = useTranslation()
  const words = useCodeWords()
  const { code, outcome, person, object, since, until } = filters
  const chip = (name: AuditFilterName, text: string | undefined): Chip<AuditFilterName>[] => (text === undefined ? [] : [[name, text]])
  const chips = [
    ...chip('code', code && words(code)),
    ...chip('outcome', outcome && `${t('audit.column.outcome')}: ${t(`audit.outcome.${outcome}`)}`),
    ...chip('person', person && `${t('audit.column.operator')}: ${person}`),
    ...chip('object', object && `${t('audit.column.object')}: ${object}`),
    ...chip('since', since && t('sessions.filter.from', { day: since })),
    ...chip('until', until && t('sessions.filter.to', { day: until })),
  ]
  return (
    <FilterBar chips={chips} onDrop={(name) => onChange({ [name]: undefined })} onClear={() => onChange(noAuditFilters)}>
      {(close) => <FilterForm filters={filters} onChange={onChange} onDone={close} />}
    </FilterBar>
  )
}

function FilterForm({ filters, onChange, onDone }: Props & { onDone: () => void }) {
  const { t } = useTranslation()
  const words = useCodeWords()
  const [draft, setDraft] = useState<Change>(filters)
  const put = (change: Change) => setDraft((before) => ({ ...before, ...change }))
  const text = (name: 'person' | 'object', most: number) => ({
    name: `filter-${name}`,
    label: t(`audit.filter.${name}`),
    maxLength: most,
    autoComplete: 'off',
    value: draft[name] ?? '',
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => put({ [name]: event.currentTarget.value.trim() === '' ? undefined : event.currentTarget.value }),
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        onChange({ ...noAuditFilters, ...draft })
        onDone()
      }}
    >
      <Stack gap="sm">
        {/* Dozens of kinds: found by typing a part of their words. */}
        <Select
          label={t('audit.column.code')}
          name="filter-code"
          data-autofocus
          searchable
          openOnFocus={false}
          clearable
          clearButtonProps={{ 'aria-label': t('lists.dropFilter', { name: t('audit.column.code') }) }}
          placeholder={t('audit.filter.anyCode')}
          nothingFoundMessage={t('parts.nothingMatches.title')}
          comboboxProps={{ withinPortal: false }}
          value={draft.code ?? null}
          data={auditCodes.map((value) => ({ value, label: words(value) })).toSorted((one, other) => one.label.localeCompare(other.label))}
          onChange={(value) => put({ code: auditCodes.find((one) => one === value) })}
        />
        <NativeSelect
          label={t('audit.column.outcome')}
          name="filter-outcome"
          value={draft.outcome ?? ''}
          data={[
            { value: '', label: t('audit.filter.anyOutcome') },
            ...auditOutcomes.map((value) => ({ value: value as string, label: t(`audit.outcome.${value}`) })),
          ]}
          onChange={(event) => put({ outcome: isOutcome(event.currentTarget.value) ? event.currentTarget.value : undefined })}
        />
        <TextInput {...text('person', 100)} />
        <TextInput {...text('object', 300)} />
        <DayFields since={draft.since} until={draft.until} labels={{ since: t('audit.filter.since'), until: t('audit.filter.until') }} onChange={put} />
        <Group justify="space-between">
          <Button variant="subtle" size="xs" disabled={!isNarrowed(draft as AuditFilters)} onClick={() => setDraft(noAuditFilters)}>
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
