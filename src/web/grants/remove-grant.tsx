import { Button, Group, Modal, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { GrantView } from '#wire/api/access.ts'
import { api } from '../api.ts'
import { FailureLine } from '../parts/failure-notice.tsx'
import { useLanguage } from '../parts/use-language.ts'
import { saidView } from './grant-draft.ts'
import { sayGrant } from './grant-words.ts'
import classes from './grants.module.css'
import { renewAccess } from './one-grant.ts'

/** As many live sessions as the API gives at once; with more nothing is counted. */
const mostCounted = 200

/** Names the grant, says what goes with it, and asks once. */
export function RemoveGrant({ grant, onClose }: { grant: GrantView; onClose: () => void }) {
  const { t } = useTranslation()
  const language = useLanguage()
  const { id, name } = grant
  const live = useQuery({
    queryKey: ['sessions', 'by-grant', id],
    async queryFn({ signal }) {
      const { items, total } = await api.sessions.list({ state: 'live', page: 1, size: mostCounted }, { signal })
      return total > items.length ? null : items.filter(({ grants }) => grants?.length === 1 && grants[0] === name).length
    },
    staleTime: 0,
    retry: false,
  })
  const remove = useMutation({
    mutationFn: () => api.grants.remove({ id }),
    async onSuccess() {
      notifications.show({ message: t('grants.removing.done', { name }) })
      await renewAccess()
      onClose()
    },
  })
  const { may } = sayGrant(saidView(grant), { t, language })
  return (
    <Modal opened onClose={onClose} title={t('grants.removing.title', { name })} closeButtonProps={{ 'aria-label': t('parts.close') }}>
      <div className={classes['dialog']}>
        <blockquote className={classes['quote']}>
          <bdi>{may}</bdi>
        </blockquote>
        <Text size="sm">{t('grants.removing.text')}</Text>
        <Text size="sm" data-testid="grant-ends">
          {live.data === undefined && !live.error
            ? '…'
            : typeof live.data === 'number'
              ? t(live.data === 0 ? 'grants.removing.ends_zero' : 'grants.removing.ends', { count: live.data })
              : t('grants.removing.endsUnknown')}
        </Text>
        <FailureLine error={remove.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} data-autofocus>
            {t('parts.cancel')}
          </Button>
          <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()} data-testid="grant-remove">
            {t('grants.removing.do', { name })}
          </Button>
        </Group>
      </div>
    </Modal>
  )
}
