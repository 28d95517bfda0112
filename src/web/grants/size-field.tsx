import { Group, Select, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import classes from './grants.module.css'
import { type SizeUnit, sizeUnits, type TypedSize } from './size-amount.ts'

type Props = {
  name: string
  label: string
  description: string
  placeholder?: string
  value: TypedSize
  onChange: (value: TypedSize) => void
  error?: string | undefined
}

/** How large a file: a number and its unit; empty for any. */
export function SizeField({ name, label, description, placeholder, value, onChange, error }: Props) {
  const { t } = useTranslation()
  return (
    <TextInput
      label={label}
      description={description}
      name={name}
      maw={320}
      inputMode="numeric"
      autoComplete="off"
      maxLength={16}
      {...(placeholder === undefined ? {} : { placeholder })}
      value={value.typed}
      error={error}
      onChange={(event) => onChange({ ...value, typed: event.currentTarget.value })}
      inputContainer={(input) => (
        <Group gap={8} wrap="nowrap" align="flex-end">
          <div className={classes['amount']}>{input}</div>
          <Select
            aria-label={t('settings.unit.label', { field: label })}
            data={sizeUnits.map((unit) => ({ value: unit as string, label: unit }))}
            value={value.unit}
            allowDeselect={false}
            w={92}
            data-testid={`${name}-unit`}
            comboboxProps={{ shadow: 'md' }}
            onChange={(unit) => onChange({ ...value, unit: (unit ?? value.unit) as SizeUnit })}
          />
        </Group>
      )}
    />
  )
}
