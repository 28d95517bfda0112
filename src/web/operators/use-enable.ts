import { notifications } from '@mantine/notifications'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { OperatorDetail } from '#wire/api/operators.ts'
import { api } from '../api.ts'
import { renewAccess } from '../grants/one-grant.ts'
import { notifyFailure } from '../parts/failure-notice.tsx'

type Person = Pick<OperatorDetail, 'id' | 'name'>

/** Enables or disables a person, and says so. */
export function useEnable(onDone?: () => void) {
  const { t } = useTranslation()
  const change = useMutation({
    mutationFn: ({ person, enabled }: { person: Person; enabled: boolean }) => api.operators.update({ id: person.id, enabled }),
    async onSuccess(_, { person, enabled }) {
      notifications.show({
        color: enabled ? 'green' : 'gray',
        message: t(enabled ? 'operators.disabling.enabled' : 'operators.disabling.done', { name: person.name }),
      })
      await renewAccess()
      onDone?.()
    },
    onError: (error) => (onDone ? undefined : notifyFailure(error)),
  })
  return { setEnabled: (person: Person, enabled: boolean) => change.mutate({ person, enabled }), isPending: change.isPending, error: change.error }
}
