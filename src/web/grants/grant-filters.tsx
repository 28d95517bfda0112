// Grants of one person, one group, one host: picked in a small form, shown as chips, kept in the address.
import { Button, CloseButton, Group, Popover, Select, Stack } from '@mantine/core'
import { IconFilter } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import type { GrantsSearch } from './access-search.ts'
import type { Picked } from './grant-draft.ts'
import { pickedPerson } from './grant-draft.ts'
import classes from './grants.module.css'
import { type PickKind, useFindPicked } from './pick-field.tsx'

type FilterName = 'operator' | 'group' | 'asset'
type Change = Partial<Record<FilterName, string | undefined>>
const kinds: readonly { name: FilterName; kind: PickKind }[] = [
  { name: 'operator', kind: 'people' },
  { name: 'group', kind: 'groups' },
  { name: 'asset', kind: 'hosts' },
]

/** The names of those whose ids are in the address; `isReady` once they are known or cannot be. */
export function useFilterNames({ operator, group, asset }: GrantsSearch) {
  const person = useQuery({
    queryKey: ['operators', 'one', operator],
    queryFn: ({ signal }) => api.operators.get({ id: operator ?? '' }, { signal }),
    enabled: operator !== undefined,
  })
  const set = useQuery({
    queryKey: ['groups', 'one', group],
    queryFn: ({ signal }) => api.groups.get({ id: group ?? '' }, { signal }),
    enabled: group !== undefined,
  })
  const host = useQuery({
    queryKey: ['assets', 'one', asset],
    queryFn: ({ signal }) => api.assets.get({ id: asset ?? '' }, { signal }),
    enabled: asset !== undefined,
  })
  const isOpen = [person, set, host].some(({ isPending, fetchStatus }) => isPending && fetchStatus !== 'idle')
  return {
    operator: person.data && operator !== undefined ? pickedPerson(person.data) : undefined,
    group: set.data && group !== undefined ? { id: set.data.id, name: set.data.name } : undefined,
    asset: host.data && asset !== undefined ? { id: host.data.id, name: host.data.name } : undefined,
    isReady: !isOpen,
  }
}

type Props = { search: GrantsSearch; names: Partial<Record<FilterName, Picked | undefined>>; onChange: (change: Change) => void }

export function GrantFilterBar({ search, names, onChange }: Props) {
  const { t } = useTranslation()
  const [opened, setOpened] = useState(false)
  const chips = kinds.filter(({ name }) => search[name] !== undefined)
  return (
    <>
      <Popover opened={opened} onChange={setOpened} position="bottom-start" shadow="md" trapFocus returnFocus width={320}>
        <Popover.Target>
          <Button variant="default" leftSection={<IconFilter size={16} />} onClick={() => setOpened(!opened)} aria-expanded={opened} data-testid="add-filter">
            {t('lists.addFilter')}
          </Button>
        </Popover.Target>
        <Popover.Dropdown>
          <Stack gap="sm">
            {kinds.map(({ name, kind }) => (
              <PickOne
                key={name}
                kind={kind}
                label={t(`grants.filter.${name}`)}
                value={names[name]}
                onChange={(id) => {
                  onChange({ [name]: id })
                  setOpened(false)
                }}
              />
            ))}
          </Stack>
        </Popover.Dropdown>
      </Popover>
      {chips.length > 0 ? (
        <Group gap={6} role="group" aria-label={t('lists.filters')}>
          {chips.map(({ name }) => {
            const words = `${t(`grants.filter.${name}`)}: ${names[name]?.name ?? '…'}`
            return (
              <span key={name} className={classes['filter']} data-testid={`filter-${name}`}>
                <bdi>{words}</bdi>
                <CloseButton size="xs" aria-label={t('lists.dropFilter', { name: words })} onClick={() => onChange({ [name]: undefined })} />
              </span>
            )
          })}
        </Group>
      ) : null}
    </>
  )
}

function PickOne({ kind, label, value, onChange }: { kind: PickKind; label: string; value: Picked | undefined; onChange: (id: string | undefined) => void }) {
  const { t } = useTranslation()
  const [sought, setSought] = useState('')
  const found = useFindPicked(kind, sought === value?.name ? '' : sought)
  const known = new Map([...(value ? [value] : []), ...(found.data ?? [])].map((one) => [one.id, one]))
  return (
    <Select
      label={label}
      placeholder={t('grants.filter.find')}
      data={[...known.values()].map(({ id, name }) => ({ value: id, label: name }))}
      value={value?.id ?? null}
      onChange={(id) => onChange(id ?? undefined)}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': t('lists.dropFilter', { name: label }) }}
      filter={({ options }) => options}
      onSearchChange={setSought}
      nothingFoundMessage={t('grants.filter.none')}
      maxDropdownHeight={220}
      // The list of choices belongs to the small form: choosing in it does not close the form.
      comboboxProps={{ shadow: 'md', withinPortal: false }}
    />
  )
}
