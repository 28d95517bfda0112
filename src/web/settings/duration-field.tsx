import { Group, Select, Switch, TextInput } from '@mantine/core'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { readSpan, spanOf, type Unit } from './duration.ts'
import { isWithin, limits, type NumberName } from './setting-limits.ts'
import { SettingRow } from './setting-row.tsx'
import classes from './settings.module.css'
import type { Section } from './use-section.ts'
import { useValueWords } from './value-words.ts'

type Props = {
  name: NumberName
  label: string
  help: string
  section: Section
  units: readonly Unit[]
  /** What 0 is called, where it is allowed to mean that. */
  none?: string
  /** What a person gets who turns `none` off, in seconds. */
  usual?: number
}

/** A number and its unit; what is kept are seconds. */
export function DurationField(props: Props) {
  // Begun anew after saving and discarding, so that what was typed is what is kept.
  return <Fields key={`${props.section.round} ${props.section.view.values[props.name]}`} {...props} />
}

function Fields({ name, label, help, section, units, none, usual = 3600 }: Props) {
  const { t } = useTranslation()
  const id = useId()
  const { duration } = useValueWords()
  const begun = spanOf(section.value(name))
  const [typed, setTyped] = useState(String(begun.amount))
  const [unit, setUnit] = useState<Unit>(section.value(name) === 0 ? (units[0] ?? 'minutes') : begun.unit)
  const [isNone, setNone] = useState(none !== undefined && section.value(name) === 0)
  const take = (text: string, as: Unit) => {
    setTyped(text)
    setUnit(as)
    const seconds = readSpan(text, as)
    const { least, most } = limits[name]
    if (seconds === undefined) return section.setFault(name, t('settings.fault.number'))
    if (!isWithin(name, seconds) || (seconds === 0 && none !== undefined))
      return section.setFault(name, t('settings.fault.range', { least: duration(least), most: duration(most) }))
    section.set(name, seconds)
  }
  const turn = (toNone: boolean) => {
    setNone(toNone)
    if (toNone) return section.set(name, 0)
    const span = spanOf(usual)
    take(String(span.amount), span.unit)
  }
  const shown = units.includes(unit) ? units : [unit, ...units]
  return (
    <SettingRow name={name} label={label} section={section}>
      <TextInput
        id={id}
        label={label}
        description={help}
        error={section.faultOf(name)}
        name={name}
        inputMode="numeric"
        autoComplete="off"
        maxLength={9}
        disabled={isNone}
        value={isNone ? '' : typed}
        onChange={(event) => take(event.currentTarget.value, unit)}
        inputContainer={(input) => (
          <Group gap={8} wrap="nowrap" className={classes['span'] ?? ''}>
            <div className={classes['amount']}>{input}</div>
            <Select
              aria-label={t('settings.unit.label', { field: label })}
              data={shown.map((one) => ({ value: one, label: t(`settings.unit.${one}`) }))}
              value={unit}
              allowDeselect={false}
              disabled={isNone}
              onChange={(chosen) => take(typed, (chosen ?? unit) as Unit)}
              className={classes['unit'] ?? ''}
            />
          </Group>
        )}
      />
      {none === undefined ? null : <Switch mt={8} size="sm" label={none} checked={isNone} onChange={(event) => turn(event.currentTarget.checked)} />}
    </SettingRow>
  )
}
