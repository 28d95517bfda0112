import { Button, PasswordInput, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asFailure } from '#client/failure-answer.ts'
import { passwordFaults } from '../account/password-faults.ts'
import { FailureLine, useFailureWords } from '../parts/failure-notice.tsx'
import type { SignInDoor } from './use-sign-in.ts'

/** For whom came with a password that somebody else knows. */
export function PasswordStep({ door }: { door: SignInDoor }) {
  const { t } = useTranslation()
  const words = useFailureWords()
  const [form, setForm] = useState({ next: '', again: '' })
  const [tried, setTried] = useState(false)
  const found = passwordFaults({ current: door.given.password, ...form })
  const faults = tried ? found : {}
  const weak = door.error && asFailure(door.error).code === 'password_too_weak' ? words(door.error) : undefined
  const eye = { 'aria-label': t('signIn.show') }
  const set = (key: keyof typeof form) => (event: React.ChangeEvent<HTMLInputElement>) => {
    const { value } = event.currentTarget
    setForm((before) => ({ ...before, [key]: value }))
  }
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (Object.keys(found).length === 0) door.enter({ newPassword: form.next })
      }}
    >
      <Stack gap="md">
        <Text size="sm" className="quiet" mt={4} role="status">
          {t('signInStep.password.text')}
        </Text>
        <FailureLine error={weak === undefined ? door.error : undefined} />
        {/* Password managers keep the new one under this name. */}
        <input type="text" name="username" autoComplete="username" value={door.given.username.trim()} readOnly hidden aria-hidden tabIndex={-1} />
        <PasswordInput
          label={t('account.password.next')}
          description={t('signIn.claim.passwordHelp')}
          name="new-password"
          autoComplete="new-password"
          autoFocus
          maxLength={300}
          value={form.next}
          onChange={set('next')}
          error={faults.next === 'same' ? t('account.password.same') : faults.next ? t(`signIn.claim.${faults.next}`) : weak}
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
        <Button type="submit" loading={door.isBusy} fullWidth data-testid="password-submit">
          {t('signInStep.password.submit')}
        </Button>
      </Stack>
    </form>
  )
}
