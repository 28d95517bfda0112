import { Alert, Button, Group, Text, Title } from '@mantine/core'
import { modals } from '@mantine/modals'
import { notifications } from '@mantine/notifications'
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { renewHosts } from '../hosts/kept-hosts.ts'
import { notifyFailure, useFailureWords } from '../parts/failure-notice.tsx'
import classes from './import.module.css'
import { type ImportRun, undoImport } from './run-import.ts'

type Props = { run: ImportRun; tags: string[]; onAgain: () => void; onClose: () => void }
const mostShown = 100

/** What came of it, with the way to what was made and the way back. */
export function ImportDone({ run, tags, onAgain, onClose }: Props) {
  const { t } = useTranslation()
  const words = useFailureWords()
  const navigate = useNavigate()
  const of = (outcome: string) => run.outcomes.filter((one) => one.outcome === outcome)
  const [created, exists] = [of('created').length, of('exists').length]
  const refused = [
    ...run.unsent.map(({ name, fault }) => ({ name, why: t(`imports.fault.${fault}`) })),
    ...of('refused').map(({ name, failure }) => ({ name, why: t(`failure.${failure?.code ?? 'internal'}`) })),
  ]
  const undo = useMutation({
    mutationFn: () => undoImport(run),
    onSuccess() {
      notifications.show({ color: 'green', message: t('imports.done.undone') })
      onAgain()
    },
    onError: notifyFailure,
    onSettled: renewHosts,
  })
  const askUndo = () =>
    modals.openConfirmModal({
      title: t('imports.done.undoTitle', { count: created }),
      children: <Text size="sm">{t('imports.done.undoText')}</Text>,
      labels: { confirm: t('imports.done.undoDo'), cancel: t('parts.cancel') },
      confirmProps: { color: 'red' },
      onConfirm: () => undo.mutate(),
    })
  const [tag] = tags
  return (
    <div className={classes['done']} data-testid="import-outcome">
      <Group gap="sm" wrap="nowrap" align="center">
        {created > 0 ? (
          <IconCircleCheck size={30} className={classes['ok'] ?? ''} aria-hidden />
        ) : (
          <IconAlertTriangle size={30} className="quiet" aria-hidden />
        )}
        <Title order={2} tabIndex={-1}>
          {created > 0 ? t('imports.done.title', { count: created }) : t('imports.done.none')}
        </Title>
      </Group>
      {run.stopped === undefined ? null : (
        <Alert color="red" variant="light" className="tint-bad" icon={<IconAlertTriangle size={18} />} role="alert">
          {t('imports.done.stopped')} {words(run.stopped)}
        </Alert>
      )}
      {exists > 0 ? <Text size="sm">{t('imports.done.exists', { count: exists })}</Text> : null}
      {refused.length > 0 ? (
        <div>
          <Text size="sm">{t('imports.done.refused', { count: refused.length })}</Text>
          <ul className={classes['refused']} tabIndex={0} aria-label={t('imports.done.refused', { count: refused.length })}>
            {refused.slice(0, mostShown).map(({ name, why }, index) => (
              <li key={index}>
                <b>{name}</b> <span className="quiet">{why}</span>
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      <Group justify="space-between" mt="md">
        <Group gap="xs">
          {created > 0 ? (
            <Button variant="default" color="red" onClick={askUndo} loading={undo.isPending} data-testid="import-undo">
              {t('imports.done.undo')}
            </Button>
          ) : null}
          <Button variant="default" onClick={onAgain}>
            {t('imports.done.again')}
          </Button>
        </Group>
        <Group gap="xs">
          {created > 0 ? (
            <Button
              data-autofocus
              data-testid="import-show"
              onClick={() => void navigate({ to: '/hosts', search: tag === undefined ? { sort: '-createdAt' } : { tag } })}
            >
              {t('imports.done.show')}
            </Button>
          ) : (
            <Button onClick={onClose}>{t('parts.close')}</Button>
          )}
        </Group>
      </Group>
    </div>
  )
}
