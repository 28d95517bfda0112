import { Button, Group, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asFailure } from '#client/failure-answer.ts'
import type { OperatorDetail } from '#wire/api/operators.ts'
import { PersonName } from '#wire/api/people.ts'
import { api, queries } from '../api.ts'
import { useMe } from '../frame/me.ts'
import { renewAccess } from '../grants/one-grant.ts'
import type { Dirty } from '../hosts/unsaved.tsx'
import { FailureLine } from '../parts/failure-notice.tsx'
import { GroupsField, RoleFields } from './operator-fields.tsx'
import { whyNotDemote } from './operator-rights.ts'
import classes from './operators.module.css'
import { useAdminCount } from './use-admin-count.ts'

export function EditOperator({ person, dirty, onDone }: { person: OperatorDetail; dirty: Dirty; onDone: () => void }) {
  const { t } = useTranslation()
  const me = useMe()
  const whyNot = whyNotDemote(person, me.id, useAdminCount())
  // The list is asked again in the background; the form changes what it was opened with.
  const [before] = useState(person)
  const [name, setName] = useState(before.name)
  const [rights, setRights] = useState({ role: before.role, mayWatch: before.mayWatch })
  const [groups, setGroups] = useState(before.groups)
  const [tried, setTried] = useState(false)
  const save = useMutation({
    mutationFn: () =>
      api.operators.update({
        id: before.id,
        ...(name.trim() === before.name ? {} : { name: name.trim() }),
        ...(rights.role === before.role ? {} : { role: rights.role }),
        ...(rights.mayWatch === before.mayWatch ? {} : { mayWatch: rights.mayWatch }),
        ...(sameIds(groups, before.groups) ? {} : { groups: groups.map(({ id }) => id) }),
      }),
    async onSuccess(made) {
      dirty.current.clear()
      notifications.show({ color: 'green', message: t('operators.form.saved', { name: made.name }) })
      await Promise.all([renewAccess(), made.id === me.id ? queries.invalidateQueries({ queryKey: ['me'] }) : undefined])
      onDone()
    },
  })
  const touch = () => {
    dirty.current.add('operator')
    save.reset()
  }
  const nameBad = !PersonName.safeParse(name).success
  const failure = save.error ? asFailure(save.error) : undefined
  return (
    <form
      noValidate
      autoComplete="off"
      className={classes['form']}
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (!nameBad) save.mutate()
      }}
    >
      {failure ? <FailureLine error={failure} /> : null}
      <div className={classes['pair']}>
        <TextInput
          label={t('operators.form.name')}
          description={t('operators.form.nameHelp')}
          name="operator-name"
          maxLength={100}
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
          description={t('operators.form.usernameFixed')}
          name="operator-username"
          value={before.username}
          readOnly
          variant="filled"
        />
      </div>
      <RoleFields
        {...rights}
        why={whyNot === undefined ? undefined : t(`operators.why.${whyNot}`)}
        onChange={(change) => {
          touch()
          setRights((kept) => ({ ...kept, ...change }))
        }}
      />
      <GroupsField
        value={groups}
        onChange={(picked) => {
          touch()
          setGroups(picked)
        }}
      />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onDone}>
          {t('parts.cancel')}
        </Button>
        <Button type="submit" loading={save.isPending} data-testid="operator-save">
          {t('parts.save')}
        </Button>
      </Group>
    </form>
  )
}

const sameIds = (some: readonly { id: string }[], others: readonly { id: string }[]): boolean =>
  some.length === others.length && some.every(({ id }) => others.some((other) => other.id === id))
