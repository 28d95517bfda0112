import { Checkbox, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { FormField, HostFault, HostFields } from './host-draft.ts'
import { looksLoopback } from './host-draft.ts'
import classes from './hosts.module.css'
import { OldField } from './old-field.tsx'
import { PolicyField } from './policy-field.tsx'
import { TagsField } from './tags-field.tsx'
import { ViaField } from './via-field.tsx'

type Props = {
  host: HostFields
  faults: ReadonlySet<HostFault>
  refused: (field: FormField) => string | undefined
  onChange: (change: Partial<HostFields>) => void
  /** The host's own id, once it is saved. */
  self?: string
  focus?: boolean
}

export function HostFieldSet({ host, faults, refused, onChange, self, focus = false }: Props) {
  const { t } = useTranslation()
  const said = (fault: Exclude<HostFault, 'via'>, field: FormField) => (faults.has(fault) ? t(`hosts.form.bad.${fault}`) : refused(field))
  return (
    <fieldset className={classes['fields']}>
      <legend>{t('hosts.form.connection')}</legend>
      <TextInput
        label={t('hosts.form.name')}
        description={t('hosts.form.nameHelp')}
        name="host-name"
        maxLength={100}
        autoComplete="off"
        data-autofocus={focus || undefined}
        value={host.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
        error={said('name', 'name')}
      />
      <div className={classes['pair']}>
        <TextInput
          label={t('hosts.form.address')}
          description={t('hosts.form.addressHelp')}
          name="host-address"
          maxLength={253}
          autoComplete="off"
          spellCheck={false}
          value={host.address}
          onChange={(event) => onChange({ address: event.currentTarget.value })}
          error={said('address', 'address')}
        />
        <TextInput
          label={t('hosts.form.port')}
          description={t('hosts.form.portHelp')}
          name="host-port"
          inputMode="numeric"
          maxLength={5}
          value={host.port}
          onChange={(event) => onChange({ port: event.currentTarget.value })}
          error={said('port', 'port')}
        />
      </div>
      {looksLoopback(host.address) || refused('address') !== undefined || host.confirmLoopback ? (
        <Checkbox
          label={t('hosts.form.loopback')}
          name="host-loopback"
          checked={host.confirmLoopback}
          onChange={(event) => onChange({ confirmLoopback: event.currentTarget.checked })}
        />
      ) : null}
      <TagsField label={t('hosts.form.tags')} value={host.tags} onChange={(tags) => onChange({ tags })} error={said('tag', 'tags')} />
      <ViaField value={host.via} onChange={(via) => onChange({ via })} not={self === undefined ? [] : [self]} error={refused('via')} />
      <OldField value={host.oldUntil} onChange={(oldUntil) => onChange({ oldUntil })} error={said('old', 'legacyUntil')} />
      <PolicyField value={host.hostKeyPolicy} onChange={(hostKeyPolicy) => onChange({ hostKeyPolicy })} error={refused('hostKeyPolicy')} />
    </fieldset>
  )
}
