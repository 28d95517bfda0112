import { Group } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { AssetView } from '#wire/api/assets.ts'
import type { Column } from '../parts/data-list.tsx'
import { Moment } from '../parts/moment.tsx'
import { ConnectButton } from './connect-button.tsx'
import { HostAccounts, HostAddressCell, HostName, KeyState, LastUsed, ReachState } from './host-cells.tsx'
import { FilesButton, HostMenu, SshButton } from './host-menu.tsx'

type Acts = { admin: boolean; onTag: (tag: string) => void; onEdit: (host: string) => void; onSsh: (host: string) => void }

/** The columns of the list of hosts, the usual ones first. */
export function useHostColumns({ admin, onTag, onEdit, onSsh }: Acts): Column<AssetView>[] {
  const { t } = useTranslation()
  return [
    { key: 'name', label: t('hosts.column.name'), sort: 'name', phone: 'head', fixed: true, width: '30%', show: (row) => <HostName row={row} onTag={onTag} /> },
    { key: 'address', label: t('hosts.column.address'), sort: 'address', show: (row) => <HostAddressCell row={row} /> },
    { key: 'reach', label: t('hosts.column.reach'), sort: 'reach', show: (row) => <ReachState row={row} admin={admin} /> },
    { key: 'key', label: t('hosts.column.key'), show: (row) => <KeyState row={row} admin={admin} /> },
    { key: 'accounts', label: t('hosts.column.accounts'), show: (row) => <HostAccounts row={row} /> },
    { key: 'used', label: t('hosts.column.lastUsed'), sort: 'myLastUsedAt', show: (row) => <LastUsed row={row} /> },
    { key: 'anybody', label: t('hosts.column.anybody'), sort: 'lastUsedAt', hidden: true, show: (row) => <Moment at={row.lastUsedAt} /> },
    { key: 'added', label: t('hosts.column.added'), sort: 'createdAt', hidden: true, show: (row) => <Moment at={row.createdAt} /> },
    { key: 'policy', label: t('hosts.policy.label'), hidden: true, show: (row) => t(`hosts.policy.${row.hostKeyPolicy}`) },
    {
      key: 'acts',
      label: t('hosts.column.actions'),
      phone: 'acts',
      align: 'right',
      width: 170,
      fixed: true,
      show: (row) => (
        <Group gap={4} justify="flex-end" wrap="nowrap">
          <ConnectButton asset={row} />
          {admin ? (
            <HostMenu asset={row} onEdit={() => onEdit(row.id)} onSsh={() => onSsh(row.id)} />
          ) : (
            <>
              <FilesButton asset={row} />
              <SshButton asset={row} onSsh={() => onSsh(row.id)} />
            </>
          )}
        </Group>
      ),
    },
  ]
}
