import { Select } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CredentialView } from '#wire/api/credentials.ts'
import { api } from '../api.ts'

type Props = {
  value: string | null
  onChange: (credential: CredentialView | undefined) => void
  /** Of the chosen one, when it may not be among the first that are listed. */
  name?: string | undefined
  placeholder?: string
  clearable?: boolean
  error?: string | undefined
}

/** One of the shared credentials, found by typing. */
export function CredentialSelect({ value, onChange, name, placeholder, clearable = false, error }: Props) {
  const { t } = useTranslation()
  const [sought, setSought] = useState('')
  const [asked] = useDebouncedValue(sought.trim(), 150)
  const found = useQuery({
    queryKey: ['credentials', 'choice', asked],
    queryFn: ({ signal }) => api.credentials.list({ ...(asked === '' || asked.includes(' · ') ? {} : { q: asked }), sort: 'name', size: 50 }, { signal }),
    placeholderData: keepPreviousData,
  })
  const known = found.data?.items ?? []
  const options = known.map(({ id, name: called, username }) => ({ value: id, label: `${called} · ${username}` }))
  if (value !== null && name !== undefined && !known.some(({ id }) => id === value)) options.unshift({ value, label: name })
  return (
    <Select
      label={t('credentials.one')}
      placeholder={placeholder ?? t('credentials.choose')}
      data={options}
      value={value}
      onChange={(id) => onChange(known.find((one) => one.id === id))}
      searchable
      clearable={clearable}
      allowDeselect={clearable}
      filter={({ options: all }) => all}
      onSearchChange={setSought}
      nothingFoundMessage={asked === '' ? t('credentials.noneYet') : t('parts.nothingMatches.title')}
      error={error}
      maxDropdownHeight={260}
      comboboxProps={{ shadow: 'md' }}
      clearButtonProps={{ 'aria-label': t('parts.clear') }}
      data-testid="credential-select"
    />
  )
}
