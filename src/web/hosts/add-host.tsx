// One form on one screen: host, login, and the check in which the host's key is trusted.
import { Button, Group } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asFailure } from '#client/failure-answer.ts'
import type { AssetView } from '#wire/api/assets.ts'
import { api } from '../api.ts'
import { FailureLine, useFailureWords } from '../parts/failure-notice.tsx'
import { CheckSteps } from './check-steps.tsx'
import type { FormField, HostFields, LoginFields } from './host-draft.ts'
import { emptyHost, emptyLogin, fieldOfFailure, hostFaults, loginFaults, readAuth, readHost, readOld, readVia } from './host-draft.ts'
import { HostFieldSet } from './host-fields.tsx'
import classes from './hosts.module.css'
import { renewHosts } from './kept-hosts.ts'
import { ChangedKey, SeenKeys, UnknownKey } from './key-panel.tsx'
import { LoginFieldSet } from './login-fields.tsx'
import type { Dirty } from './unsaved.tsx'
import { useHostCheck } from './use-host-check.ts'

type Props = { dirty: Dirty; onCancel: () => void; onMade: (made: AssetView, generated: boolean) => void }

export function AddHost({ dirty, onCancel, onMade }: Props) {
  const { t } = useTranslation()
  const words = useFailureWords()
  const [host, setHost] = useState(emptyHost)
  const [login, setLogin] = useState(emptyLogin)
  const [tried, setTried] = useState<'not' | 'check' | 'save'>('not')
  const check = useHostCheck()
  const save = useMutation({
    mutationFn: () =>
      api.assets.create({
        ...readHost(host),
        accounts: [{ username: login.username.trim(), auth: readAuth(login) }],
        // Of a host that is made anew again and again no key is kept.
        trusted: host.hostKeyPolicy === 'ephemeral' ? [] : check.trusted,
      }),
    async onSuccess(made) {
      dirty.current.clear()
      notifications.show({ color: 'green', message: t('hosts.saved', { host: made.name }) })
      await renewHosts()
      onMade(made, login.kind === 'generate')
    },
  })
  // A check does not need the name.
  const faults = tried === 'not' ? new Set<never>() : new Set([...hostFaults(host)].filter((fault) => tried === 'save' || fault !== 'name'))
  const loginSays = tried === 'not' ? new Set<never>() : loginFaults(login)
  const failure = save.error ? asFailure(save.error) : check.failure
  const field = failure ? fieldOfFailure(failure) : undefined
  const refused = (asked: FormField) => (failure && field === asked ? words(failure) : undefined)
  const changeHost = (change: Partial<HostFields>) => {
    dirty.current.add('host')
    if ('address' in change || 'port' in change || 'via' in change || 'hostKeyPolicy' in change || 'oldUntil' in change || 'confirmLoopback' in change)
      check.forget()
    save.reset()
    setHost((before) => ({ ...before, ...change }))
  }
  const changeLogin = (change: Partial<LoginFields>) => {
    dirty.current.add('host')
    check.forgetSignIn()
    save.reset()
    setLogin((before) => ({ ...before, ...change }))
  }
  const asked = () => ({
    address: host.address.trim(),
    port: Number(host.port),
    via: readVia(host.via),
    legacyUntil: readOld(host.oldUntil),
    policy: host.hostKeyPolicy,
    ...(host.confirmLoopback ? { confirmLoopback: true } : {}),
    username: login.username.trim(),
    auth: readAuth(login),
  })
  const mayCheck = () => [...hostFaults(host)].every((fault) => fault === 'name') && loginFaults(login).size === 0
  return (
    <form
      noValidate
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault()
        setTried('save')
        if (hostFaults(host).size === 0 && loginFaults(login).size === 0) save.mutate()
      }}
    >
      {failure && field === undefined ? <FailureLine error={failure} /> : null}
      <div className={classes['columns']}>
        <div className={classes['column']}>
          <HostFieldSet host={host} faults={faults} refused={refused} onChange={changeHost} focus />
        </div>
        <div className={classes['column']}>
          <LoginFieldSet login={login} faults={loginSays} refused={refused} onChange={changeLogin} />
          <fieldset className={classes['fields']}>
            <legend>{t('hosts.form.verify')}</legend>
            <CheckSteps lines={check.lines} />
            {check.verdict === 'unknown' && check.offered ? <UnknownKey keys={check.offered} onTrust={() => check.trust(asked())} /> : null}
            {check.verdict === 'changed' && check.offered ? (
              <ChangedKey trusted={check.trusted} offered={check.offered} onReplace={() => check.trust(asked())} />
            ) : null}
            {check.verdict === 'trusted' && check.offered && host.hostKeyPolicy !== 'strict' ? (
              <SeenKeys keys={check.offered} text={t(`hosts.policy.seen.${host.hostKeyPolicy}`)} />
            ) : null}
            <Button
              variant={check.offered ? 'default' : 'filled'}
              loading={check.running}
              data-testid="host-check"
              onClick={() => {
                setTried((before) => (before === 'save' ? before : 'check'))
                if (mayCheck()) check.start(asked())
              }}
            >
              {check.offered ? t('hosts.form.checkAgain') : t('hosts.form.check')}
            </Button>
          </fieldset>
        </div>
      </div>
      <Group justify="flex-end" gap="xs" className={classes['foot'] ?? ''}>
        <Button variant="default" onClick={onCancel}>
          {t('parts.cancel')}
        </Button>
        <Button type="submit" variant={check.passed ? 'filled' : 'default'} loading={save.isPending} data-testid="host-save">
          {login.kind === 'generate' ? t('hosts.form.saveGenerate') : check.passed ? t('parts.save') : t('hosts.form.saveAnyway')}
        </Button>
      </Group>
    </form>
  )
}
