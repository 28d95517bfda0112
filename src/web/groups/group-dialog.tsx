import { Button, Group, Modal, Skeleton, Text, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asFailure } from '#client/failure-answer.ts'
import type { GroupView } from '#wire/api/access.ts'
import { PersonName } from '#wire/api/people.ts'
import { api } from '../api.ts'
import { pickedPerson } from '../grants/grant-draft.ts'
import { renewAccess } from '../grants/one-grant.ts'
import { PickField } from '../grants/pick-field.tsx'
import { AskBeforeLeaving, type Dirty } from '../hosts/unsaved.tsx'
import { FailureLine, FailurePlace, useFailureWords } from '../parts/failure-notice.tsx'
import classes from './groups.module.css'

/** The form of a group over the list; its address is `?edit=new` or `?edit=<id>`. */
export function GroupDialog({ group, onClose }: { group: string; onClose: () => void }) {
  const { t } = useTranslation()
  const dirty = useRef(new Set<string>())
  const saved = group !== 'new'
  const known = useQuery({ queryKey: ['groups', 'one', group], queryFn: ({ signal }) => api.groups.get({ id: group }, { signal }), enabled: saved })
  return (
    <Modal
      opened
      onClose={onClose}
      closeOnClickOutside={false}
      size="lg"
      title={saved ? t('groups.form.editTitle', { name: known.data?.name ?? '' }) : t('groups.form.addTitle')}
      closeButtonProps={{ 'aria-label': t('parts.close') }}
    >
      <AskBeforeLeaving dirty={dirty} />
      {!saved || known.data ? (
        <GroupForm before={known.data} dirty={dirty} onDone={onClose} />
      ) : known.error ? (
        <FailurePlace error={known.error} retry={() => void known.refetch()} />
      ) : (
        <Skeleton height={180} aria-label={t('parts.loading')} />
      )}
    </Modal>
  )
}

function GroupForm({ before, dirty, onDone }: { before: GroupView | undefined; dirty: Dirty; onDone: () => void }) {
  const { t } = useTranslation()
  const words = useFailureWords()
  const [name, setName] = useState(before?.name ?? '')
  const [members, setMembers] = useState(() => before?.members.map(pickedPerson) ?? [])
  const [tried, setTried] = useState(false)
  const save = useMutation({
    mutationFn: () => {
      const fields = { name: name.trim(), members: members.map(({ id }) => id) }
      return before ? api.groups.update({ id: before.id, ...fields }) : api.groups.create(fields)
    },
    async onSuccess(made) {
      dirty.current.clear()
      notifications.show({ color: 'green', message: t('groups.form.saved', { name: made.name }) })
      await renewAccess()
      onDone()
    },
  })
  const touch = () => {
    dirty.current.add('group')
    save.reset()
  }
  const nameBad = !PersonName.safeParse(name).success
  const failure = save.error ? asFailure(save.error) : undefined
  const nameRefused = failure?.code === 'name_taken' || failure?.field === 'name'
  const leaves = before?.members.some(({ id }) => !members.some((one) => one.id === id)) ?? false
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
      {failure && !nameRefused ? <FailureLine error={failure} /> : null}
      <TextInput
        label={t('groups.form.name')}
        name="group-name"
        maxLength={100}
        data-autofocus
        value={name}
        onChange={(event) => {
          touch()
          setName(event.currentTarget.value)
        }}
        error={tried && nameBad ? t('groups.form.nameBad') : nameRefused ? words(failure) : undefined}
      />
      <PickField
        kind="people"
        label={t('groups.form.members')}
        description={t('groups.form.membersHelp')}
        none={t('groups.form.membersNone')}
        value={members}
        onChange={(picked) => {
          touch()
          setMembers(picked)
        }}
      />
      {leaves ? (
        <Text size="sm" className="quiet" role="status">
          {t('groups.form.leaving')}
        </Text>
      ) : null}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onDone}>
          {t('parts.cancel')}
        </Button>
        <Button type="submit" loading={save.isPending} data-testid="group-save">
          {t('parts.save')}
        </Button>
      </Group>
    </form>
  )
}
