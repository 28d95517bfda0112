import { TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { CredentialSelect } from '../credentials/credential-select.tsx'
import { KindChoice } from '../credentials/kind-choice.tsx'
import type { SecretFault } from '../credentials/secret-draft.ts'
import { SecretFieldSet } from '../credentials/secret-fields.tsx'
import type { FormField, LoginFault, LoginFields } from './host-draft.ts'
import { loginKinds } from './host-draft.ts'
import classes from './hosts.module.css'

type Props = {
  login: LoginFields
  faults: ReadonlySet<LoginFault>
  refused: (field: FormField) => string | undefined
  onChange: (change: Partial<LoginFields>) => void
  withName?: boolean
}

/** Who signs in on the host, and with what. */
export function LoginFieldSet({ login, faults, refused, onChange, withName = true }: Props) {
  const { t } = useTranslation()
  const { kind } = login
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
          error={faults.has('account') ? t('hosts.form.bad.account') : refused('username')}
        />
      ) : null}
      <KindChoice kinds={loginKinds} value={kind} onChange={(chosen) => onChange({ kind: chosen })} />
      {kind === 'credential' ? (
        <CredentialSelect
          value={login.credential}
          name={login.credentialName}
          onChange={(chosen) =>
            onChange({
              credential: chosen?.id ?? null,
              credentialName: chosen?.name,
              ...(withName && login.username.trim() === '' && chosen ? { username: chosen.username } : {}),
            })
          }
          error={faults.has('credential') ? t('hosts.form.bad.credential') : refused('credential')}
        />
      ) : (
        <SecretFieldSet
          secret={{ ...login, kind }}
          faults={new Set([...faults].filter((fault): fault is SecretFault => fault === 'password' || fault === 'privateKey'))}
          refused={refused}
          onChange={({ kind: _same, ...change }) => onChange(change)}
        />
      )}
    </fieldset>
  )
}
