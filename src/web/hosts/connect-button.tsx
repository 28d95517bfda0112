import { ActionIcon, Button, Group, Menu } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { AssetView } from '#wire/api/assets.ts'
import { useConnect } from '../terminal/use-connect.ts'
import classes from './hosts.module.css'
import { connectAccount } from './last-account.ts'

/** One click with the account that the person used last, a small menu for the others. */
export function ConnectButton({ asset }: { asset: AssetView }) {
  const { t } = useTranslation()
  const connect = useConnect()
  const first = connectAccount(asset)
  const several = asset.accounts.length > 1
  const go = (account: string) => connect({ kind: 'asset', asset: asset.id, account, host: asset.name })
  return (
    <Group gap={1} wrap="nowrap">
      <Button
        size="xs"
        variant="light"
        disabled={!first}
        className={several ? classes['joinLeft'] : undefined}
        title={first ? t('hosts.connectAs', { account: first.username }) : t('hosts.noAccount')}
        onClick={() => first && go(first.username)}
      >
        {t('hosts.connect')}
      </Button>
      {several ? (
        <Menu position="bottom-end" shadow="md">
          <Menu.Target>
            <ActionIcon variant="light" size={30} className={classes['joinRight']} aria-label={t('hosts.otherAccounts', { host: asset.name })}>
              <IconChevronDown size={15} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown className={classes['accountsMenu'] ?? ''}>
            {asset.accounts.map((account) => (
              <Menu.Item key={account.id} onClick={() => go(account.username)} fw={account === first ? 600 : undefined}>
                <bdi>{account.username}</bdi>
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      ) : null}
    </Group>
  )
}
