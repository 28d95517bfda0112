// What narrows the list of hosts, a chip each: what is on says so in its words, and everything is in the address.
import { Button, CloseButton, Group, Loader, Menu, Popover } from '@mantine/core'
import type { ButtonProps } from '@mantine/core'
import type { Icon } from '@tabler/icons-react'
import { IconActivity, IconChevronDown, IconFingerprint, IconHistory, IconKey, IconStar, IconTag } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Suspense, lazy, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import classes from './hosts.module.css'
import type { HostFilters, HostsSearch } from './hosts-search.ts'
import { isNarrowed, keyStates, noFilters, reachStates, tagsOf, withTag } from './hosts-search.ts'

const TagList = lazy(() => import('./tag-list.tsx').then((module) => ({ default: module.TagList })))

type Change = (change: { [Key in keyof HostFilters]: HostFilters[Key] | undefined } & { sort?: string | undefined; page?: undefined }) => void
type Props = { search: HostsSearch; onChange: Change }

export function HostFilterBar({ search, onChange, admin }: Props & { admin: boolean }) {
  const { t } = useTranslation()
  const set: Change = (change) => onChange({ ...change, page: undefined })
  return (
    <Group gap={6} role="group" aria-label={t('lists.filters')} className={classes['filters'] ?? ''}>
      <Chip
        icon={IconStar}
        label={t('hosts.filter.favourites')}
        on={search.favourite === 'true'}
        toggles
        onClick={() => set({ favourite: search.favourite ? undefined : 'true' })}
      />
      <Chip
        icon={IconHistory}
        label={t('hosts.filter.recent')}
        on={search.recent === 'true'}
        toggles
        onClick={() =>
          // What was used last stands first, unless the person wants it otherwise.
          search.recent
            ? set({ recent: undefined, ...(search.sort === '-myLastUsedAt' ? { sort: undefined } : {}) })
            : set({ recent: 'true', ...(search.sort === undefined ? { sort: '-myLastUsedAt' } : {}) })
        }
      />
      <TagFilter search={search} onChange={set} />
      <Choice
        icon={IconFingerprint}
        label={t('hosts.filter.key')}
        value={search.key}
        options={keyStates.map((value) => ({ value, label: t(`hosts.keyState.${value}`) }))}
        onChange={(key) => set({ key })}
      />
      <Choice
        icon={IconActivity}
        label={t('hosts.filter.reach')}
        value={search.reach}
        options={reachStates.map((value) => ({ value, label: t(`hosts.reach.${value}`) }))}
        onChange={(reach) => set({ reach })}
      />
      {admin && search.credential !== undefined ? <CredentialChip id={search.credential} onDrop={() => set({ credential: undefined })} /> : null}
      {isNarrowed(search) ? (
        <Button variant="subtle" color="gray" size="compact-sm" onClick={() => set({ ...noFilters })} data-testid="clear-filters">
          {t('lists.clearFilters')}
        </Button>
      ) : null}
    </Group>
  )
}

type ChipProps = { icon: Icon; label: string; on: boolean; toggles?: boolean; end?: React.ReactNode } & Omit<ButtonProps, 'children'> &
  Pick<React.ComponentPropsWithRef<'button'>, 'ref' | 'onClick'>
/** Passes on what a menu or a popover gives to its target. */
function Chip({ icon: Mark, label, on, toggles = false, end, ...rest }: ChipProps) {
  return (
    <Button
      {...rest}
      variant="default"
      size="compact-sm"
      radius="xl"
      className={classes['chip'] ?? ''}
      data-on={on || undefined}
      aria-pressed={toggles ? on : undefined}
      leftSection={<Mark size={14} aria-hidden />}
      rightSection={end}
      title={label}
    >
      {label}
    </Button>
  )
}

type ChoiceProps<Value extends string> = {
  icon: Icon
  label: string
  value: Value | undefined
  options: { value: Value; label: string }[]
  onChange: (value: Value | undefined) => void
}
function Choice<Value extends string>({ icon, label, value, options, onChange }: ChoiceProps<Value>) {
  const { t } = useTranslation()
  const chosen = options.find((option) => option.value === value)
  return (
    <Menu position="bottom-start" shadow="md">
      <Menu.Target>
        <Chip icon={icon} label={chosen ? `${label}: ${chosen.label}` : label} on={chosen !== undefined} end={<IconChevronDown size={13} aria-hidden />} />
      </Menu.Target>
      <Menu.Dropdown>
        {[{ value: undefined, label: t('hosts.filter.all') }, ...options].map((option) => (
          <Menu.Item
            key={option.label}
            role="menuitemradio"
            aria-checked={option.value === value}
            fw={option.value === value ? 600 : undefined}
            onClick={() => onChange(option.value)}
          >
            {option.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function TagFilter({ search, onChange }: Props) {
  const { t } = useTranslation()
  const [opened, setOpened] = useState(false)
  const chosen = tagsOf(search)
  const label = chosen.length === 0 ? t('hosts.filter.tags') : `${t('hosts.filter.tags')}: ${chosen.join(', ')}`
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" shadow="md" trapFocus width={280}>
      <Popover.Target>
        <Chip icon={IconTag} label={label} on={chosen.length > 0} onClick={() => setOpened(!opened)} end={<IconChevronDown size={13} aria-hidden />} />
      </Popover.Target>
      <Popover.Dropdown p="xs">
        <Suspense fallback={<Loader size="sm" mx="auto" />}>
          <TagList chosen={chosen} onToggle={(tag) => onChange({ tag: withTag(search, tag) })} />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  )
}

function CredentialChip({ id, onDrop }: { id: string; onDrop: () => void }) {
  const { t } = useTranslation()
  const credential = useQuery({ queryKey: ['credentials', 'one', id], queryFn: ({ signal }) => api.credentials.get({ id }, { signal }) })
  const label = t('hosts.filter.credential', { name: credential.data?.name ?? '…' })
  return (
    <span className={classes['chipStill']} title={label}>
      <IconKey size={14} aria-hidden />
      <bdi>{label}</bdi>
      <CloseButton size="xs" aria-label={t('lists.dropFilter', { name: label })} onClick={onDrop} />
    </span>
  )
}
