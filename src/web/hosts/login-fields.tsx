import { Button, FileButton, Group, PasswordInput, SegmentedControl, Stack, Text, TextInput, Textarea } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useTranslation } from 'react-i18next'
import type { FormField, LoginFault, LoginFields } from './host-draft.ts'
import { mostKeyBytes } from './host-draft.ts'
import classes from './hosts.module.css'

const kinds = ['password', 'key', 'ask'] as const

type Props = {
  login: LoginFields
  faults: ReadonlySet<LoginFault>
  refused: (field: FormField) => string | undefined
  onChange: (change: Partial<LoginFields>) => void
  withName?: boolean
}

/** Who signs in on the host, and with what. Secrets go in and never come out. */
export function LoginFieldSet({ login, faults, refused, onChange, withName = true }: Props) {
  const { t } = useTranslation()
  const said = (fault: LoginFault, field: FormField) => (faults.has(fault) ? t(`hosts.form.bad.${fault}`) : refused(field))
  const eye = { 'aria-label': t('signIn.show') }
  const readKey = async (file: File | null) => {
    if (!file) return
    if (file.size > mostKeyBytes) notifications.show({ color: 'yellow', message: t('hosts.form.keyTooLarge') })
    else onChange({ privateKey: await file.text() })
  }
  return (
    <fieldset className={classes['fields']}>
      <legend>{t('hosts.form.login')}</legend>
      {withName ? (
        <TextInput
          label={t('hosts.form.account')}
          description={t('hosts.form.accountHelp')}
          name="host-account"
          maxLength={64}
          autoComplete="off"
          spellCheck={false}
          value={login.username}
          onChange={(event) => onChange({ username: event.currentTarget.value })}
          error={said('account', 'username')}
        />
      ) : null}
      <Stack gap={4}>
        <Text size="sm" fw={600} id="auth-kind">
          {t('hosts.form.sign')}
        </Text>
        <SegmentedControl
          aria-labelledby="auth-kind"
          data={kinds.map((kind) => ({ value: kind, label: t(`hosts.form.auth.${kind}`) }))}
          value={login.kind}
          onChange={(value) => {
            const kind = kinds.find((one) => one === value)
            if (kind) onChange({ kind })
          }}
        />
      </Stack>
      {login.kind === 'password' ? (
        <PasswordInput
          label={t('hosts.form.password')}
          name="host-password"
          autoComplete="off"
          maxLength={1024}
          value={login.password}
          onChange={(event) => onChange({ password: event.currentTarget.value })}
          error={said('password', 'password')}
          visibilityToggleButtonProps={eye}
        />
      ) : login.kind === 'key' ? (
        <>
          <Textarea
            label={
              <Group justify="space-between" wrap="nowrap">
                {t('hosts.form.privateKey')}
                <FileButton onChange={(file) => void readKey(file)}>
                  {(props) => (
                    <Button {...props} variant="subtle" size="compact-xs">
                      {t('hosts.form.keyFile')}
                    </Button>
                  )}
                </FileButton>
              </Group>
            }
            aria-label={t('hosts.form.privateKey')}
            labelProps={{ className: classes['wide'] }}
            description={t('hosts.form.privateKeyHelp')}
            name="host-private-key"
            autoComplete="off"
            spellCheck={false}
            rows={4}
            maxLength={mostKeyBytes}
            classNames={{ input: classes['pem'] ?? '' }}
            value={login.privateKey}
            onChange={(event) => onChange({ privateKey: event.currentTarget.value })}
            error={said('privateKey', 'privateKey')}
          />
          <PasswordInput
            label={t('hosts.form.passphrase')}
            description={t('hosts.form.passphraseHelp')}
            name="host-passphrase"
            autoComplete="off"
            maxLength={1024}
            value={login.passphrase}
            onChange={(event) => onChange({ passphrase: event.currentTarget.value })}
            error={refused('passphrase')}
            visibilityToggleButtonProps={eye}
          />
        </>
      ) : (
        <Text size="sm" className="quiet">
          {t('hosts.form.askHelp')}
        </Text>
      )}
    </fieldset>
  )
}
