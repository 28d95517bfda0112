import { Checkbox, Group, Radio, Select, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { type Unit, units } from '../settings/duration.ts'
import { SentencePart } from './form-part.tsx'
import type { TypedSpan } from './grant-draft.ts'
import type { PartProps } from './grant-form.tsx'
import classes from './grants.module.css'

/** What is owed. */
export function OwesPart({ draft, put, wrong }: PartProps) {
  const { t } = useTranslation()
  return (
    <SentencePart lead={t('grants.form.owes')}>
      <Radio.Group
        label={t('grants.form.record')}
        value={draft.record}
        onChange={(value) => put({ record: value === 'may' ? 'may' : 'must' })}
        data-testid="grant-record"
      >
        <div className={classes['choices']}>
          <Radio value="must" size="sm" label={t('grants.form.recordMust')} />
          <Radio value="may" size="sm" label={t('grants.form.recordMay')} />
        </div>
      </Radio.Group>
      <div className={classes['two']}>
        <Checkbox
          size="sm"
          label={t('grants.form.secondFactor')}
          description={t('grants.form.secondFactorHelp')}
          checked={draft.secondFactor}
          onChange={(event) => put({ secondFactor: event.currentTarget.checked })}
          data-testid="grant-second-factor"
        />
        <Checkbox
          size="sm"
          label={t('grants.form.reason')}
          description={t('grants.form.reasonHelp')}
          checked={draft.reason}
          onChange={(event) => put({ reason: event.currentTarget.checked })}
          data-testid="grant-reason"
        />
      </div>
      <div className={classes['two']}>
        <SpanField
          name="grant-max"
          label={t('grants.form.max')}
          value={draft.max}
          onChange={(max) => put({ max })}
          error={wrong('max') ? t('grants.form.bad.max') : undefined}
        />
        <div>
          <SpanField
            name="grant-idle"
            label={t('grants.form.idle')}
            value={draft.idle}
            onChange={(idle) => put({ idle })}
            error={wrong('idle') ? t('grants.form.bad.idle') : undefined}
          />
          {draft.idle.typed.trim() === '' ? null : (
            <Select
              mt={8}
              label={t('grants.form.idleOn')}
              data={(['both', 'input'] as const).map((value) => ({ value, label: t(`grants.form.${value}`) }))}
              value={draft.idleOn}
              allowDeselect={false}
              onChange={(value) => put({ idleOn: value === 'input' ? 'input' : 'both' })}
              comboboxProps={{ shadow: 'md' }}
            />
          )}
        </div>
      </div>
    </SentencePart>
  )
}

type SpanProps = { name: string; label: string; value: TypedSpan; onChange: (value: TypedSpan) => void; error?: string | undefined }

/** A number and its unit; empty for what the settings say. */
function SpanField({ name, label, value, onChange, error }: SpanProps) {
  const { t } = useTranslation()
  return (
    <TextInput
      label={label}
      name={name}
      inputMode="numeric"
      autoComplete="off"
      maxLength={9}
      placeholder={t('grants.form.unlimited')}
      value={value.typed}
      error={error}
      onChange={(event) => onChange({ ...value, typed: event.currentTarget.value })}
      inputContainer={(input) => (
        <Group gap={8} wrap="nowrap">
          <div className={classes['amount']}>{input}</div>
          <Select
            aria-label={t('settings.unit.label', { field: label })}
            data={units.map((unit) => ({ value: unit, label: t(`settings.unit.${unit}`) }))}
            value={value.unit}
            allowDeselect={false}
            className={classes['unit'] ?? ''}
            comboboxProps={{ shadow: 'md' }}
            onChange={(unit) => onChange({ ...value, unit: (unit ?? value.unit) as Unit })}
          />
        </Group>
      )}
    />
  )
}
