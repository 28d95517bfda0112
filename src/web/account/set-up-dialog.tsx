import { Button, Group, Modal, PasswordInput, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { TotpSetup } from '#wire/api/second-factor.ts'
import { api, queries } from '../api.ts'
import { useMe } from '../frame/me.ts'
import { FailureLine } from '../parts/failure-notice.tsx'
import { useCodeFault, usePasswordFault } from '../second-factor/code-faults.ts'
import { CodeField } from '../second-factor/code-field.tsx'
import { RecoveryCodes } from '../second-factor/recovery-codes.tsx'
import { SetupKey } from '../second-factor/setup-key.tsx'

type Place = { at: 'password' } | { at: 'key'; setup: TotpSetup } | { at: 'codes'; codes: readonly string[] }

/** Password, key and first code, recovery codes. */
export function SetUpDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const me = useMe()
  const [place, setPlace] = useState<Place>({ at: 'password' })
  const done = () => {
    void queries.invalidateQueries({ queryKey: ['second-factor'] })
    void queries.invalidateQueries({ queryKey: ['sign-ins'] })
  }
  const close = () => {
    if (place.at === 'codes') notifications.show({ color: 'green', message: t('secondFactor.setDone') })
    onClose()
  }
  return (
    <Modal
      opened
      onClose={close}
      size="md"
      // Codes that are shown this once are not lost by a key or a click beside.
      closeOnEscape={place.at !== 'codes'}
      closeOnClickOutside={false}
      withCloseButton={place.at !== 'codes'}
      title={place.at === 'codes' ? t('secondFactor.codes.title') : t('secondFactor.setUpTitle')}
      closeButtonProps={{ 'aria-label': t('parts.close') }}
    >
      {place.at === 'password' ? (
        <AskPassword onClose={onClose} onBegun={(setup) => setPlace({ at: 'key', setup })} />
      ) : place.at === 'key' ? (
        <Confirm
          setup={place.setup}
          onConfirmed={(codes) => {
            setPlace({ at: 'codes', codes })
            done()
          }}
        />
      ) : (
        <RecoveryCodes codes={place.codes} name={me.username} done={t('secondFactor.codes.done')} onDone={close} />
      )}
    </Modal>
  )
}

function AskPassword({ onClose, onBegun }: { onClose: () => void; onBegun: (setup: TotpSetup) => void }) {
  const { t } = useTranslation()
  const [password, setPassword] = useState('')
  const [isMissing, setMissing] = useState(false)
  const begin = useMutation({ mutationFn: () => api.secondFactor.begin({ password }), onSuccess: onBegun })
  const wrong = usePasswordFault(begin.error)
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        setMissing(password === '')
        if (password !== '') begin.mutate()
      }}
    >
      <Stack gap="md">
        <Text size="sm" className="quiet">
          {t('secondFactor.setUpText')} {t('secondFactor.setUpEnds')}
        </Text>
        <FailureLine error={wrong === undefined ? begin.error : undefined} />
        <PasswordInput
          label={t('secondFactor.password')}
          name="current-password"
          autoComplete="current-password"
          data-autofocus
          maxLength={1024}
          value={password}
          onChange={(event) => {
            setPassword(event.currentTarget.value)
            setMissing(false)
          }}
          error={isMissing ? t('secondFactor.passwordMissing') : wrong}
          visibilityToggleButtonProps={{ 'aria-label': t('signIn.show') }}
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t('parts.cancel')}
          </Button>
          <Button type="submit" loading={begin.isPending} data-testid="password-next">
            {t('secondFactor.next')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function Confirm({ setup, onConfirmed }: { setup: TotpSetup; onConfirmed: (codes: readonly string[]) => void }) {
  const { t } = useTranslation()
  const field = useRef<HTMLInputElement>(null)
  const [code, setCode] = useState('')
  const [isShort, setShort] = useState(false)
  const confirm = useMutation({
    mutationFn: () => api.secondFactor.confirm({ code }),
    onSuccess: ({ recoveryCodes }) => onConfirmed(recoveryCodes),
    onError: () => field.current?.select(),
  })
  const fault = useCodeFault(confirm.error)
  useEffect(() => field.current?.focus(), [])
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        setShort(code.length < 6)
        if (code.length >= 6) confirm.mutate()
      }}
    >
      <Stack gap="md">
        <FailureLine error={fault === undefined ? confirm.error : undefined} />
        <SetupKey setup={setup} />
        <CodeField
          ref={field}
          value={code}
          onChange={(typed) => {
            setCode(typed)
            setShort(false)
          }}
          error={isShort ? t('secondFactor.codeShort') : fault}
        />
        <Button type="submit" fullWidth loading={confirm.isPending} data-testid="code-submit">
          {t('secondFactor.confirm')}
        </Button>
      </Stack>
    </form>
  )
}
