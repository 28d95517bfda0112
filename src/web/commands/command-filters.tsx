import { Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { DayFields } from '../parts/day-fields.tsx'
import { type Chip, FilterBar } from '../parts/filter-bar.tsx'
import { type CommandFilterName, type CommandFilters, isNarrowed, noCommandFilters, verdicts } from './commands-search.ts'

type Change = { [Name in CommandFilterName]?: CommandFilters[Name] | undefined }
type Props = { filters: CommandFilters; onChange: (change: Change) => void }

export function CommandFilterBar({ filters, onChange }: Props) {
  const { t } = useTranslation()
  const { host, person, session, verdict, since, until } = filters
  const chip = (name: CommandFilterName, text: string | undefined): Chip<CommandFilterName>[] => (text === undefined ? [] : [[name, text]])
  const chips = [
    ...chip('host', host && `${t('commands.column.asset')}: ${host}`),
    ...chip('person', person && `${t('commands.column.operator')}: ${person}`),
    ...chip('session', session && t('commands.filter.session')),
    ...chip('verdict', verdict && t(`commands.verdict.${verdict}`)),
    ...chip('since', since && t('sessions.filter.from', { day: since })),
    ...chip('until', until && t('sessions.filter.to', { day: until })),
  ]
  return (
    <FilterBar chips={chips} onDrop={(name) => onChange({ [name]: undefined })} onClear={() => onChange(noCommandFilters)}>
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
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        onChange({ ...noCommandFilters, ...draft })
        onDone()
      }}
    >
      <Stack gap="sm">
        <TextInput {...text('host', t('commands.column.asset'), 300)} data-autofocus />
        <TextInput {...text('person', t('commands.column.operator'), 100)} />
        <NativeSelect
          label={t('commands.filter.verdict')}
          name="filter-verdict"
          value={draft.verdict ?? ''}
          data={[
            { value: '', label: t('commands.filter.anyVerdict') },
            ...verdicts.map((value) => ({ value: value as string, label: t(`commands.verdict.${value}`) })),
          ]}
          onChange={(event) => put({ verdict: verdicts.find((one) => one === event.currentTarget.value) })}
        />
        <DayFields since={draft.since} until={draft.until} labels={{ since: t('commands.filter.since'), until: t('commands.filter.until') }} onChange={put} />
        <Group justify="space-between">
          <Button variant="subtle" size="xs" disabled={!isNarrowed(draft as CommandFilters)} onClick={() => setDraft(noCommandFilters)}>
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
