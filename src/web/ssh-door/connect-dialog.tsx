import { Anchor, Modal, NativeSelect, Skeleton, Stack, Text } from '@mantine/core'
import { IconPlugConnectedX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { AssetView } from '#wire/api/assets.ts'
import { api } from '../api.ts'
import { useMe } from '../frame/me.ts'
import { connectAccount } from '../hosts/last-account.ts'
import { EmptyPlace } from '../parts/empty-place.tsx'
import { FailurePlace } from '../parts/failure-notice.tsx'
import { CopyLine } from '../second-factor/copy-line.tsx'
import { connectLines, type LineKind, type Place, placeOf } from './connect-lines.ts'
import { DoorKeys } from './door-keys.tsx'
import { doorQuery } from './door-query.ts'
import classes from './ssh-door.module.css'

/** The exact line for a host, for ssh and for every program that speaks it. Its address is `?ssh=<id>`. */
export function ConnectDialog({ host, onClose }: { host: string; onClose: () => void }) {
  const { t } = useTranslation()
  const door = useQuery(doorQuery)
  const found = useQuery({ queryKey: ['assets', 'one', host], queryFn: ({ signal }) => api.assets.get({ id: host }, { signal }) })
  const place = door.data && placeOf(door.data)
  const error = door.error ?? found.error
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t('sshDoor.connectTo', { host: found.data?.name ?? '' })}
      closeButtonProps={{ 'aria-label': t('parts.close') }}
    >
      {door.data && !place ? (
        <EmptyPlace icon={IconPlugConnectedX} title={t('sshDoor.shut.title')} text={t('sshDoor.shut.text')} />
      ) : place && found.data ? (
        <Lines place={place} asset={found.data}>
          {door.data ? (
            <div>
              <Text size="sm" className="quiet" mb={6}>
                {t('sshDoor.fingerprints')}
              </Text>
              <DoorKeys keys={door.data.hostKeys} />
            </div>
          ) : null}
          <Anchor size="sm" renderRoot={(props) => <Link {...props} to="/ssh" />}>
            {t('sshDoor.more')}
          </Anchor>
        </Lines>
      ) : error ? (
        <FailurePlace error={error} retry={() => void Promise.all([door.refetch(), found.refetch()])} />
      ) : (
        <Skeleton height={260} aria-label={t('parts.loading')} />
      )}
    </Modal>
  )
}

const others = ['scp', 'sftp', 'rsync', 'git', 'code', 'jump'] as const satisfies readonly LineKind[]

function Lines({ place, asset, children }: { place: Place; asset: AssetView; children: React.ReactNode }) {
  const { t } = useTranslation()
  const me = useMe()
  const [account, setAccount] = useState(connectAccount(asset)?.username)
  if (account === undefined) return <Text className="quiet">{t('sshDoor.noAccount')}</Text>
  const lines = connectLines(place, { operator: me.username, account, asset: asset.name })
  return (
    <Stack gap="md">
      {asset.accounts.length > 1 ? (
        <NativeSelect
          label={t('sshDoor.account')}
          name="ssh-account"
          value={account}
          data={asset.accounts.map(({ username }) => username)}
          onChange={(event) => setAccount(event.currentTarget.value)}
        />
      ) : null}
      <div className={classes['main']}>
        <Text size="xs" className="quiet" mb={4}>
          {t('sshDoor.line')}
        </Text>
        <CopyLine label={t('sshDoor.line')} text={lines.ssh} testId="ssh-line" />
      </div>
      <details className={classes['others']} open>
        <summary>{t('sshDoor.others')}</summary>
        <div className={classes['lines']}>
          {others.map((kind) => (
            <div key={kind}>
              <Text size="xs" className="quiet" mb={4}>
                {t(`sshDoor.kind.${kind}`)}
              </Text>
              <CopyLine label={t(`sshDoor.kind.${kind}`)} text={lines[kind]} testId={`line-${kind}`} />
            </div>
          ))}
        </div>
      </details>
      {children}
    </Stack>
  )
}
