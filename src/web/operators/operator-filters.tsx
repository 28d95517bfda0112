import { Button, CloseButton, Menu } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import type { OperatorsSearch } from '../grants/access-search.ts'
import classes from './operators.module.css'

type Change = { [Name in 'role' | 'enabled' | 'group']?: OperatorsSearch[Name] | undefined }
type Props = { search: OperatorsSearch; onChange: (change: Change) => void }

export function OperatorFilterBar({ search, onChange }: Props) {
  const { t } = useTranslation()
  return (
    <div className={classes['filters']} role="group" aria-label={t('lists.filters')}>
      <Choice
        label={t('operators.filter.role')}
        value={search.role}
        options={(['admin', 'auditor', 'member'] as const).map((value) => ({ value, label: t(`operators.role.${value}`) }))}
        onChange={(role) => onChange({ role })}
      />
      <Choice
        label={t('operators.filter.state')}
        value={search.enabled}
        options={(['true', 'false'] as const).map((value) => ({ value, label: t(value === 'true' ? 'operators.state.enabled' : 'operators.state.disabled') }))}
        onChange={(enabled) => onChange({ enabled })}
      />
      {search.group === undefined ? null : <GroupChip id={search.group} onDrop={() => onChange({ group: undefined })} />}
    </div>
  )
}

type ChoiceProps<Value extends string> = {
  label: string
  value: Value | undefined
  options: { value: Value; label: string }[]
  onChange: (value: Value | undefined) => void
}
function Choice<Value extends string>({ label, value, options, onChange }: ChoiceProps<Value>) {
  const { t } = useTranslation()
  const chosen = options.find((option) => option.value === value)
  return (
    <Menu position="bottom-start" shadow="md">
      <Menu.Target>
        <Button
          variant="default"
          radius="xl"
          size="xs"
          rightSection={<IconChevronDown size={13} aria-hidden />}
          data-on={chosen !== undefined || undefined}
          className={classes['filter'] ?? ''}
        >
          {chosen ? `${label}: ${chosen.label}` : label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {[{ value: undefined, label: t('operators.filter.all') }, ...options].map((option) => (
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

function GroupChip({ id, onDrop }: { id: string; onDrop: () => void }) {
  const { t } = useTranslation()
  const group = useQuery({ queryKey: ['groups', 'one', id], queryFn: ({ signal }) => api.groups.get({ id }, { signal }) })
  const label = `${t('operators.filter.group')}: ${group.data?.name ?? '…'}`
  return (
    <span className={classes['still']} title={label}>
      <bdi>{label}</bdi>
      <CloseButton size="xs" aria-label={t('lists.dropFilter', { name: label })} onClick={onDrop} />
    </span>
  )
}
