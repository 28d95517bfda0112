import { Alert, Button, Group, Modal, Progress, Stack, Text, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { hostFailureWords } from './in-use.ts'
import type { ChosenHost } from './bulk-change.ts'
import { mostWithoutTyping } from './bulk-change.ts'
import { ChosenNames } from './chosen-names.tsx'
import { useBulk } from './use-bulk.ts'

/** Deletes what is selected; asks once, and for many wants their number typed. */
export function RemoveHosts({ hosts, onClose, onRemoved }: { hosts: ChosenHost[]; onClose: () => void; onRemoved: () => void }) {
  const { t } = useTranslation()
  const [typed, setTyped] = useState('')
  const { start, ...run } = useBulk()
  const count = hosts.length
  const mustType = count > mostWithoutTyping
  const remove = async () => {
    const done = await start(
      hosts.map(({ id }) => id),
      (ids) => api.assets.removeMany({ ids }),
      run.done,
    )
    if (!done) return
    onRemoved()
    notifications.show({ color: 'green', message: t('hosts.bulk.removed', { count }) })
  }
  return (
    <Modal
      opened
      onClose={run.running ? () => undefined : onClose}
      title={t('hosts.bulk.title.remove', { count })}
      closeButtonProps={{ 'aria-label': t('parts.close') }}
    >
      <form
        noValidate
        autoComplete="off"
        onSubmit={(event) => {
          event.preventDefault()
          if (!mustType || typed.trim() === String(count)) void remove()
        }}
      >
        <Stack gap="md">
          <ChosenNames hosts={hosts} />
          <Text size="sm">{t('hosts.bulk.removeText')}</Text>
          {run.error ? (
            <Alert color="red" variant="light" className="tint-bad" icon={<IconAlertTriangle size={18} />} role="alert" py="xs">
              {run.done > 0 ? `${t('hosts.bulk.partly', { done: run.done, total: run.total })} ` : `${t('hosts.bulk.none')} `}
              {hostFailureWords(run.error)}
            </Alert>
          ) : null}
          {mustType ? (
            <TextInput
              label={t('hosts.bulk.type', { count })}
              value={typed}
              inputMode="numeric"
              maxLength={6}
              data-autofocus
              onChange={(event) => setTyped(event.currentTarget.value)}
              name="confirm-count"
            />
          ) : null}
          {run.running ? <Progress value={run.total === 0 ? 0 : (run.done / run.total) * 100} animated aria-label={t('hosts.bulk.running')} /> : null}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose} disabled={run.running} data-autofocus={mustType ? undefined : true}>
              {t('parts.cancel')}
            </Button>
            <Button type="submit" color="red" loading={run.running} disabled={mustType && typed.trim() !== String(count)} data-testid="bulk-remove">
              {t('hosts.bulk.remove', { count })}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
