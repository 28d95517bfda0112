import { Anchor, Button, Stack, Text } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureLine } from '../parts/failure-notice.tsx'
import { CodeField } from '../second-factor/code-field.tsx'
import { useCodeFault } from '../second-factor/code-faults.ts'
import type { SignInDoor } from './use-sign-in.ts'

/** The second factor of somebody who has one: a code of the app, or a recovery code. */
export function CodeStep({ door }: { door: SignInDoor }) {
  const { t } = useTranslation()
  const field = useRef<HTMLInputElement>(null)
  const [code, setCode] = useState('')
  const [recovery, setRecovery] = useState(false)
  const [isShort, setShort] = useState(false)
  const fault = useCodeFault(door.error)
  useEffect(() => {
    if (door.error) field.current?.select()
  }, [door.error])
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        setShort(code.length < 6)
        if (code.length >= 6) door.enter({ code })
      }}
    >
      <Stack gap="md">
        <Text size="sm" className="quiet" mt={4} role="status">
          {t('signInStep.code.text', { name: door.given.username.trim() })}
        </Text>
        <FailureLine error={fault === undefined ? door.error : undefined} />
        <CodeField
          key={recovery ? 'recovery' : 'app'}
          ref={field}
          autoFocus
          recovery={recovery}
          value={code}
          onChange={(typed) => {
            setCode(typed)
            setShort(false)
          }}
          error={isShort ? t('secondFactor.codeShort') : fault}
        />
        <Button type="submit" loading={door.isBusy} fullWidth data-testid="code-submit">
          {t('signInStep.code.submit')}
        </Button>
        <Anchor
          component="button"
          type="button"
          size="sm"
          ta="center"
          onClick={() => {
            setRecovery((before) => !before)
            setCode('')
          }}
        >
          {recovery ? t('secondFactor.useApp') : t('secondFactor.useRecovery')}
        </Anchor>
      </Stack>
    </form>
  )
}
