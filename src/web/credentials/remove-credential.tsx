import { Button, Group, Modal, Skeleton, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { asFailure } from '#client/failure-answer.ts'
import type { CredentialView } from '#wire/api/credentials.ts'
import { api } from '../api.ts'
import { FailureLine } from '../parts/failure-notice.tsx'
import classes from './credentials.module.css'
import { renewCredentials } from './one-credential.ts'

/** So many hosts are named before the rest is counted. */
const mostNames = 5

/** Deletes a credential that nothing uses; for one that is used it says which hosts do. */
export function RemoveCredential({ credential, onClose }: { credential: CredentialView; onClose: () => void }) {
  const { t } = useTranslation()
  const { id, name } = credential
  const remove = useMutation({
    mutationFn: () => api.credentials.remove({ id }),
    async onSuccess() {
      notifications.show({ message: t('credentials.removing.done', { name }) })
      await renewCredentials()
      onClose()
    },
  })
  // Somebody may have begun to use it meanwhile: then the server refuses, and it is asked again who does.
  const refused = remove.error !== null && asFailure(remove.error).code === 'conflict'
  const used = credential.hosts > 0 || refused
  const users = useQuery({
    queryKey: ['assets', 'of-credential', id],
    queryFn: ({ signal }) => api.assets.list({ credential: id, sort: 'name', size: mostNames }, { signal }),
    enabled: used,
  })
  const count = users.data?.total ?? credential.hosts
  if (used)
    return (
      <Modal opened onClose={onClose} title={t('credentials.removing.usedTitle', { name })} closeButtonProps={{ 'aria-label': t('parts.close') }}>
        <div className={classes['form']} data-testid="credential-used">
          <Text size="sm">{t('credentials.removing.used', { count })}</Text>
          <FailureLine error={users.error} />
          {users.data ? (
            <ul className={classes['names']}>
              {users.data.items.map((host) => (
                <li key={host.id} title={host.name}>
                  <bdi>{host.name}</bdi>
                </li>
              ))}
              {count > mostNames ? <li className="quiet">{t('credentials.removing.more', { count: count - mostNames })}</li> : null}
            </ul>
          ) : users.isPending ? (
            <Skeleton height={60} aria-label={t('parts.loading')} />
          ) : null}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('parts.close')}
            </Button>
            <Button renderRoot={(props) => <Link {...props} to="/hosts" search={{ credential: id }} />}>{t('credentials.removing.show')}</Button>
          </Group>
        </div>
      </Modal>
    )
  return (
    <Modal opened onClose={onClose} title={t('credentials.removing.title', { name })} closeButtonProps={{ 'aria-label': t('parts.close') }}>
      <div className={classes['form']}>
        <Text size="sm">{t('credentials.removing.text')}</Text>
        <FailureLine error={remove.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} data-autofocus>
            {t('parts.cancel')}
          </Button>
          <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()} data-testid="credential-remove">
            {t('credentials.removing.do', { name })}
          </Button>
        </Group>
      </div>
    </Modal>
  )
}
