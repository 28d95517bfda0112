import { Button, Group, Modal, Skeleton, Stack, Text, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asFailure } from '#client/failure-answer.ts'
import { AccountName } from '#domain/asset.ts'
import type { CredentialView } from '#wire/api/credentials.ts'
import { api } from '../api.ts'
import { AskBeforeLeaving, type Dirty } from '../hosts/unsaved.tsx'
import { FailureLine, FailurePlace, useFailureWords } from '../parts/failure-notice.tsx'
import classes from './credentials.module.css'
import { KindChoice } from './kind-choice.tsx'
import { credentialQuery, renewCredentials } from './one-credential.ts'
import { PublicHalf } from './public-half.tsx'
import { emptySecret, readSecret, refusedSecretField, secretFaults, secretKinds } from './secret-draft.ts'
import { SecretFieldSet } from './secret-fields.tsx'

type Props = { credential: string; onClose: () => void; onOpen: (id: string) => void }

/** The form of a shared credential; its address is `?edit=new` or `?edit=<id>`. */
export function CredentialDialog({ credential, onClose, onOpen }: Props) {
  const { t } = useTranslation()
  const dirty = useRef(new Set<string>())
  const saved = credential !== 'new'
  const known = useQuery({ ...credentialQuery(credential), enabled: saved })
  return (
    <Modal
      opened
      onClose={onClose}
      closeOnClickOutside={false}
      size="lg"
      title={saved ? t('credentials.form.editTitle', { name: known.data?.name ?? '' }) : t('credentials.form.addTitle')}
      closeButtonProps={{ 'aria-label': t('parts.close') }}
    >
      <AskBeforeLeaving dirty={dirty} />
      {!saved || known.data ? (
        <CredentialForm
          before={known.data}
          dirty={dirty}
          onCancel={onClose}
          // The public half of a key that was made now has to go somewhere: the form stays open and shows it.
          onSaved={(made, generated) => (generated ? onOpen(made.id) : onClose())}
        />
      ) : known.error ? (
        <FailurePlace error={known.error} retry={() => void known.refetch()} />
      ) : (
        <Skeleton height={180} aria-label={t('parts.loading')} />
      )}
    </Modal>
  )
}

type FormProps = { before: CredentialView | undefined; dirty: Dirty; onCancel: () => void; onSaved: (made: CredentialView, generated: boolean) => void }

function CredentialForm({ before, dirty, onCancel, onSaved }: FormProps) {
  const { t } = useTranslation()
  const words = useFailureWords()
  const [name, setName] = useState(before?.name ?? '')
  const [username, setUsername] = useState(before?.username ?? '')
  const [secret, setSecret] = useState(emptySecret)
  const [tried, setTried] = useState(false)
  const touch = () => {
    dirty.current.add('credential')
    save.reset()
  }
  const save = useMutation({
    mutationFn: () => {
      const fields = { name: name.trim(), username: username.trim() }
      return before ? api.credentials.update({ id: before.id, ...fields }) : api.credentials.create({ ...fields, auth: readSecret(secret) })
    },
    async onSuccess(made) {
      dirty.current.clear()
      notifications.show({ color: 'green', message: t('credentials.form.saved', { name: made.name }) })
      await renewCredentials()
      onSaved(made, before === undefined && secret.kind === 'generate')
    },
  })
  const nameBad = name.trim().length < 1 || name.trim().length > 100
  const usernameBad = !AccountName.safeParse(username.trim()).success
  const faults = before ? new Set<never>() : secretFaults(secret)
  const failure = save.error ? asFailure(save.error) : undefined
  const field = failure
    ? failure.code === 'name_taken'
      ? 'name'
      : (refusedSecretField(failure) ?? (failure.field === 'name' || failure.field === 'username' ? failure.field : undefined))
    : undefined
  const refused = (asked: string) => (failure && field === asked ? words(failure) : undefined)
  return (
    <form
      noValidate
      autoComplete="off"
      className={classes['form']}
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (!nameBad && !usernameBad && faults.size === 0) save.mutate()
      }}
    >
      {failure && field === undefined ? <FailureLine error={failure} /> : null}
      {before?.auth.kind === 'key' ? (
        <Stack gap={6}>
          <Text size="sm" className="quiet">
            {t('credentials.half.text')}
          </Text>
          <PublicHalf publicKey={before.auth.publicKey} />
        </Stack>
      ) : null}
      <TextInput
        label={t('credentials.form.name')}
        description={t('credentials.form.nameHelp')}
        name="credential-name"
        maxLength={100}
        autoComplete="off"
        data-autofocus
        value={name}
        onChange={(event) => {
          touch()
          setName(event.currentTarget.value)
        }}
        error={tried && nameBad ? t('credentials.form.nameBad') : refused('name')}
      />
      <TextInput
        label={t('credentials.form.username')}
        description={t('credentials.form.usernameHelp')}
        name="credential-username"
        maxLength={64}
        autoComplete="off"
        spellCheck={false}
        value={username}
        onChange={(event) => {
          touch()
          setUsername(event.currentTarget.value)
        }}
        error={tried && usernameBad ? t('hosts.form.bad.account') : refused('username')}
      />
      {before ? null : (
        <>
          <KindChoice
            kinds={secretKinds}
            value={secret.kind}
            onChange={(kind) => {
              touch()
              setSecret((typed) => ({ ...typed, kind }))
            }}
          />
          <SecretFieldSet
            secret={secret}
            faults={tried ? faults : new Set()}
            refused={refused}
            onChange={(change) => {
              touch()
              setSecret((typed) => ({ ...typed, ...change }))
            }}
          />
        </>
      )}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onCancel}>
          {t('parts.cancel')}
        </Button>
        <Button type="submit" loading={save.isPending} data-testid="credential-save">
          {!before && secret.kind === 'generate' ? t('hosts.form.saveGenerate') : t('parts.save')}
        </Button>
      </Group>
    </form>
  )
}
