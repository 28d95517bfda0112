import { Button, PasswordInput, Stack } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asFailure } from '#client/failure-answer.ts'
import { api, queries } from '../api.ts'
import { useMe } from '../frame/me.ts'
import { FailureLine, useFailureWords } from '../parts/failure-notice.tsx'
import { SectionCard } from '../parts/section-card.tsx'
import { passwordFaults, type PasswordForm } from './password-faults.ts'

const empty: PasswordForm = { current: '', next: '', again: '' }

export function ChangePassword() {
  const { t } = useTranslation()
  const words = useFailureWords()
  const me = useMe()
  const first = useRef<HTMLInputElement>(null)
  const [form, setForm] = useState(empty)
  const [tried, setTried] = useState(false)
  const change = useMutation({
    mutationFn: () => api.account.changePassword({ current: form.current, password: form.next }),
    onSuccess({ ended }) {
      setForm(empty)
      setTried(false)
      notifications.show({ color: 'green', title: t('account.password.changed'), message: t('account.password.ended', { count: ended }), autoClose: 9000 })
      void queries.invalidateQueries({ queryKey: ['sign-ins'] })
    },
    onError: () => first.current?.select(),
  })
  const faults = tried ? passwordFaults(form) : {}
  const refused = change.error ? asFailure(change.error) : undefined
  const seconds = refused?.detail?.['retryAfterSeconds']
  const slowed = refused?.code === 'sign_in_slowed' && typeof seconds === 'number' ? t('account.password.slowed', { seconds }) : undefined
  const wrong = refused?.code === 'sign_in_failed' ? t('account.password.wrong') : slowed
  const weak = refused?.code === 'password_too_weak' ? words(refused) : undefined
  const set = (key: keyof PasswordForm) => (event: React.ChangeEvent<HTMLInputElement>) => {
    const { value } = event.currentTarget
    setForm((before) => ({ ...before, [key]: value }))
    change.reset()
  }
  const eye = { 'aria-label': t('signIn.show') }
  const nextFault = faults.next === 'same' ? t('account.password.same') : faults.next ? t(`signIn.claim.${faults.next}`) : undefined
  return (
    <SectionCard id="password" title={t('account.password.title')} text={t('account.password.text')}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (Object.keys(passwordFaults(form)).length === 0) change.mutate()
        }}
      >
        <Stack gap="md" maw={420}>
          {refused && wrong === undefined && weak === undefined ? <FailureLine error={refused} /> : null}
          {/* Password managers keep the new one under this name. */}
          <input type="text" name="username" autoComplete="username" value={me.username} readOnly hidden aria-hidden tabIndex={-1} />
          <PasswordInput
            ref={first}
            label={t('account.password.current')}
            name="current-password"
            autoComplete="current-password"
            maxLength={1024}
            value={form.current}
            onChange={set('current')}
            error={faults.current ? t('account.password.currentMissing') : wrong}
            visibilityToggleButtonProps={eye}
          />
          <PasswordInput
            label={t('account.password.next')}
            description={t('signIn.claim.passwordHelp')}
            name="new-password"
            autoComplete="new-password"
            maxLength={300}
            value={form.next}
            onChange={set('next')}
            error={nextFault ?? weak}
            visibilityToggleButtonProps={eye}
          />
          <PasswordInput
            label={t('account.password.again')}
            name="new-password-again"
            autoComplete="new-password"
            maxLength={300}
            value={form.again}
            onChange={set('again')}
            error={faults.again ? t(`signIn.claim.${faults.again}`) : undefined}
            visibilityToggleButtonProps={eye}
          />
          <Button type="submit" loading={change.isPending} style={{ alignSelf: 'flex-start' }} data-testid="change-password">
            {t('account.password.submit')}
          </Button>
        </Stack>
      </form>
    </SectionCard>
  )
}
