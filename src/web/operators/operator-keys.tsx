import { Modal, Skeleton, Text } from '@mantine/core'
import { modals } from '@mantine/modals'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { asFailure } from '#client/failure-answer.ts'
import type { OperatorDetail } from '#wire/api/operators.ts'
import { KeyRows } from '../account/key-rows.tsx'
import { api, queries } from '../api.ts'
import { FailureLine, notifyFailure } from '../parts/failure-notice.tsx'

/** With what somebody signs in at the SSH door; an administrator sees and removes, and never adds. */
export function OperatorKeys({ person, onClose }: { person: OperatorDetail; onClose: () => void }) {
  const { t } = useTranslation()
  const queryKey = ['ssh-keys', person.id]
  const answer = useQuery({ queryKey, queryFn: ({ signal }) => api.operatorKeys.listOf({ id: person.id }, { signal }) })
  const remove = useMutation({
    mutationFn: (key: string) => api.operatorKeys.removeOf({ id: person.id, key }),
    onSuccess: () => void notifications.show({ color: 'green', message: t('sshKeys.removed') }),
    // It is gone already: that is what was wanted.
    onError: (error) => (asFailure(error).code === 'operator_key_not_found' ? undefined : notifyFailure(error)),
    onSettled: () => queries.invalidateQueries({ queryKey }),
  })
  const ask = ({ id, name }: { id: string; name: string }) =>
    modals.openConfirmModal({
      title: t('sshKeys.removeTitle', { name }),
      children: t('sshKeys.ofOperator.removeText', { name: person.name }),
      labels: { confirm: t('sshKeys.remove'), cancel: t('parts.cancel') },
      confirmProps: { color: 'red' },
      onConfirm: () => remove.mutate(id),
    })
  const title = t('sshKeys.ofOperator.title', { name: person.name })
  return (
    <Modal opened onClose={onClose} size="lg" title={title} closeButtonProps={{ 'aria-label': t('parts.close') }}>
      {answer.data ? (
        answer.data.items.length === 0 ? (
          <Text size="sm" className="quiet" pb="sm">
            {t('sshKeys.ofOperator.empty', { name: person.name })}
          </Text>
        ) : (
          <KeyRows label={title} items={answer.data.items} onRemove={ask} />
        )
      ) : answer.error ? (
        <FailureLine error={answer.error} />
      ) : (
        <Skeleton height={120} aria-label={t('parts.loading')} />
      )}
    </Modal>
  )
}
