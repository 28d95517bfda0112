import { Alert, Button, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconAlertTriangle, IconLock } from '@tabler/icons-react'
import i18next from 'i18next'
import { useTranslation } from 'react-i18next'
import { asFailure } from '#client/failure-answer.ts'
import { EmptyPlace } from './empty-place.tsx'

/** What happened and what to do, in the reader's language. */
export function useFailureWords(): (error: unknown) => string {
  const { t } = useTranslation()
  return (error) => t(`failure.${asFailure(error).code}`)
}

/** A failure inside a form or a dialog. */
export function FailureLine({ error }: { error: unknown }) {
  const words = useFailureWords()
  if (error === null || error === undefined) return null
  return (
    <Alert color="red" variant="light" className="tint-bad" icon={<IconAlertTriangle size={18} />} role="alert" py="xs">
      {words(error)}
    </Alert>
  )
}

/** A page or a list that could not be had. */
export function FailurePlace({ error, retry }: { error: unknown; retry: () => void }) {
  const { t } = useTranslation()
  const words = useFailureWords()
  const { code } = asFailure(error)
  if (code === 'forbidden') return <EmptyPlace icon={IconLock} title={t('parts.forbidden.title')} text={t('parts.forbidden.text')} />
  return (
    <EmptyPlace icon={IconAlertTriangle} title={t('parts.failed')} text={words(error)} alert>
      <Button variant="default" onClick={retry}>
        {t('parts.retry')}
      </Button>
      <Text size="xs" className="quiet mono">
        {code}
      </Text>
    </EmptyPlace>
  )
}

/** After an act that has no place of its own to complain in. */
export function notifyFailure(error: unknown): void {
  notifications.show({ color: 'red', title: i18next.t('parts.failed'), message: i18next.t(`failure.${asFailure(error).code}`), autoClose: 9000 })
}
