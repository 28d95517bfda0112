import { Stack, Text, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { CredentialSelect } from '../credentials/credential-select.tsx'

/** `credential`: the id of a shared one; null: asked each time. */
export type BulkLogin = { username: string; credential: string | null }

/** One account for many hosts: only a shared credential or a question make sense there. */
export function BulkAccount({ value, onChange }: { value: BulkLogin; onChange: (login: BulkLogin) => void }) {
  const { t } = useTranslation()
  return (
    <Stack gap="sm">
      <CredentialSelect
        value={value.credential}
        onChange={(credential) =>
          onChange({ credential: credential?.id ?? null, username: value.username === '' ? (credential?.username ?? '') : value.username })
        }
        placeholder={t('hosts.form.auth.ask')}
        clearable
      />
      <TextInput
        label={t('hosts.form.account')}
        description={t('hosts.form.accountHelp')}
        value={value.username}
        maxLength={64}
        autoComplete="off"
        spellCheck={false}
        name="bulk-account"
        onChange={(event) => onChange({ ...value, username: event.currentTarget.value })}
      />
      <Text size="xs" className="quiet">
        {t('hosts.bulk.accountText')}
      </Text>
    </Stack>
  )
}
