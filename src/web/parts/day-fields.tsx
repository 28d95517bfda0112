import { Button, Group, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { lastDays } from './days.ts'

type Days = { since?: string | undefined; until?: string | undefined }

/** From which day to which, with the three choices that are wanted most. */
export function DayFields({ since, until, labels, onChange }: Days & { labels: { since: string; until: string }; onChange: (days: Days) => void }) {
  const { t } = useTranslation()
  const days: [string, number][] = [
    [t('sessions.filter.today'), 1],
    [t('sessions.filter.week'), 7],
    [t('sessions.filter.month'), 30],
  ]
  const orNone = (value: string) => (value === '' ? undefined : value)
  return (
    <>
      <Group gap={6}>
        {days.map(([label, count]) => (
          <Button key={count} size="compact-sm" variant="light" onClick={() => onChange(lastDays(count))}>
            {label}
          </Button>
        ))}
      </Group>
      <Group grow gap="xs">
        <TextInput
          label={labels.since}
          type="date"
          name="filter-since"
          value={since ?? ''}
          onChange={(event) => onChange({ since: orNone(event.currentTarget.value), until })}
        />
        <TextInput
          label={labels.until}
          type="date"
          name="filter-until"
          value={until ?? ''}
          onChange={(event) => onChange({ since, until: orNone(event.currentTarget.value) })}
        />
      </Group>
    </>
  )
}
