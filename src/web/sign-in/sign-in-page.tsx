import { Alert, Button, PasswordInput, Skeleton, Stack, Text, TextInput } from '@mantine/core'
import { IconInfoCircle } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Suspense, lazy } from 'react'
import { useTranslation } from 'react-i18next'
import { claimQuery } from '../api.ts'
import { FailureLine } from '../parts/failure-notice.tsx'
import { withLaterWords } from '../words/words.ts'
import { Door } from './door.tsx'
import { SignInNotice } from './sign-in-notice.tsx'
import { useSignIn } from './use-sign-in.ts'

const route = getRouteApi('/sign-in')
/** Where a link in a terminal leads; see `approvalPath`. */
const approvePath = '/approve/'
/** Most people need none of it, and who does has just waited for the check of a password. */
const NextStep = lazy(async () => ({ default: (await withLaterWords(import('./next-step.tsx'))).NextStep }))

export function SignInPage() {
  const { t } = useTranslation()
  const { next, left } = route.useSearch()
  const claim = useQuery(claimQuery)
  const door = useSignIn(next)
  const { given, put, step } = door
  if (step !== undefined)
    return (
      <Suspense
        fallback={
          <Door title={t('signIn.title')}>
            <Skeleton height={180} mt="lg" aria-label={t('parts.loading')} />
          </Door>
        }
      >
        <NextStep step={step} door={door} />
      </Suspense>
    )
  return (
    <Door title={t('signIn.title')}>
      <Text size="sm" className="quiet" mt={4} mb="lg">
        {t('signIn.subtitle')}
      </Text>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          door.enter({})
        }}
      >
        <Stack gap="md">
          {claim.data?.signInNotice === undefined ? null : <SignInNotice text={claim.data.signInNotice} />}
          {claim.data?.claimed === false ? (
            <Alert color="tide" variant="light" className="tint-note" icon={<IconInfoCircle size={18} />}>
              {t('signIn.claim.open', { machine: claim.data.machine })}
            </Alert>
          ) : left !== undefined && !door.error ? (
            <Alert color="gray" variant="light" py="xs" role="status">
              {t('signIn.signedOut')}
            </Alert>
          ) : next !== undefined && next !== '/hosts' && !door.error ? (
            <Alert color="gray" variant="light" py="xs" role="status">
              {next.startsWith(approvePath) ? t('signIn.approve') : t('signIn.lapsed')}
            </Alert>
          ) : null}
          <FailureLine error={door.error} />
          <TextInput
            label={t('signIn.username')}
            name="username"
            autoComplete="username"
            autoFocus
            required
            withAsterisk={false}
            maxLength={256}
            value={given.username}
            onChange={(event) => put({ username: event.currentTarget.value })}
          />
          <PasswordInput
            label={t('signIn.password')}
            name="password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            maxLength={1024}
            value={given.password}
            onChange={(event) => put({ password: event.currentTarget.value })}
            visibilityToggleButtonProps={{ 'aria-label': t('signIn.show') }}
          />
          <Button type="submit" loading={door.isBusy} fullWidth mt={4}>
            {t('signIn.submit')}
          </Button>
        </Stack>
      </form>
    </Door>
  )
}
