import { Anchor, Button, Skeleton, Text } from '@mantine/core'
import { modals } from '@mantine/modals'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Suspense, lazy, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asFailure } from '#client/failure-answer.ts'
import { maxOperatorKeys } from '#wire/api/door.ts'
import { api, queries } from '../api.ts'
import { FailureLine, notifyFailure } from '../parts/failure-notice.tsx'
import { SectionCard } from '../parts/section-card.tsx'
import { CopyLine } from '../second-factor/copy-line.tsx'
import { placeOf, sshLine } from '../ssh-door/connect-lines.ts'
import { doorQuery } from '../ssh-door/door-query.ts'
import classes from './account.module.css'
import { KeyRows } from './key-rows.tsx'

const AddKeyDialog = lazy(async () => ({ default: (await import('./add-key-dialog.tsx')).AddKeyDialog }))
/** One may be enrolled in a terminal meanwhile, and be seen here when the person comes back. */
const askEveryMs = 15_000

export function SshKeysSection() {
  const { t } = useTranslation()
  const [isAdding, setAdding] = useState(false)
  const answer = useQuery({ queryKey: ['ssh-keys'], queryFn: ({ signal }) => api.operatorKeys.list(undefined, { signal }), refetchInterval: askEveryMs })
  const remove = useMutation({
    mutationFn: (id: string) => api.operatorKeys.remove({ id }),
    onSuccess: () => void notifications.show({ color: 'green', message: t('sshKeys.removed') }),
    // It is gone already: that is what was wanted.
    onError: (error) => (asFailure(error).code === 'operator_key_not_found' ? undefined : notifyFailure(error)),
    onSettled: () => Promise.all([queries.invalidateQueries({ queryKey: ['ssh-keys'] }), queries.invalidateQueries({ queryKey: ['sign-ins'] })]),
  })
  const ask = ({ id, name }: { id: string; name: string }) =>
    modals.openConfirmModal({
      title: t('sshKeys.removeTitle', { name }),
      children: t('sshKeys.removeText'),
      labels: { confirm: t('sshKeys.remove'), cancel: t('parts.cancel') },
      confirmProps: { color: 'red' },
      onConfirm: () => remove.mutate(id),
    })
  const items = answer.data?.items
  const isFull = (items?.length ?? 0) >= maxOperatorKeys
  return (
    <SectionCard
      id="ssh-keys"
      title={t('sshKeys.title')}
      text={t('sshKeys.text')}
      acts={
        <Button variant="default" onClick={() => setAdding(true)} disabled={isFull} data-testid="add-ssh-key">
          {t('sshKeys.add')}
        </Button>
      }
    >
      {isFull ? (
        <Text size="sm" className="quiet" mb="sm">
          {t('sshKeys.most', { count: items?.length ?? 0 })}
        </Text>
      ) : null}
      {items ? (
        items.length === 0 ? (
          <NoKey />
        ) : (
          <KeyRows label={t('sshKeys.title')} items={items} onRemove={ask} />
        )
      ) : answer.error ? (
        <FailureLine error={answer.error} />
      ) : (
        <Skeleton height={90} aria-label={t('parts.loading')} />
      )}
      <Anchor size="sm" mt="md" display="inline-block" renderRoot={(props) => <Link {...props} to="/ssh" />}>
        {t('sshKeys.how')}
      </Anchor>
      <Suspense fallback={null}>{isAdding ? <AddKeyDialog onClose={() => setAdding(false)} /> : null}</Suspense>
    </SectionCard>
  )
}

/** How one is made, and the two ways to bring it here. */
function NoKey() {
  const { t } = useTranslation()
  const door = useQuery(doorQuery)
  const place = door.data && placeOf(door.data)
  return (
    <div className={classes['choices']} data-testid="no-ssh-key">
      <div>
        <Text size="sm" className="quiet" mb={6}>
          {t('sshKeys.empty')}
        </Text>
        <CopyLine label={t('sshKeys.make')} text="ssh-keygen -t ed25519" testId="make-key" />
      </div>
      <div>
        <Text size="sm" className="quiet" mb={6}>
          {t(place ? 'sshKeys.emptyThen' : 'sshKeys.emptyThenShut')}
        </Text>
        {place ? <CopyLine label={t('sshKeys.enroll')} text={sshLine(place, 'enroll')} testId="enroll-line" /> : null}
      </div>
    </div>
  )
}
