import { Button, Group, Modal, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { GroupView } from '#wire/api/access.ts'
import { api } from '../api.ts'
import { renewAccess } from '../grants/one-grant.ts'
import { FailureLine } from '../parts/failure-notice.tsx'
import classes from './groups.module.css'

/** So many grants are named before the rest is counted. */
const mostNames = 6

/** Names the group, says what its people lose, and asks once. */
export function RemoveGroup({ group, onClose }: { group: GroupView; onClose: () => void }) {
  const { t } = useTranslation()
  const { id, name, members, grants } = group
  const remove = useMutation({
    mutationFn: () => api.groups.remove({ id }),
    async onSuccess() {
      notifications.show({ message: t('groups.removing.done', { name }) })
      await renewAccess()
      onClose()
    },
  })
  return (
    <Modal opened onClose={onClose} title={t('groups.removing.title', { name })} closeButtonProps={{ 'aria-label': t('parts.close') }}>
      <div className={classes['form']}>
        <Text size="sm">{members.length === 0 ? t('groups.removing.text_zero') : t('groups.removing.text', { count: members.length })}</Text>
        <Text size="sm">{grants.length === 0 ? t('groups.removing.none') : t('groups.removing.takes')}</Text>
        {grants.length === 0 ? null : (
          <ul className={classes['names']}>
            {grants.slice(0, mostNames).map((grant) => (
              <li key={grant.id} title={grant.name}>
                <bdi>{grant.name}</bdi>
              </li>
            ))}
            {grants.length > mostNames ? <li className={`quiet ${classes['rest'] ?? ''}`}>{t('groups.more', { count: grants.length - mostNames })}</li> : null}
          </ul>
        )}
        <FailureLine error={remove.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} data-autofocus>
            {t('parts.cancel')}
          </Button>
          <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()} data-testid="group-remove">
            {t('groups.removing.do', { name })}
          </Button>
        </Group>
      </div>
    </Modal>
  )
}
