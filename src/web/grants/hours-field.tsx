// The hours of the week in which a grant holds: rows to write, a week to look at.
import { ActionIcon, Button, Chip, Group, Select, Text, TextInput } from '@mantine/core'
import { IconArrowRight, IconPlus, IconX } from '@tabler/icons-react'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { WeeklySpan } from '#domain/weekly-hours.ts'
import { useLanguage } from '../parts/use-language.ts'
import classes from './grants.module.css'
import { dayName, endsNextDay, piecesOf } from './hours-words.ts'

type Hours = { spans: readonly WeeklySpan[]; timeZone: string }
type Props = Hours & {
  onChange: (change: Partial<{ spans: WeeklySpan[]; timeZone: string }>) => void
  error?: string | undefined
  zoneError?: string | undefined
}

const days = [1, 2, 3, 4, 5, 6, 7]
const presets: { word: 'work' | 'night' | 'weekend'; span: WeeklySpan }[] = [
  { word: 'work', span: { days: [1, 2, 3, 4, 5], from: '09:00', until: '17:00' } },
  { word: 'night', span: { days, from: '22:00', until: '06:00' } },
  { word: 'weekend', span: { days: [6, 7], from: '00:00', until: '24:00' } },
]
/** As many as the contract takes. */
const mostSpans = 28

export function HoursField({ spans, timeZone, onChange, error, zoneError }: Props) {
  const { t } = useTranslation()
  const zones = useMemo(() => [...new Set(['UTC', timeZone, ...Intl.supportedValuesOf('timeZone')])].filter((zone) => zone !== ''), [timeZone])
  const put = (at: number, change: Partial<WeeklySpan>) => onChange({ spans: spans.map((span, one) => (one === at ? { ...span, ...change } : span)) })
  const add = (span: WeeklySpan) => onChange({ spans: [...spans, span] })
  return (
    <div className={classes['hours']} role="group" aria-label={t('grants.form.hours')} data-testid="grant-hours">
      <div>
        <Text size="sm" fw={600} component="p" m={0}>
          {t('grants.form.hours')}
        </Text>
        {spans.length === 0 ? (
          <Text size="xs" className="quiet">
            {t('grants.form.hoursNone')}
          </Text>
        ) : null}
      </div>
      {spans.map((span, at) => (
        // Rows have no identity but their place.
        <div key={at} className={classes['span']}>
          <Chip.Group multiple value={span.days.map(String)} onChange={(chosen) => put(at, { days: chosen.map(Number).toSorted((one, other) => one - other) })}>
            <DayChips />
          </Chip.Group>
          <div className={classes['clocks']}>
            <ClockInput label={t('grants.form.hourFrom')} value={span.from} onChange={(from) => put(at, { from })} />
            <IconArrowRight size={15} aria-hidden className="quiet" />
            <ClockInput label={t('grants.form.hourUntil')} value={span.until} onChange={(until) => put(at, { until })} />
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t('grants.form.dropHours')}
              onClick={() => onChange({ spans: spans.filter((_, one) => one !== at) })}
            >
              <IconX size={16} />
            </ActionIcon>
            {WeeklySpan.safeParse(span).success && endsNextDay(span) ? (
              <Text size="xs" className="quiet">
                {t('grants.form.hourNext')}
              </Text>
            ) : null}
          </div>
        </div>
      ))}
      {error === undefined ? null : (
        <Text size="xs" c="var(--bad)" role="alert">
          {error}
        </Text>
      )}
      <Group gap={6}>
        {spans.length >= mostSpans ? null : (
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconPlus size={14} />}
            data-testid="add-hours"
            onClick={() => add(presets[0]?.span ?? { days: [1], from: '09:00', until: '17:00' })}
          >
            {t('grants.form.hoursAdd')}
          </Button>
        )}
        {spans.length > 0
          ? null
          : presets.map(({ word, span }) => (
              <Button key={word} size="compact-sm" variant="subtle" onClick={() => add(span)}>
                {t(`grants.form.hoursPreset.${word}`)}
              </Button>
            ))}
      </Group>
      {spans.length === 0 ? null : (
        <div className={classes['zoneRow']}>
          <Select
            label={t('grants.form.zone')}
            data={zones}
            value={timeZone}
            searchable
            limit={50}
            allowDeselect={false}
            maxDropdownHeight={240}
            comboboxProps={{ shadow: 'md' }}
            error={zoneError}
            onChange={(zone) => (zone === null ? undefined : onChange({ timeZone: zone }))}
            data-testid="grant-zone"
          />
          <WeekPicture spans={spans} />
        </div>
      )}
    </div>
  )
}

function DayChips() {
  const { t } = useTranslation()
  const language = useLanguage()
  return (
    <div className={classes['days']} role="group" aria-label={t('grants.form.days')}>
      {days.map((day) => (
        <Chip
          key={day}
          value={String(day)}
          size="xs"
          radius="sm"
          icon={null}
          classNames={{ label: classes['day'] ?? '', iconWrapper: classes['dayIcon'] ?? '' }}
        >
          {dayName(day, language)}
        </Chip>
      ))}
    </div>
  )
}

/** A time of day as text, since 24:00 is one that fields for times refuse. */
function ClockInput({ label, value, onChange }: { label: string; value: string; onChange: (clock: string) => void }) {
  return (
    <TextInput
      size="xs"
      w={68}
      aria-label={label}
      value={value}
      maxLength={5}
      inputMode="numeric"
      autoComplete="off"
      classNames={{ input: classes['clock'] ?? '' }}
      onChange={(event) => onChange(event.currentTarget.value.replace(/[：.]/, ':'))}
      onBlur={() => onChange(fullClock(value))}
    />
  )
}

/** `9` is `09:00`, `930` half past nine; what is no time stays as it was typed. */
function fullClock(typed: string): string {
  const found = /^(\d{1,2})(?::?(\d{2}))?$/.exec(typed.trim())
  return found ? `${(found[1] ?? '').padStart(2, '0')}:${found[2] ?? '00'}` : typed
}

/** The week at a glance; the words beside it say the same. */
export function WeekPicture({ spans }: { spans: readonly WeeklySpan[] }) {
  const language = useLanguage()
  const pieces = piecesOf(spans.filter((span) => WeeklySpan.safeParse(span).success))
  return (
    <div className={classes['week']} aria-hidden>
      {days.map((day) => (
        <div key={day} className={classes['weekDay']}>
          <span>{dayName(day, language, 'narrow')}</span>
          <i>
            {pieces
              .filter((piece) => piece.day === day)
              .map(({ from, until }) => (
                <b key={`${from}-${until}`} style={{ left: `${from * 100}%`, width: `${(until - from) * 100}%` }} />
              ))}
          </i>
        </div>
      ))}
    </div>
  )
}
