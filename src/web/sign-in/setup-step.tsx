import { Button, Stack, Text } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { TotpSetup } from '#wire/api/second-factor.ts'
import { FailureLine } from '../parts/failure-notice.tsx'
import { CodeField } from '../second-factor/code-field.tsx'
import { SetupKey } from '../second-factor/setup-key.tsx'
import { useCodeFault } from '../second-factor/code-faults.ts'
import type { SignInDoor } from './use-sign-in.ts'

/** For whom a second factor is required and who has none yet. */
export function SetupStep({ setup, door }: { setup: TotpSetup; door: SignInDoor }) {
  const { t } = useTranslation()
  const begin = useRef<HTMLParagraphElement>(null)
  const field = useRef<HTMLInputElement>(null)
  const [code, setCode] = useState('')
  const [isShort, setShort] = useState(false)
  const fault = useCodeFault(door.error)
  // Who listens hears what this is and goes on to the key, before the code is asked for.
  useEffect(() => begin.current?.focus(), [])
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
        <Text ref={begin} tabIndex={-1} size="sm" className="quiet" mt={4} style={{ outline: 'none' }}>
          {t('signInStep.setup.text')}
        </Text>
        <FailureLine error={fault === undefined ? door.error : undefined} />
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
        <Button type="submit" loading={door.isBusy} fullWidth data-testid="code-submit">
          {t('signInStep.setup.submit')}
        </Button>
      </Stack>
    </form>
  )
}
