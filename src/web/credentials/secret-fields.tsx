import { Button, FileButton, Group, PasswordInput, Text, Textarea } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './credentials.module.css'
import type { SecretFault, SecretFields } from './secret-draft.ts'
import { mostKeyBytes } from './secret-draft.ts'

type Field = 'password' | 'privateKey' | 'passphrase'
type Props = {
  secret: SecretFields
  faults: ReadonlySet<SecretFault>
  refused: (field: Field) => string | undefined
  onChange: (change: Partial<SecretFields>) => void
}

/** The secret itself, as its kind needs it. Secrets go in and never come out. */
export function SecretFieldSet({ secret, faults, refused, onChange }: Props) {
  const { t } = useTranslation()
  const [over, setOver] = useState(false)
  const said = (fault: SecretFault) => (faults.has(fault) ? t(`hosts.form.bad.${fault}`) : refused(fault))
  const eye = { 'aria-label': t('signIn.show') }
  const readKey = async (file: File | null | undefined) => {
    if (!file) return
    if (file.size > mostKeyBytes) notifications.show({ color: 'yellow', message: t('hosts.form.keyTooLarge') })
    else onChange({ privateKey: await file.text() })
  }
  switch (secret.kind) {
    case 'password':
      return (
        <PasswordInput
          label={t('hosts.form.password')}
          name="host-password"
          autoComplete="off"
          maxLength={1024}
          value={secret.password}
          onChange={(event) => onChange({ password: event.currentTarget.value })}
          error={said('password')}
          visibilityToggleButtonProps={eye}
        />
      )
    case 'key':
      return (
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
            placeholder={t('hosts.form.privateKeyDrop')}
            name="host-private-key"
            autoComplete="off"
            spellCheck={false}
            rows={4}
            maxLength={mostKeyBytes}
            classNames={{ input: classes['pem'] ?? '' }}
            data-over={over || undefined}
            onDragOver={(event) => {
              event.preventDefault()
              setOver(true)
            }}
            onDragLeave={() => setOver(false)}
            onDrop={(event) => {
              setOver(false)
              if (event.dataTransfer.files.length === 0) return // text: the field takes it by itself
              event.preventDefault()
              void readKey(event.dataTransfer.files[0])
            }}
            value={secret.privateKey}
            onChange={(event) => onChange({ privateKey: event.currentTarget.value })}
            error={said('privateKey')}
          />
          <PasswordInput
            label={t('hosts.form.passphrase')}
            description={t('hosts.form.passphraseHelp')}
            name="host-passphrase"
            autoComplete="off"
            maxLength={1024}
            value={secret.passphrase}
            onChange={(event) => onChange({ passphrase: event.currentTarget.value })}
            error={refused('passphrase')}
            visibilityToggleButtonProps={eye}
          />
        </>
      )
    case 'generate':
    case 'ask':
      return (
        <Text size="sm" className="quiet">
          {t(secret.kind === 'ask' ? 'hosts.form.askHelp' : 'hosts.form.generateHelp')}
        </Text>
      )
    default:
      return secret.kind satisfies never
  }
}
