import { ActionIcon, Button, Group, Stack, Text } from '@mantine/core'
import { modals } from '@mantine/modals'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asFailure } from '#client/failure-answer.ts'
import type { AssetView } from '#wire/api/assets.ts'
import { api, queries } from '../api.ts'
import { notifyFailure, useFailureWords } from '../parts/failure-notice.tsx'
import { linesOf, noLines } from './check-lines.ts'
import { CheckSteps } from './check-steps.tsx'
import type { FormField } from './host-draft.ts'
import { emptyLogin, fieldOfFailure, loginFaults, readAuth } from './host-draft.ts'
import classes from './hosts.module.css'
import { LoginFieldSet } from './login-fields.tsx'

type Account = AssetView['accounts'][number]
const refresh = () => queries.invalidateQueries({ queryKey: ['assets'] })

/** The logins of a saved host; each is checked, given another secret, or deleted by itself. */
export function AccountList({ asset }: { asset: AssetView }) {
  const { t } = useTranslation()
  const [open, setOpen] = useState<string>()
  return (
    <fieldset className={classes['fields']}>
      <legend>{t('hosts.form.accounts')}</legend>
      {asset.accounts.map((account) => (
        <AccountRow key={account.id} asset={asset} account={account} open={open === account.id} onOpen={(wanted) => setOpen(wanted ? account.id : undefined)} />
      ))}
      {open === 'new' ? (
        <AccountForm asset={asset} onDone={() => setOpen(undefined)} />
      ) : (
        <Button variant="default" leftSection={<IconPlus size={16} />} onClick={() => setOpen('new')}>
          {t('hosts.form.addAccount')}
        </Button>
      )}
    </fieldset>
  )
}

function AccountRow({ asset, account, open, onOpen }: { asset: AssetView; account: Account; open: boolean; onOpen: (open: boolean) => void }) {
  const { t } = useTranslation()
  const check = useMutation({ mutationFn: () => api.assets.check({ id: asset.id, account: account.id }), onError: notifyFailure })
  const remove = useMutation({ mutationFn: () => api.assets.removeAccount({ id: asset.id, account: account.id }), onSuccess: refresh, onError: notifyFailure })
  const askRemove = () =>
    modals.openConfirmModal({
      title: t('hosts.form.removeAccount', { account: account.username }),
      children: <Text size="sm">{t('hosts.form.removeAccountText')}</Text>,
      labels: { confirm: t('hosts.remove'), cancel: t('parts.cancel') },
      confirmProps: { color: 'red' },
      onConfirm: () => remove.mutate(),
    })
  return (
    <Stack gap="xs" className={classes['panel']}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <div className={classes['shrink']}>
          <Text fw={600} size="sm" truncate>
            {account.username}
          </Text>
          <Text size="xs" className="quiet" truncate>
            {t(`hosts.form.kept.${account.auth.kind}`, { fingerprint: account.auth.kind === 'key' ? account.auth.fingerprint : '' })}
          </Text>
        </div>
        <Group gap={6} wrap="nowrap">
          <Button size="compact-sm" variant="default" loading={check.isPending} onClick={() => check.mutate()}>
            {t('hosts.check')}
          </Button>
          <ActionIcon
            variant="subtle"
            color="red"
            aria-label={t('hosts.form.removeAccount', { account: account.username })}
            onClick={askRemove}
            loading={remove.isPending}
          >
            <IconTrash size={17} />
          </ActionIcon>
        </Group>
      </Group>
      {check.isPending ? (
        <CheckSteps lines={{ ...noLines, reach: { state: 'running' } }} />
      ) : check.data ? (
        <CheckSteps lines={linesOf(check.data.steps)} />
      ) : null}
      {open ? (
        <AccountForm asset={asset} account={account} onDone={() => onOpen(false)} />
      ) : (
        <Button size="compact-sm" variant="subtle" onClick={() => onOpen(true)} className={classes['start']}>
          {t('hosts.form.replace')}
        </Button>
      )}
    </Stack>
  )
}

function AccountForm({ asset, account, onDone }: { asset: AssetView; account?: Account; onDone: () => void }) {
  const { t } = useTranslation()
  const words = useFailureWords()
  const [login, setLogin] = useState({
    ...emptyLogin,
    username: account?.username ?? '',
    kind: account && account.auth.kind !== 'credential' ? account.auth.kind : emptyLogin.kind,
  })
  const [tried, setTried] = useState(false)
  const save = useMutation({
    mutationFn: () => {
      const auth = readAuth(login)
      return account
        ? api.assets.updateAccount({ id: asset.id, account: account.id, auth })
        : api.assets.addAccount({ id: asset.id, username: login.username.trim(), auth })
    },
    async onSuccess() {
      await refresh()
      onDone()
    },
  })
  const failure = save.error ? asFailure(save.error) : undefined
  const field = failure ? (failure.code === 'name_taken' ? 'username' : fieldOfFailure(failure)) : undefined
  const refused = (asked: FormField) => (failure && field === asked ? words(failure) : undefined)
  return (
    <Stack gap="xs">
      {failure && field === undefined ? (
        <Text size="sm" c="red" role="alert">
          {words(failure)}
        </Text>
      ) : null}
      <LoginFieldSet
        login={login}
        faults={tried ? loginFaults(login) : new Set()}
        refused={refused}
        onChange={(change) => setLogin((before) => ({ ...before, ...change }))}
        withName={!account}
      />
      <Group justify="flex-end" gap="xs">
        <Button size="xs" variant="default" onClick={onDone}>
          {t('parts.cancel')}
        </Button>
        <Button
          size="xs"
          loading={save.isPending}
          onClick={() => {
            setTried(true)
            if (loginFaults(login).size === 0) save.mutate()
          }}
        >
          {t('parts.save')}
        </Button>
      </Group>
    </Stack>
  )
}
