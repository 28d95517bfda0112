import { Alert, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { IconInfoCircle } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, claimQuery, queries } from '../api.ts'
import { FailureLine } from '../parts/failure-notice.tsx'
import { safeNext } from '../parts/list-search.ts'
import { Door } from './door.tsx'
import { SignInNotice } from './sign-in-notice.tsx'

const route = getRouteApi('/sign-in')

export function SignInPage() {
  const { t } = useTranslation()
  const { next, left } = route.useSearch()
  const router = useRouter()
  const claim = useQuery(claimQuery)
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const enter = useMutation({
    mutationFn: () => api.signIn({ username: username.trim(), password }),
    onSuccess(answer) {
      if (!('operator' in answer)) return
      const { operator } = answer
      queries.clear()
      queries.setQueryData(['me'], operator)
      router.history.push(safeNext(next))
    },
    // What was wrong stays unsaid; the password is typed again.
    onError: () => setPassword(''),
  })
  return (
    <Door title={t('signIn.title')}>
      <Text size="sm" className="quiet" mt={4} mb="lg">
        {t('signIn.subtitle')}
      </Text>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          enter.mutate()
        }}
      >
        <Stack gap="md">
          {claim.data?.signInNotice === undefined ? null : <SignInNotice text={claim.data.signInNotice} />}
          {claim.data?.claimed === false ? (
            <Alert color="tide" variant="light" className="tint-note" icon={<IconInfoCircle size={18} />}>
              {t('signIn.claim.open', { machine: claim.data.machine })}
            </Alert>
          ) : left !== undefined && !enter.error ? (
            <Alert color="gray" variant="light" py="xs" role="status">
              {t('signIn.signedOut')}
            </Alert>
          ) : next !== undefined && next !== '/hosts' && !enter.error ? (
            <Alert color="gray" variant="light" py="xs" role="status">
              {t('signIn.lapsed')}
            </Alert>
          ) : null}
          <FailureLine error={enter.error} />
          <TextInput
            label={t('signIn.username')}
            name="username"
            autoComplete="username"
            autoFocus
            required
            withAsterisk={false}
            maxLength={256}
            value={username}
            onChange={(event) => setUsername(event.currentTarget.value)}
          />
          <PasswordInput
            label={t('signIn.password')}
            name="password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            maxLength={1024}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            visibilityToggleButtonProps={{ 'aria-label': t('signIn.show') }}
          />
          <Button type="submit" loading={enter.isPending} fullWidth mt={4}>
            {t('signIn.submit')}
          </Button>
        </Stack>
      </form>
    </Door>
  )
}
