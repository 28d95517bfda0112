import { Checkbox, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { FormField, HostFault, HostFields } from './host-draft.ts'
import { looksLoopback } from './host-draft.ts'
import classes from './hosts.module.css'

type Props = {
  host: HostFields
  faults: ReadonlySet<HostFault>
  refused: (field: FormField) => string | undefined
  onChange: (change: Partial<HostFields>) => void
  focus?: boolean
}

export function HostFieldSet({ host, faults, refused, onChange, focus = false }: Props) {
  const { t } = useTranslation()
  const said = (fault: HostFault, field: FormField) => (faults.has(fault) ? t(`hosts.form.bad.${fault}`) : refused(field))
  return (
    <fieldset className={classes['fields']}>
      <legend>{t('hosts.form.connection')}</legend>
      <TextInput
        label={t('hosts.form.name')}
        description={t('hosts.form.nameHelp')}
        name="host-name"
        maxLength={100}
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
          spellCheck={false}
          value={host.address}
          onChange={(event) => onChange({ address: event.currentTarget.value })}
          error={said('address', 'address')}
        />
        <TextInput
          label={t('hosts.form.port')}
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
      <TextInput
        label={t('hosts.form.tags')}
        description={t('hosts.form.tagsHelp')}
        name="host-tags"
        value={host.tags}
        maxLength={2000}
        onChange={(event) => onChange({ tags: event.currentTarget.value })}
        error={said('tag', 'tags')}
      />
    </fieldset>
  )
}
