import { Switch, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { isWithin, limits, type NumberName } from './setting-limits.ts'
import { SettingRow } from './setting-row.tsx'
import classes from './settings.module.css'
import type { Section } from './use-section.ts'

type Props = { name: NumberName; label: string; help: string; section: Section; unit?: string; none?: string; usual?: number }

/** A whole number of things. */
export function CountField(props: Props) {
  return <Fields key={`${props.section.round} ${props.section.view.values[props.name]}`} {...props} />
}

function Fields({ name, label, help, section, unit, none, usual = 1 }: Props) {
  const { t } = useTranslation()
  const [typed, setTyped] = useState(String(section.value(name)))
  const [isNone, setNone] = useState(none !== undefined && section.value(name) === 0)
  const take = (text: string) => {
    setTyped(text)
    const { least, most } = limits[name]
    if (!/^\d{1,9}$/.test(text.trim())) return section.setFault(name, t('settings.fault.number'))
    const value = Number(text.trim())
    if (!isWithin(name, value) || (value === 0 && none !== undefined)) return section.setFault(name, t('settings.fault.range', { least, most }))
    section.set(name, value)
  }
  const turn = (toNone: boolean) => {
    setNone(toNone)
    if (toNone) section.set(name, 0)
    else take(String(usual))
  }
  return (
    <SettingRow name={name} label={label} section={section}>
      <TextInput
        label={label}
        description={help}
        error={section.faultOf(name)}
        name={name}
        inputMode="numeric"
        autoComplete="off"
        maxLength={9}
        disabled={isNone}
        value={isNone ? '' : typed}
        onChange={(event) => take(event.currentTarget.value)}
        rightSection={unit === undefined ? null : <span className={classes['suffix']}>{unit}</span>}
        rightSectionWidth={unit === undefined ? undefined : 64}
        rightSectionPointerEvents="none"
        className={classes['count'] ?? ''}
      />
      {none === undefined ? null : <Switch mt={8} size="sm" label={none} checked={isNone} onChange={(event) => turn(event.currentTarget.checked)} />}
    </SettingRow>
  )
}
