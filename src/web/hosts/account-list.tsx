import { ActionIcon, Alert, Button, Group, Stack, Text } from '@mantine/core'
import { modals } from '@mantine/modals'
import { notifications } from '@mantine/notifications'
import { IconAlertTriangle, IconPlus, IconTrash } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asFailure } from '#client/failure-answer.ts'
import type { AccountView, AssetView } from '#wire/api/assets.ts'
import { api } from '../api.ts'
import { PublicHalf } from '../credentials/public-half.tsx'
import { notifyFailure } from '../parts/failure-notice.tsx'
import { linesOf, noLines } from './check-lines.ts'
import { CheckSteps } from './check-steps.tsx'
import type { FormField } from './host-draft.ts'
import { emptyLogin, fieldOfFailure, loginFaults, readAuth } from './host-draft.ts'
import classes from './hosts.module.css'
import { hostFailureWords, notifyHostFailure } from './in-use.ts'
import { renewHosts } from './kept-hosts.ts'
import { LoginFieldSet } from './login-fields.tsx'
import type { Dirty } from './unsaved.tsx'

type Props = { asset: AssetView; dirty: Dirty }
type ListProps = Props & {
  /** The key of the first account was made just now: its public half is shown. */
  fresh: boolean
}

/** The logins of a saved host; each is checked, given another secret, or deleted by itself. */
export function AccountList({ asset, dirty, fresh }: ListProps) {
  const { t } = useTranslation()
  const [open, setOpen] = useState<string>()
  const [half, setHalf] = useState(fresh ? asset.accounts[0]?.id : undefined)
  return (
    <fieldset className={classes['fields']}>
      <legend>{t('hosts.form.accounts')}</legend>
      {asset.accounts.map((account) => (
        <AccountRow
          key={account.id}
          asset={asset}
          dirty={dirty}
          account={account}
          open={open === account.id}
          half={half === account.id}
          onHalf={(wanted) => setHalf(wanted ? account.id : undefined)}
          onOpen={(wanted) => setOpen(wanted ? account.id : undefined)}
        />
      ))}
      {open === 'new' ? (
        <div className={classes['panel']}>
          <AccountForm
            asset={asset}
            dirty={dirty}
            onDone={(made) => {
              setOpen(undefined)
              if (made !== undefined) setHalf(made)
            }}
          />
        </div>
      ) : (
        <Button variant="default" leftSection={<IconPlus size={16} />} onClick={() => setOpen('new')} data-testid="add-account">
          {t('hosts.form.addAccount')}
        </Button>
      )}
    </fieldset>
  )
}

type RowProps = Props & { account: AccountView; open: boolean; onOpen: (open: boolean) => void; half: boolean; onHalf: (shown: boolean) => void }

function AccountRow({ asset, dirty, account, open, onOpen, half, onHalf }: RowProps) {
  const { t } = useTranslation()
  const check = useMutation({ mutationFn: () => api.assets.check({ id: asset.id, account: account.id }), onError: notifyFailure, onSuccess: renewHosts })
  const remove = useMutation({
    mutationFn: () => api.assets.removeAccount({ id: asset.id, account: account.id }),
    onSuccess: renewHosts,
    onError: notifyHostFailure,
  })
  const askRemove = () =>
    modals.openConfirmModal({
      title: t('hosts.form.removeAccount', { account: account.username }),
      children: <Text size="sm">{t('hosts.form.removeAccountText')}</Text>,
      labels: { confirm: t('hosts.remove'), cancel: t('parts.cancel') },
      confirmProps: { color: 'red' },
      onConfirm: () => remove.mutate(),
    })
  const { auth } = account
  const secret = auth.kind === 'credential' ? auth.auth : auth
  const kept =
    auth.kind === 'credential'
      ? t('hosts.form.kept.credential', { name: auth.name })
      : t(`hosts.form.kept.${auth.kind}`, { fingerprint: auth.kind === 'key' ? auth.fingerprint : '' })
  return (
    <Stack gap="xs" className={classes['panel']} data-testid="account">
      <Group justify="space-between" wrap="nowrap" gap="xs" align="flex-start">
        <div className={classes['shrink']}>
          <Text fw={600} size="sm" truncate title={account.username}>
            <bdi>{account.username}</bdi>
          </Text>
          <Text size="xs" className="quiet" truncate title={kept}>
            {kept}
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
      {secret.kind === 'key' && half ? (
        <PublicHalf publicKey={secret.publicKey} goal={{ username: account.username, address: asset.address, port: asset.port }} />
      ) : null}
      {check.isPending ? (
        <CheckSteps lines={{ ...noLines, reach: { state: 'running' } }} />
      ) : check.data ? (
        <CheckSteps lines={linesOf(check.data.steps)} />
      ) : null}
      {open ? (
        <AccountForm
          asset={asset}
          dirty={dirty}
          account={account}
          onDone={(made) => {
            onOpen(false)
            if (made !== undefined) onHalf(true)
          }}
        />
      ) : (
        <Group gap={4} ml={-8}>
          <Button size="compact-sm" variant="subtle" onClick={() => onOpen(true)}>
            {t('hosts.form.replace')}
          </Button>
          {secret.kind === 'key' ? (
            <Button size="compact-sm" variant="subtle" aria-expanded={half} onClick={() => onHalf(!half)} data-testid="show-half">
              {t(half ? 'credentials.half.hide' : 'credentials.half.show')}
            </Button>
          ) : null}
        </Group>
      )}
    </Stack>
  )
}

