import { Checkbox, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { dayChoices } from './old-algorithms.ts'

type Props = { value: string; onChange: (day: string) => void; error?: string | undefined }

/** Off, or until the end of a day: a permission without an end would stay for good. */
export function OldField({ value, onChange, error }: Props) {
  const { t } = useTranslation()
  const { min, max, usual } = dayChoices(Date.now())
  return (
    <>
      <Checkbox
        label={t('hosts.old.label')}
        description={t('hosts.old.help')}
        name="host-old"
        checked={value !== ''}
        onChange={(event) => onChange(event.currentTarget.checked ? usual : '')}
      />
      {value === '' ? null : (
        <TextInput
          type="date"
          label={t('hosts.old.until')}
          description={t('hosts.old.untilHelp')}
          name="host-old-until"
          min={min}
          max={max}
          value={value}
          // A day that is being cleared is not the same as none.
          onChange={(event) => onChange(event.currentTarget.value === '' ? value : event.currentTarget.value)}
          error={error}
        />
      )}
    </>
  )
}
