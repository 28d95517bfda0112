// Through which host, and which of its accounts, another is reached.
import { CloseButton, Select } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { connectAccount } from './last-account.ts'
import classes from './hosts.module.css'

/** `account` is empty while none is chosen. The names are for showing alone. */
export type Via = { asset: string; account: string; assetName: string; username: string }
type Props = {
  value: Via | null
  onChange: (via: Via | null) => void
  /** Hosts that cannot stand before this one: itself. */
  not?: readonly string[]
  error?: string | undefined
}

export function ViaField({ value, onChange, not = [], error }: Props) {
  const { t } = useTranslation()
  const [sought, setSought] = useState('')
  const [asked] = useDebouncedValue(sought, 150)
  const wanted = asked.trim() === (value?.assetName ?? '') ? '' : asked.trim()
  const found = useQuery({
    queryKey: ['assets', 'via', wanted],
    queryFn: ({ signal }) => api.assets.list({ ...(wanted === '' ? {} : { q: wanted }), sort: 'name', size: 30 }, { signal }),
    placeholderData: keepPreviousData,
  })
  const chosen = useQuery({
    queryKey: ['assets', 'one', value?.asset],
    queryFn: ({ signal }) => api.assets.get({ id: value?.asset ?? '' }, { signal }),
    enabled: value !== null,
  })
  const hosts = (found.data?.items ?? []).filter(({ id }) => !not.includes(id))
  const options = hosts.map(({ id, name }) => ({ value: id, label: name }))
  if (value && !options.some((option) => option.value === value.asset)) options.unshift({ value: value.asset, label: value.assetName })
  const accounts = (chosen.data?.accounts ?? []).map(({ id, username }) => ({ value: id, label: username }))
  if (value && value.account !== '' && !accounts.some((account) => account.value === value.account))
    accounts.unshift({ value: value.account, label: value.username })
  const choose = (id: string | null) => {
    const host = hosts.find((one) => one.id === id)
    if (id === null || (!host && id !== value?.asset)) return onChange(null)
    if (!host || id === value?.asset) return undefined
    const account = connectAccount(host)
    return onChange({ asset: host.id, assetName: host.name, account: account?.id ?? '', username: account?.username ?? '' })
  }
  return (
    <div className={classes['viaPair']}>
      <Select
        label={t('hosts.via.label')}
        description={t('hosts.via.help')}
        placeholder={t('hosts.via.direct')}
        data={options}
        value={value?.asset ?? null}
        onChange={choose}
        searchable
        // The server has searched already; accounts and tags match too.
        filter={({ options: all }) => all}
        onSearchChange={setSought}
        nothingFoundMessage={t('parts.nothingMatches.title')}
        error={error}
        maxDropdownHeight={260}
        comboboxProps={{ shadow: 'md' }}
        rightSectionPointerEvents={value ? 'all' : 'none'}
        {...(value ? { rightSection: <CloseButton size="sm" aria-label={t('hosts.via.none')} onClick={() => onChange(null)} /> } : {})}
        data-testid="host-via"
      />
      {value ? (
        <Select
          label={t('hosts.form.account')}
          data={accounts}
          value={value.account === '' ? null : value.account}
          allowDeselect={false}
          onChange={(id) => {
            const account = accounts.find((one) => one.value === id)
            if (account) onChange({ ...value, account: account.value, username: account.label })
          }}
          placeholder={chosen.isPending ? t('parts.loading') : t('hosts.noAccount')}
          error={value.account === '' && !chosen.isPending ? t('hosts.via.account') : undefined}
          comboboxProps={{ shadow: 'md' }}
          data-testid="host-via-account"
        />
      ) : null}
    </div>
  )
}