function AccountForm({ asset, dirty, account, onDone }: Props & { account?: AccountView; onDone: (generated?: string) => void }) {
  const { t } = useTranslation()
  const before = account?.auth
  const [login, setLogin] = useState({
    ...emptyLogin,
    username: account?.username ?? '',
    kind: before?.kind ?? emptyLogin.kind,
    ...(before?.kind === 'credential' ? { credential: before.id, credentialName: before.name } : {}),
  })
  const [tried, setTried] = useState(false)
  const leave = (generated?: string) => {
    dirty.current.delete('account')
    onDone(generated)
  }
  const save = useMutation({
    mutationFn: () => {
      const auth = readAuth(login)
      return account
        ? api.assets.updateAccount({ id: asset.id, account: account.id, auth })
        : api.assets.addAccount({ id: asset.id, username: login.username.trim(), auth })
    },
    async onSuccess(made) {
      await renewHosts()
      notifications.show({ color: 'green', message: t('hosts.form.accountSaved', { account: made.username }) })
      leave(login.kind === 'generate' ? made.id : undefined)
    },
  })
  const failure = save.error ? asFailure(save.error) : undefined
  const field = failure ? (failure.code === 'name_taken' ? 'username' : fieldOfFailure(failure)) : undefined
  const refused = (asked: FormField) => (failure && field === asked ? hostFailureWords(failure) : undefined)
  const trySave = () => {
    setTried(true)
    if (loginFaults(login).size === 0) save.mutate()
  }
  return (
    <Stack
      gap="xs"
      onKeyDown={(event) => {
        // It stands inside the form of the host, which Enter would send.
        if (event.key !== 'Enter' || event.defaultPrevented || event.nativeEvent.isComposing || !(event.target instanceof HTMLInputElement)) return
        event.preventDefault()
        trySave()
      }}
    >
      {failure && field === undefined ? (
        <Alert color="red" variant="light" className="tint-bad" icon={<IconAlertTriangle size={18} />} role="alert" py="xs">
          {hostFailureWords(failure)}
        </Alert>
      ) : null}
      <LoginFieldSet
        login={login}
        faults={tried ? loginFaults(login) : new Set()}
        refused={refused}
        onChange={(change) => {
          dirty.current.add('account')
          save.reset()
          setLogin((typed) => ({ ...typed, ...change }))
        }}
        withName={!account}
      />
      <Group justify="flex-end" gap="xs">
        <Button size="xs" variant="default" onClick={() => leave()}>
          {t('parts.cancel')}
        </Button>
        <Button size="xs" loading={save.isPending} data-testid="account-save" onClick={trySave}>
          {login.kind === 'generate' ? t('hosts.form.generateNow') : t('parts.save')}
        </Button>
      </Group>
    </Stack>
  )
}
