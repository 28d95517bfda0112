// One change to all hosts that are selected.
import { Alert, Button, Group, Modal, NumberInput, Progress, Stack } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { AccountName } from '#domain/asset.ts'
import type { HostKeyPolicy } from '#domain/host-key.ts'
import { api } from '../api.ts'
import { notifyFailure } from '../parts/failure-notice.tsx'
import { BulkAccount, type BulkLogin } from './bulk-account.tsx'
import type { BulkKind, ChosenHost } from './bulk-change.ts'
import { undoOfTags } from './bulk-change.ts'
import { ChosenNames } from './chosen-names.tsx'
import classes from './hosts.module.css'
import { hostFailureWords } from './in-use.ts'
import { renewHosts } from './kept-hosts.ts'
import { PolicyField } from './policy-field.tsx'
import { TagsField } from './tags-field.tsx'
import { useBulk } from './use-bulk.ts'
import type { Via } from './via-field.tsx'
import { ViaField } from './via-field.tsx'

type Change = Omit<Parameters<typeof api.assets.changeMany>[0], 'ids'>
type Props = { kind: Exclude<BulkKind, 'remove'>; hosts: ChosenHost[]; onClose: () => void }

export function BulkDialog({ kind, hosts, onClose }: Props) {
  const { t } = useTranslation()
  const [add, setAdd] = useState<string[]>([])
  const [take, setTake] = useState<string[]>([])
  const [policy, setPolicy] = useState<HostKeyPolicy>('strict')
  const [via, setVia] = useState<Via | null>(null)
  const [port, setPort] = useState<number | string>(22)
  const [login, setLogin] = useState<BulkLogin>({ username: '', credential: null })
  const { start, ...run } = useBulk()
  const change: Change | undefined = (() => {
    switch (kind) {
      case 'tags':
        return add.length + take.length === 0 ? undefined : { ...(add.length > 0 ? { addTags: add } : {}), ...(take.length > 0 ? { removeTags: take } : {}) }
      case 'policy':
        return { hostKeyPolicy: policy }
      case 'via':
        return via && via.account === '' ? undefined : { via: via ? { asset: via.asset, account: via.account } : null }
      case 'port':
        return typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= 65_535 ? { port } : undefined
      case 'account':
        return AccountName.safeParse(login.username.trim()).success
          ? { account: { username: login.username.trim(), auth: login.credential === null ? { kind: 'ask' } : { kind: 'credential', id: login.credential } } }
          : undefined
      default:
        return kind satisfies never
    }
  })()
  const apply = async () => {
    if (!change) return
    const done = await start(
      hosts.map(({ id }) => id),
      (ids) => api.assets.changeMany({ ids, ...change }),
    )
    if (!done) return
    onClose()
    const undo = kind === 'tags' ? undoOfTags(hosts, { addTags: add, removeTags: take }) : []
    tellDone(
      t('hosts.bulk.changed', { count: hosts.length }),
      undo.length === 0 ? undefined : { label: t('hosts.bulk.undo'), did: t('hosts.bulk.undone'), changes: undo },
    )
  }
  return (
    <Modal
      opened
      onClose={run.running ? () => undefined : onClose}
      title={t(`hosts.bulk.title.${kind}`, { count: hosts.length })}
      closeButtonProps={{ 'aria-label': t('parts.close') }}
      size="lg"
    >
      <form
        noValidate
        autoComplete="off"
        onSubmit={(event) => {
          event.preventDefault()
          void apply()
        }}
      >
        <Stack gap="md">
          <ChosenNames hosts={hosts} />
          {run.error ? (
            <Alert color="red" variant="light" className="tint-bad" icon={<IconAlertTriangle size={18} />} role="alert" py="xs">
              {run.done > 0 ? `${t('hosts.bulk.partly', { done: run.done, total: run.total })} ` : `${t('hosts.bulk.none')} `}
              {hostFailureWords(run.error)}
            </Alert>
          ) : null}
          {kind === 'tags' ? (
            <>
              <TagsField label={t('hosts.bulk.addTags')} value={add} onChange={setAdd} focus />
              <TagsField label={t('hosts.bulk.removeTags')} value={take} onChange={setTake} among={[...new Set(hosts.flatMap(({ tags }) => tags))]} />
            </>
          ) : kind === 'policy' ? (
            <PolicyField value={policy} onChange={setPolicy} />
          ) : kind === 'via' ? (
            <ViaField value={via} onChange={setVia} not={hosts.map(({ id }) => id)} />
          ) : kind === 'port' ? (
            <NumberInput
              label={t('hosts.form.port')}
              value={port}
              onChange={setPort}
              min={1}
              max={65_535}
              allowDecimal={false}
              hideControls
              w={140}
              data-autofocus
            />
          ) : (
            <BulkAccount value={login} onChange={setLogin} />
          )}
          {run.running ? <Progress value={run.total === 0 ? 0 : (run.done / run.total) * 100} animated aria-label={t('hosts.bulk.running')} /> : null}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose} disabled={run.running}>
              {t('parts.cancel')}
            </Button>
            <Button type="submit" loading={run.running} disabled={!change} data-testid="bulk-apply">
              {t('hosts.bulk.apply', { count: hosts.length })}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

/** Says what was done; a change of tags can be taken back from there. */
function tellDone(message: string, undo: { label: string; did: string; changes: ReturnType<typeof undoOfTags> } | undefined): void {
  const id = notifications.show({
    color: 'green',
    autoClose: undo ? 15_000 : 5000,
    message: undo ? (
      <span className={classes['undo']}>
        {message}
        <Button
          size="compact-sm"
          variant="light"
          onClick={() => {
            notifications.hide(id)
            void takeBack(undo)
          }}
        >
          {undo.label}
        </Button>
      </span>
    ) : (
      message
    ),
  })
}

async function takeBack({ did, changes }: { did: string; changes: ReturnType<typeof undoOfTags> }): Promise<void> {
  try {
    for (const change of changes) await api.assets.changeMany(change)
    notifications.show({ color: 'green', message: did })
  } catch (error) {
    notifyFailure(error)
  } finally {
    await renewHosts()
  }
}
