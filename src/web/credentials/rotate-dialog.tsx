import { Alert, Button, Group, Modal, Skeleton, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconRefresh } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asFailure } from '#client/failure-answer.ts'
import type { CredentialView } from '#wire/api/credentials.ts'
import { api } from '../api.ts'
import { FailureLine, FailurePlace, useFailureWords } from '../parts/failure-notice.tsx'
import classes from './credentials.module.css'
import { KindChoice } from './kind-choice.tsx'
import { credentialQuery, renewCredentials } from './one-credential.ts'
import { PublicHalf } from './public-half.tsx'
import type { SecretFields } from './secret-draft.ts'
import { emptySecret, readSecret, refusedSecretField, secretFaults, secretKinds } from './secret-draft.ts'
import { SecretFieldSet } from './secret-fields.tsx'

/** Replaces the secret of a shared credential: every host that uses it gets the new one from its next connection on. */
export function RotateDialog({ credential, onClose }: { credential: string; onClose: () => void }) {
  const { t } = useTranslation()
  const known = useQuery(credentialQuery(credential))
  return (
    <Modal
      opened
      onClose={onClose}
      closeOnClickOutside={false}
      size="lg"
      title={t('credentials.rotating.title', { name: known.data?.name ?? '' })}
      closeButtonProps={{ 'aria-label': t('parts.close') }}
    >
      {known.data ? (
        <RotateForm credential={known.data} onClose={onClose} />
      ) : known.error ? (
        <FailurePlace error={known.error} retry={() => void known.refetch()} />
      ) : (
        <Skeleton height={180} aria-label={t('parts.loading')} />
      )}
    </Modal>
  )
}

function RotateForm({ credential, onClose }: { credential: CredentialView; onClose: () => void }) {
  const { t } = useTranslation()
  const words = useFailureWords()
  const { name, hosts } = credential
  const [secret, setSecret] = useState<SecretFields>({ ...emptySecret, kind: credential.auth.kind })
  const [tried, setTried] = useState(false)
  const rotate = useMutation({
    mutationFn: () => api.credentials.update({ id: credential.id, auth: readSecret(secret) }),
    async onSuccess(made) {
      notifications.show({ color: 'green', message: t('credentials.rotating.done', { name }) })
      await renewCredentials()
      // The public half of a key that was made now has to go somewhere.
      if (made.auth.kind !== 'key' || secret.kind !== 'generate') onClose()
    },
  })
  const faults = secretFaults(secret)
  const failure = rotate.error ? asFailure(rotate.error) : undefined
  const field = failure ? refusedSecretField(failure) : undefined
  if (rotate.data?.auth.kind === 'key')
    return (
      <div className={classes['form']}>
        <Text size="sm">{t('credentials.half.text')}</Text>
        <PublicHalf publicKey={rotate.data.auth.publicKey} />
        <Group justify="flex-end">
          <Button onClick={onClose}>{t('parts.close')}</Button>
        </Group>
      </div>
    )
  return (
    <form
      noValidate
      autoComplete="off"
      className={classes['form']}
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (faults.size === 0) rotate.mutate()
      }}
    >
      {failure && field === undefined ? <FailureLine error={failure} /> : null}
      <Alert variant="light" className="tint-note" icon={<IconRefresh size={18} />} py="xs" data-testid="rotate-reach">
        {hosts === 0 ? t('credentials.rotating.unused') : t('credentials.rotating.used', { count: hosts })}
      </Alert>
      <KindChoice
        kinds={secretKinds}
        value={secret.kind}
        onChange={(kind) => {
          rotate.reset()
          setSecret((typed) => ({ ...typed, kind }))
        }}
      />
      <SecretFieldSet
        secret={secret}
        faults={tried ? faults : new Set()}
        refused={(asked) => (failure && field === asked ? words(failure) : undefined)}
        onChange={(change) => {
          rotate.reset()
          setSecret((typed) => ({ ...typed, ...change }))
        }}
      />
      {hosts > 0 && (secret.kind === 'key' || secret.kind === 'generate') ? (
        <Text size="xs" className="quiet">
          {t('credentials.rotating.keyFirst')}
        </Text>
      ) : null}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          {t('parts.cancel')}
        </Button>
        <Button type="submit" loading={rotate.isPending} data-testid="rotate-save">
          {t('credentials.rotating.do')}
        </Button>
      </Group>
    </form>
  )
}
