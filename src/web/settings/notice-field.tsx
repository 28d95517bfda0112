import { Textarea } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { SettingRow } from './setting-row.tsx'
import type { Section } from './use-section.ts'

type Props = { name: 'signInNotice' | 'recordingNotice'; label: string; help: string; section: Section; most: number }

/** Plain text that an administrator writes for everybody. */
export function NoticeField({ name, label, help, section, most }: Props) {
  const { t } = useTranslation()
  const text = section.value(name)
  return (
    <SettingRow name={name} label={label} section={section}>
      <Textarea
        label={label}
        description={help}
        error={section.faultOf(name) ?? (text.length > most ? t('settings.fault.long', { most }) : undefined)}
        name={name}
        autosize
        minRows={2}
        maxRows={10}
        maxLength={most}
        value={text}
        onChange={(event) => section.set(name, event.currentTarget.value)}
      />
    </SettingRow>
  )
}
