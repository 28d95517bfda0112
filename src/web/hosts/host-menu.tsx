import { ActionIcon, Menu, Text } from '@mantine/core'
import { modals } from '@mantine/modals'
import { notifications } from '@mantine/notifications'
import { IconDots, IconFolder, IconListSearch, IconPencil, IconShieldCheck, IconTerminal, IconTrash } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { AssetView } from '#wire/api/assets.ts'
import { api } from '../api.ts'
import { showHostFiles } from '../files/open-panels.ts'
import { notifyHostFailure } from './in-use.ts'
import { renewHosts } from './kept-hosts.ts'
import { connectAccount } from './last-account.ts'

type Props = { asset: AssetView; onEdit: () => void; onSsh: () => void }

/** For who has nothing else to do with a host: one act needs no menu. */
export function SshButton({ asset, onSsh }: Pick<Props, 'asset' | 'onSsh'>) {
  const { t } = useTranslation()
  const label = t('palette.ssh', { host: asset.name })
  return (
    <ActionIcon variant="subtle" color="gray" size={30} aria-label={label} title={label} onClick={onSsh} data-testid="host-ssh">
      <IconTerminal size={17} />
    </ActionIcon>
  )
}

/** Its files, with the account that Connect would take. */
export function FilesButton({ asset }: Pick<Props, 'asset'>) {
  const { t } = useTranslation()
  const open = filesOf(asset)
  const label = t('hosts.filesOf', { host: asset.name })
  return open ? (
    <ActionIcon variant="subtle" color="gray" size={30} aria-label={label} title={label} onClick={open} data-testid="host-files">
      <IconFolder size={17} />
    </ActionIcon>
  ) : null
}
function filesOf(asset: AssetView): (() => void) | undefined {
  const account = connectAccount(asset)
  return account && (() => showHostFiles({ asset: asset.id, account: account.username, host: asset.name }))
}

export function HostMenu({ asset, onEdit, onSsh }: Props) {
  const { t } = useTranslation()
  const host = asset.name
  const files = filesOf(asset)
  const remove = useMutation({
    mutationFn: () => api.assets.remove({ id: asset.id }),
    onError: notifyHostFailure,
    async onSuccess() {
      notifications.show({ message: t('hosts.removed', { host }) })
      await renewHosts()
    },
  })
  const ask = () =>
    modals.openConfirmModal({
      title: t('hosts.removeTitle', { host }),
      children: <Text size="sm">{t('hosts.removeText')}</Text>,
      labels: { confirm: t('hosts.removeDo', { host }), cancel: t('parts.cancel') },
      confirmProps: { color: 'red' },
      onConfirm: () => remove.mutate(),
    })
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={30} aria-label={t('hosts.actions', { host })} loading={remove.isPending}>
          <IconDots size={17} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconTerminal size={16} />} onClick={onSsh} data-testid="host-ssh">
          {t('hosts.ssh')}
        </Menu.Item>
        <Menu.Item leftSection={<IconFolder size={16} />} disabled={!files} onClick={files} data-testid="host-files">
          {t('comfort.files.label')}
        </Menu.Item>
        <Menu.Item leftSection={<IconPencil size={16} />} onClick={onEdit}>
          {t('hosts.edit')}
        </Menu.Item>
        <Menu.Item leftSection={<IconListSearch size={16} />} renderRoot={(props) => <Link {...props} to="/who-may" search={{ asset: host }} />}>
          {t('hosts.whoMay')}
        </Menu.Item>
        <Menu.Item leftSection={<IconShieldCheck size={16} />} renderRoot={(props) => <Link {...props} to="/grants" search={{ asset: asset.id }} />}>
          {t('hosts.grants')}
        </Menu.Item>
        <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={ask}>
          {t('hosts.remove')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
