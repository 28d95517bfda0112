// One field for finding and for going: hosts as you type, and for administrators `user@host:port` without saving anything.
import { Combobox, Loader, Text, TextInput, useCombobox } from '@mantine/core'
import { useDebouncedValue, useHotkeys } from '@mantine/hooks'
import { IconBolt, IconSearch, IconServer } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatAddress, parseTarget } from '#domain/asset.ts'
import type { AssetView } from '#wire/api/assets.ts'
import { api } from '../api.ts'
import { lastAccount, preferredAccount } from '../hosts/last-account.ts'
import { useConnect } from '../terminal/use-connect.ts'
import classes from './frame.module.css'
import { useMe } from './me.ts'

/** `root@192.0.2.1:22`, with the account that Enter takes. */
function written(host: AssetView): string {
  const account = preferredAccount(lastAccount(host.id), host.accounts)
  return `${account ? `${account.username}@` : ''}${formatAddress(host.address, host.port)}`
}

export function QuickSearch() {
  const { t } = useTranslation()
  const me = useMe()
  const navigate = useNavigate()
  const connect = useConnect()
  const field = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  const [asked] = useDebouncedValue(text.trim(), 150)
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() })
  const found = useQuery({
    queryKey: ['assets', 'quick', asked],
    queryFn: ({ signal }) => api.assets.list({ q: asked, size: 6 }, { signal }),
    enabled: asked !== '' && combobox.dropdownOpened,
  })
  useHotkeys([['mod+K', () => field.current?.focus()]], [])
  const target = me.role === 'admin' ? parseTarget(text) : undefined
  const hosts = asked === '' ? [] : (found.data?.items ?? [])
  const typed = target ? `${target.username}@${formatAddress(target.address, target.port)}` : ''

  const choose = (value: string) => {
    combobox.closeDropdown()
    setText('')
    field.current?.blur()
    if (value === 'quick' && target)
      return connect({ kind: 'address', address: text.trim(), host: formatAddress(target.address, target.port), account: target.username })
    const host = hosts.find(({ id }) => id === value)
    if (!host) return void navigate({ to: '/hosts', search: { q: text.trim() } })
    const account = preferredAccount(lastAccount(host.id), host.accounts)
    if (account) return connect({ kind: 'asset', asset: host.id, account: account.username, host: host.name })
    return void navigate({ to: '/hosts', search: { q: host.name } })
  }
  return (
    <Combobox store={combobox} onOptionSubmit={choose} shadow="md" position="bottom-start" width={420}>
      <Combobox.Target>
        <TextInput
          ref={field}
          className={classes['search']}
          aria-label={t('frame.search.label')}
          placeholder={t('frame.search.placeholder')}
          value={text}
          maxLength={400}
          autoComplete="off"
          spellCheck={false}
          leftSection={<IconSearch size={16} />}
          rightSection={found.isFetching ? <Loader size={14} /> : null}
          onFocus={() => combobox.openDropdown()}
          onBlur={() => combobox.closeDropdown()}
          onChange={(event) => {
            setText(event.currentTarget.value)
            combobox.openDropdown()
            combobox.resetSelectedOption()
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || combobox.getSelectedOptionIndex() !== -1 || text.trim() === '' || event.nativeEvent.isComposing) return
            event.preventDefault()
            const only = asked === text.trim() && hosts.length === 1 ? hosts[0]?.id : undefined
            choose(target ? 'quick' : (only ?? 'all'))
          }}
        />
      </Combobox.Target>
      <Combobox.Dropdown hidden={text.trim() === ''}>
        <Combobox.Options>
          {target ? (
            <Combobox.Option value="quick" className={classes['option']}>
              <IconBolt size={17} aria-hidden />
              <span>
                <Text size="sm">{t('frame.search.connect', { target: typed })}</Text>
                <Text size="xs" className="quiet">
                  {t('frame.search.quick')}
                </Text>
              </span>
            </Combobox.Option>
          ) : null}
          {hosts.map((host) => (
            <Combobox.Option key={host.id} value={host.id} className={classes['option']}>
              <IconServer size={17} aria-hidden />
              <span>
                <Text size="sm" truncate>
                  {host.name}
                </Text>
                <Text size="xs" className="quiet mono" truncate>
                  {written(host)}
                </Text>
              </span>
            </Combobox.Option>
          ))}
          {hosts.length > 1 ? (
            <Combobox.Option value="all" className={classes['option']}>
              <IconSearch size={17} aria-hidden />
              <Text size="sm">{t('frame.search.all')}</Text>
            </Combobox.Option>
          ) : null}
          {!target && hosts.length === 0 && found.isFetched ? (
            <Combobox.Empty>{me.role === 'admin' ? t('frame.search.none') : t('parts.nothingMatches.title')}</Combobox.Empty>
          ) : null}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  )
}
