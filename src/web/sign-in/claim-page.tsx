import { Anchor, Button, PasswordInput, Skeleton, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useRouter } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asFailure } from '#client/failure-answer.ts'
import { OperatorName } from '#domain/operator.ts'
import { api, claimQuery, queries } from '../api.ts'
import { FailureLine, FailurePlace, useFailureWords } from '../parts/failure-notice.tsx'
import { checkClaim } from './claim-form.ts'
import { Door } from './door.tsx'

export function ClaimPage() {
  const { t } = useTranslation()
  const claim = useQuery(claimQuery)
  // The token stands in the fragment, which no server and no log ever sees.
  const [token] = useState(() => location.hash.slice(1))
  return (
    <Door title={t('signIn.claim.title')}>
      {claim.error && !claim.data ? (
        <FailurePlace error={claim.error} retry={() => void claim.refetch()} />
      ) : !claim.data ? (
        <Stack mt="md" role="status" aria-label={t('parts.loading')}>
          <Skeleton height={60} />
          <Skeleton height={180} />
        </Stack>
      ) : claim.data.claimed ? (
        <Stack mt="sm">
          <Text size="sm">{t('signIn.claim.done')}</Text>
          <Anchor component={Link} to="/sign-in">
            {t('signIn.claim.toSignIn')}
          </Anchor>
        </Stack>
      ) : token === '' ? (
        <Text size="sm" mt="sm">
          {t('signIn.claim.noToken')}
        </Text>
      ) : (
        <ClaimForm token={token} machine={claim.data.machine} />
      )}
    </Door>
  )
}

function ClaimForm({ token, machine }: { token: string; machine: string }) {
  const { t } = useTranslation()
  const router = useRouter()
  const words = useFailureWords()
  const [form, setForm] = useState({ username: '', password: '', again: '' })
  const [tried, setTried] = useState(false)
  const make = useMutation({
    mutationFn: () => api.claim.make({ token, username: OperatorName.parse(form.username.trim()), password: form.password }),
    onSuccess({ operator }) {
      queries.clear()
      queries.setQueryData(['me'], operator)
      router.history.replace('/hosts')
    },
  })
  const faults = tried ? checkClaim(form) : {}
  const refused = make.error ? asFailure(make.error) : undefined
  const field =
    refused?.code === 'name_invalid' || refused?.code === 'name_taken' ? 'username' : refused?.code === 'password_too_weak' ? 'password' : refused?.field
  const beside = (name: 'username' | 'password') => (faults[name] ? t(`signIn.claim.${faults[name]}`) : refused && field === name ? words(refused) : undefined)
  const set = (key: keyof typeof form) => (event: React.ChangeEvent<HTMLInputElement>) => {
    const { value } = event.currentTarget
    setForm((before) => ({ ...before, [key]: value }))
  }
  const eye = { 'aria-label': t('signIn.show') }
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (Object.keys(checkClaim(form)).length === 0) make.mutate()
      }}
    >
      <Text size="sm" className="quiet" mt={4} mb="lg">
        {t('signIn.claim.text', { machine })}
      </Text>
      <Stack gap="md">
        {refused && field !== 'username' && field !== 'password' ? <FailureLine error={refused} /> : null}
        <TextInput
          label={t('signIn.claim.name')}
          description={t('signIn.claim.nameHelp')}
          name="username"
          autoComplete="username"
          autoFocus
          value={form.username}
          onChange={set('username')}
          error={beside('username')}
        />
        <PasswordInput
          label={t('signIn.claim.password')}
          description={t('signIn.claim.passwordHelp')}
          name="new-password"
          autoComplete="new-password"
          value={form.password}
          onChange={set('password')}
          error={beside('password')}
          visibilityToggleButtonProps={eye}
        />
        <PasswordInput
          label={t('signIn.claim.again')}
          name="new-password-again"
          autoComplete="new-password"
          value={form.again}
          onChange={set('again')}
          error={faults.again ? t(`signIn.claim.${faults.again}`) : undefined}
          visibilityToggleButtonProps={eye}
        />
        <Button type="submit" loading={make.isPending} fullWidth mt={4}>
          {t('signIn.claim.submit')}
        </Button>
      </Stack>
    </form>
  )
}
