// Several people, groups or hosts, found by typing.
import { MultiSelect, Pill } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import type { Picked } from './grant-draft.ts'
import { pickedPerson } from './grant-draft.ts'
import classes from './grants.module.css'

export type PickKind = 'people' | 'groups' | 'hosts'
type Props = {
  kind: PickKind
  label: string
  description?: string
  /** Said when nothing is called as typed. */
  none: string
  value: readonly Picked[]
  onChange: (picked: Picked[]) => void
  error?: string | undefined
  focus?: boolean
}

/** So many are offered; typing finds the others. */
const mostOffered = 30

/** Those who match, or the first ones. */
export const findPicked: Record<PickKind, (q: string, signal?: AbortSignal) => Promise<Picked[]>> = {
  async people(q, signal) {
    const { items } = await api.operators.list({ ...asked(q), sort: 'name' }, signal ? { signal } : {})
    return items.map(pickedPerson)
  },
  async groups(q, signal) {
    const { items } = await api.groups.list({ ...asked(q), sort: 'name' }, signal ? { signal } : {})
    return items.map(({ id, name }) => ({ id, name }))
  },
  async hosts(q, signal) {
    const { items } = await api.assets.list({ ...asked(q), sort: 'name' }, signal ? { signal } : {})
    return items.map(({ id, name, address }) => ({ id, name, note: address }))
  },
}
const asked = (q: string) => ({ ...(q.trim() === '' ? {} : { q: q.trim().slice(0, 200) }), page: 1, size: mostOffered })

/** Asked as the person types, at rest for 150 ms. */
export function useFindPicked(kind: PickKind, sought: string) {
  const [q] = useDebouncedValue(sought, 150)
  return useQuery({
    queryKey: [kind === 'hosts' ? 'assets' : kind === 'people' ? 'operators' : 'groups', 'pick', q],
    queryFn: ({ signal }) => findPicked[kind](q, signal),
    placeholderData: keepPreviousData,
    retry: false,
  })
}

export function PickField({ kind, label, description, none, value, onChange, error, focus = false }: Props) {
  const { t } = useTranslation()
  const [sought, setSought] = useState('')
  const found = useFindPicked(kind, sought)
  const known = new Map([...(found.data ?? []), ...value].map((one) => [one.id, one]))
  return (
    <MultiSelect
      label={label}
      {...(description === undefined ? {} : { description })}
      data={[...known.values()].map(({ id, name }) => ({ value: id, label: name }))}
      value={value.map(({ id }) => id)}
      onChange={(ids) => {
        setSought('')
        onChange(ids.flatMap((id) => known.get(id) ?? []))
      }}
      searchable
      searchValue={sought}
      onSearchChange={setSought}
      // The server has searched already; those that are picked stand as pills.
      filter={({ options }) => options.filter((option) => found.data?.some(({ id }) => 'value' in option && id === option.value) ?? false)}
      hidePickedOptions
      maxValues={1000}
      nothingFoundMessage={found.isPending ? t('parts.loading') : found.isError ? t('parts.failed') : none}
      maxDropdownHeight={240}
      comboboxProps={{ shadow: 'md' }}
      error={error}
      data-autofocus={focus || undefined}
      data-testid={`pick-${kind}`}
      classNames={{ input: classes['pickBox'] ?? '', inputField: classes['pickInput'] ?? '' }}
      renderOption={({ option }) => (
        <span className={classes['option']}>
          <bdi>{option.label}</bdi>
          <bdi className="quiet">{known.get(option.value)?.note}</bdi>
        </span>
      )}
      renderPill={({ option, onRemove }) => (
        <Pill
          withRemoveButton
          {...(onRemove ? { onRemove } : {})}
          removeButtonProps={{ 'aria-label': t('grants.form.dropAccount', { name: option?.label ?? '' }), 'aria-hidden': false }}
          title={option?.label}
        >
          <bdi>{option?.label}</bdi>
        </Pill>
      )}
    />
  )
}
