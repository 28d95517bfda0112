import { Select, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { HostKeyPolicy } from '#domain/host-key.ts'
import { CredentialSelect } from '../credentials/credential-select.tsx'
import { TagsField } from '../hosts/tags-field.tsx'
import type { ImportChoices } from './import-rows.ts'
import classes from './import.module.css'

type Props = { choices: ImportChoices; onChange: (choices: ImportChoices) => void; keyless: number }

/** What holds for all rows that do not say it themselves. `keyless`: hosts that come without a trusted key. */
export function ImportOptions({ choices, onChange, keyless }: Props) {
  const { t } = useTranslation()
  return (
    <fieldset className={classes['options']}>
      <legend>{t('imports.options.title')}</legend>
      <TagsField label={t('imports.options.tags')} value={choices.tags} onChange={(tags) => onChange({ ...choices, tags })} />
      <Select
        label={t('imports.options.policy')}
        description={keyless > 0 ? t('imports.options.policyHelp', { count: keyless }) : undefined}
        data={HostKeyPolicy.options.map((value) => ({ value, label: t(`imports.options.policies.${value}`) }))}
        value={choices.policy}
        allowDeselect={false}
        onChange={(chosen) => {
          const policy = HostKeyPolicy.safeParse(chosen)
          if (policy.success) onChange({ ...choices, policy: policy.data })
        }}
      />
      <TextInput
        label={t('imports.options.username')}
        description={t('imports.options.usernameHelp')}
        name="import-username"
        maxLength={64}
        spellCheck={false}
        autoComplete="off"
        value={choices.username}
        onChange={(event) => onChange({ ...choices, username: event.currentTarget.value })}
      />
      <CredentialSelect
        value={choices.credential}
        onChange={(credential) => onChange({ ...choices, credential: credential?.id ?? null, username: choices.username || (credential?.username ?? '') })}
        placeholder={t('imports.options.ask')}
        clearable
      />
    </fieldset>
  )
}
