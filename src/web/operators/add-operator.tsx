import { Button, Group, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asFailure } from '#client/failure-answer.ts'
import { OperatorName, type Role } from '#domain/operator.ts'
import { PersonName } from '#wire/api/people.ts'
import { api } from '../api.ts'
import type { Picked } from '../grants/grant-draft.ts'
import { renewAccess } from '../grants/one-grant.ts'
import type { Dirty } from '../hosts/unsaved.tsx'
import { FailureLine, useFailureWords } from '../parts/failure-notice.tsx'
import { makePassword } from './first-password.ts'
import type { Handed } from './handed-over.tsx'
import { GroupsField, RoleFields } from './operator-fields.tsx'
import classes from './operators.module.css'
import { SecretLine } from './secret-line.tsx'

type Props = { group: string | undefined; dirty: Dirty; onCancel: () => void; onMade: (made: Handed) => void }

export function AddOperator({ group, dirty, onCancel, onMade }: Props) {
  const { t } = useTranslation()
  const words = useFailureWords()
  const [name, setName] = useState('')
  const [username, setUsername] = useState('')
  const [rights, setRights] = useState<{ role: Role; mayWatch: boolean }>({ role: 'member', mayWatch: false })
  const [groups, setGroups] = useState<Picked[]>([])
  const [password, setPassword] = useState(() => makePassword())
  const [tried, setTried] = useState(false)
  const begun = useQuery({
    queryKey: ['groups', 'one', group],
    queryFn: ({ signal }) => api.groups.get({ id: group ?? '' }, { signal }),
    enabled: group !== undefined,
  })
  const first = begun.data
  useEffect(() => {
    if (first) setGroups((chosen) => (chosen.length > 0 ? chosen : [{ id: first.id, name: first.name }]))
  }, [first])
  const save = useMutation({
    mutationFn: () =>
      api.operators.create({
        username: username.trim(),
        ...(name.trim() === '' ? {} : { name: name.trim() }),
        role: rights.role,
        mayWatch: rights.role === 'admin' && rights.mayWatch,
        groups: groups.map(({ id }) => id),
        password,
      }),
    async onSuccess(made) {
      dirty.current.clear()
      onMade({ id: made.id, name: made.name, username: made.username, password, fresh: made.groups.length === 0 })
      await renewAccess()
    },
  })
  const touch = () => {
    dirty.current.add('operator')
    save.reset()
  }
  const nameBad = name.trim() !== '' && !PersonName.safeParse(name).success
  const usernameBad = !OperatorName.safeParse(username.trim()).success
  const failure = save.error ? asFailure(save.error) : undefined
  const taken = failure?.code === 'name_taken' || failure?.code === 'name_invalid' || failure?.field === 'username'
  return (
    <form
      noValidate
      autoComplete="off"
      className={classes['form']}
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (!nameBad && !usernameBad) save.mutate()
      }}
    >
      {failure && !taken ? <FailureLine error={failure} /> : null}
      <div className={classes['pair']}>
        <TextInput
          label={t('operators.form.name')}
          description={t('operators.form.nameHelp')}
          name="operator-name"
          maxLength={100}
          autoComplete="off"
          data-autofocus
          value={name}
          onChange={(event) => {
            touch()
            setName(event.currentTarget.value)
          }}
          error={tried && nameBad ? t('operators.form.bad.name') : undefined}
        />
        <TextInput
          label={t('operators.form.username')}
          description={t('operators.form.usernameHelp')}
          name="operator-username"
          maxLength={64}
          autoComplete="off"
          spellCheck={false}
          value={username}
          onChange={(event) => {
            touch()
            setUsername(event.currentTarget.value)
          }}
          error={tried && usernameBad ? t('operators.form.bad.username') : taken ? words(failure) : undefined}
        />
      </div>
      <RoleFields
        {...rights}
        onChange={(change) => {
          touch()
          setRights((before) => ({ ...before, ...change }))
        }}
      />
      <GroupsField
        value={groups}
        onChange={(picked) => {
          touch()
          setGroups(picked)
        }}
      />
      <div>
        <Text size="sm" fw={600} component="p" m={0}>
          {t('operators.form.password')}
        </Text>
        <Text size="xs" className="quiet" mb={6}>
          {t('operators.form.passwordHelp')}
        </Text>
        <SecretLine label={t('operators.form.password')} text={password} onRenew={() => setPassword(makePassword())} />
      </div>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onCancel}>
          {t('parts.cancel')}
        </Button>
        <Button type="submit" loading={save.isPending} data-testid="operator-save">
          {t('operators.form.make')}
        </Button>
      </Group>
    </form>
  )
}
