import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SessionView } from '#wire/api/sessions.ts'
import { api, queries } from '../api.ts'
import { FailureLine } from '../parts/failure-notice.tsx'

/** Ends a session, with a reason that its operator will read. */
export function TerminateDialog({ session, onClose }: { session: Pick<SessionView, 'id' | 'operator' | 'asset'>; onClose: () => void }) {
  const { t } = useTranslation()
  const [reason, setReason] = useState('')
  const [tried, setTried] = useState(false)
  const end = useMutation({
    mutationFn: () => api.sessions.terminate({ id: session.id, reason: reason.trim() }),
    async onSuccess() {
      notifications.show({ message: t('sessions.terminated', { host: session.asset }) })
      onClose()
      await queries.invalidateQueries({ queryKey: ['sessions'] })
    },
  })
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('sessions.terminateTitle', { operator: session.operator, host: session.asset })}
      closeButtonProps={{ 'aria-label': t('parts.close') }}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (reason.trim() !== '') end.mutate()
        }}
      >
        <Stack gap="md">
          <Text size="sm" className="quiet">
            {t('sessions.terminateText')}
          </Text>
          <FailureLine error={end.error} />
          <Textarea
            label={t('sessions.reason')}
            name="reason"
            data-autofocus
            autosize
            minRows={2}
            maxRows={6}
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            error={tried && reason.trim() === '' ? t('sessions.reasonNeeded') : undefined}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('parts.cancel')}
            </Button>
            <Button type="submit" color="red" loading={end.isPending}>
              {t('sessions.terminateDo')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
