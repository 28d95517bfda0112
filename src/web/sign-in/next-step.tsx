import { Anchor, Text } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { RecoveryCodes } from '../second-factor/recovery-codes.tsx'
import { CodeStep } from './code-step.tsx'
import { Door } from './door.tsx'
import { PasswordStep } from './password-step.tsx'
import { SetupStep } from './setup-step.tsx'
import type { Step } from './sign-in-steps.ts'
import type { SignInDoor } from './use-sign-in.ts'

/** What is missing after name and password, on the same card. */
export function NextStep({ step, door }: { step: Step; door: SignInDoor }) {
  const { t } = useTranslation()
  const name = door.given.username.trim()
  const back = (
    <Text ta="center" mt="md" size="sm">
      <Anchor component="button" type="button" size="sm" onClick={door.restart} disabled={door.isBusy}>
        <IconArrowLeft size={14} aria-hidden style={{ verticalAlign: '-2px', marginInlineEnd: 4 }} />
        {t('signInStep.back')}
      </Anchor>
    </Text>
  )
  switch (step.ask) {
    case 'code':
      return (
        <Door title={t('signInStep.code.title')}>
          <CodeStep door={door} />
          {back}
        </Door>
      )
    case 'setup':
      return (
        <Door title={t('signInStep.setup.title')}>
          <SetupStep setup={step.setup} door={door} />
          {back}
        </Door>
      )
    case 'password':
      return (
        <Door title={t('signInStep.password.title')}>
          <PasswordStep door={door} />
          {back}
        </Door>
      )
    case 'kept':
      return (
        <Door title={t('secondFactor.codes.title')}>
          <RecoveryCodes codes={step.codes} name={name} done={t('secondFactor.codes.go')} onDone={() => door.go(step.operator)} />
        </Door>
      )
    default:
      return step satisfies never
  }
}
