// What is done to a person and is asked once: each names them and says what comes of it.
import { Button, Group, Modal, Text, Textarea } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { OperatorDetail } from '#wire/api/operators.ts'
import { api } from '../api.ts'
import { renewAccess } from '../grants/one-grant.ts'
import { FailureLine } from '../parts/failure-notice.tsx'
import { makePassword } from './first-password.ts'
import { type Handed, HandedOver } from './handed-over.tsx'
import { OperatorKeys } from './operator-keys.tsx'
import type { OperatorAct } from './operator-menu.tsx'
import classes from './operators.module.css'
import { useEnable } from './use-enable.ts'

type Props = { person: OperatorDetail; onClose: () => void }

export function OperatorActDialog({ act, ...props }: Props & { act: OperatorAct }) {
  switch (act) {
    case 'keys':
      return <OperatorKeys {...props} />
    case 'password':
      return <SetPassword {...props} />
    case 'end':
      return <EndSessions {...props} />
    case 'disable':
      return <Disable {...props} />
    case 'factor':
      return <RemoveFactor {...props} />
    case 'remove':
      return <Remove {...props} />
  }
}

type AskProps = {
  title: string
  texts: string[]
  confirm: string
  danger?: boolean
  isPending: boolean
  error: unknown
  onConfirm: () => void
  onClose: () => void
  children?: React.ReactNode
}
function Ask({ title, texts, confirm, danger = true, isPending, error, onConfirm, onClose, children }: AskProps) {
  const { t } = useTranslation()
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t('parts.close') }}>
      <form
        noValidate
        className={classes['form']}
        onSubmit={(event) => {
          event.preventDefault()
          onConfirm()
        }}
      >
        {texts.map((text) => (
          <Text key={text} size="sm">
            {text}
          </Text>
        ))}
        {children}
        <FailureLine error={error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} data-autofocus={children === undefined || undefined}>
            {t('parts.cancel')}
          </Button>
          <Button type="submit" {...(danger ? { color: 'red' } : {})} loading={isPending} data-testid="act-confirm">
            {confirm}
          </Button>
        </Group>
      </form>
    </Modal>
  )
}

function SetPassword({ person, onClose }: Props) {
  const { t } = useTranslation()
  const { id, name, username } = person
  const [handed, setHanded] = useState<Handed>()
  const set = useMutation({
    async mutationFn() {
      const password = makePassword()
      await api.operators.setPassword({ id, password })
      return password
    },
    async onSuccess(password) {
      setHanded({ id, name, username, password, fresh: false })
      await renewAccess()
    },
  })
  if (handed)
    return (
      <Modal
        opened
        onClose={onClose}
        closeOnClickOutside={false}
        closeOnEscape={false}
        size="lg"
        title={t('operators.made.reset', { name })}
        closeButtonProps={{ 'aria-label': t('parts.close') }}
      >
        <HandedOver handed={handed} onDone={onClose} />
      </Modal>
    )
  return (
    <Ask
      title={t('operators.setting.title', { name })}
      texts={[t('operators.setting.text')]}
      confirm={t('operators.setting.do')}
      isPending={set.isPending}
      error={set.error}
      onConfirm={() => set.mutate()}
      onClose={onClose}
    />
  )
}

function EndSessions({ person, onClose }: Props) {
  const { t } = useTranslation()
  const { id, name } = person
  const [reason, setReason] = useState('')
  const [tried, setTried] = useState(false)
  const end = useMutation({
    mutationFn: () => api.operators.endSessions({ id, reason: reason.trim() }),
    async onSuccess({ sessions, signIns }) {
      notifications.show({ message: t('operators.ending.done', { name, sessions, signIns }) })
      await renewAccess()
      onClose()
    },
  })
  return (
    <Ask
      title={t('operators.ending.title', { name })}
      texts={[t('operators.ending.text')]}
      confirm={t('operators.ending.do')}
      isPending={end.isPending}
      error={end.error}
      onConfirm={() => {
        setTried(true)
        if (reason.trim() !== '') end.mutate()
      }}
      onClose={onClose}
    >
      <Textarea
        label={t('operators.ending.reason')}
        description={t('operators.ending.reasonHelp')}
        name="reason"
        data-autofocus
        autosize
        minRows={2}
        maxRows={6}
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        error={tried && reason.trim() === '' ? t('operators.ending.reasonNeeded') : undefined}
      />
    </Ask>
  )
}

function Disable({ person, onClose }: Props) {
  const { t } = useTranslation()
  const { name, sessions } = person
  const { setEnabled, isPending, error } = useEnable(onClose)
  return (
    <Ask
      title={t('operators.disabling.title', { name })}
      texts={[sessions === 0 ? t('operators.disabling.text_zero') : t('operators.disabling.text', { count: sessions })]}
      confirm={t('operators.disabling.do', { name })}
      isPending={isPending}
      error={error}
      onConfirm={() => setEnabled(person, false)}
      onClose={onClose}
    />
  )
}

function RemoveFactor({ person, onClose }: Props) {
  const { t } = useTranslation()
  const { id, name } = person
  const remove = useMutation({
    mutationFn: () => api.operators.removeSecondFactor({ id }),
    async onSuccess() {
      notifications.show({ message: t('operators.factoring.done', { name }) })
      await renewAccess()
      onClose()
    },
  })
  return (
    <Ask
      title={t('operators.factoring.title', { name })}
      texts={[t('operators.factoring.text')]}
      confirm={t('operators.factoring.do')}
      isPending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  )
}

function Remove({ person, onClose }: Props) {
  const { t } = useTranslation()
  const { id, name } = person
  const remove = useMutation({
    mutationFn: () => api.operators.remove({ id }),
    async onSuccess() {
      notifications.show({ message: t('operators.removing.done', { name }) })
      await renewAccess()
      onClose()
    },
  })
  return (
    <Ask
      title={t('operators.removing.title', { name })}
      texts={[t('operators.removing.text'), t('operators.removing.kept')]}
      confirm={t('operators.removing.do', { name })}
      isPending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  )
}
