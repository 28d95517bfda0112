import { Button, Text } from '@mantine/core'
import { modals } from '@mantine/modals'
import { IconShieldSearch } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { HostKey } from '#domain/host-key.ts'
import type { AssetView } from '#wire/api/assets.ts'
import { api } from '../api.ts'
import { FailureLine } from '../parts/failure-notice.tsx'
import { judgeScan } from './check-lines.ts'
import classes from './hosts.module.css'
import { renewHosts } from './kept-hosts.ts'
import { ChangedKey, KeyList, UnknownKey } from './key-panel.tsx'

/** The keys of a saved host: what is trusted, and what it shows now. */
export function EditHostKeys({ asset }: { asset: AssetView }) {
  const { t } = useTranslation()
  const scan = useMutation({ mutationFn: () => api.assets.scanHostKeys({ id: asset.id }) })
  const trust = useMutation({
    mutationFn: (keys: HostKey[]) => api.assets.trustHostKeys({ id: asset.id, trusted: keys }),
    async onSuccess() {
      scan.reset()
      await renewHosts()
    },
  })
  const offered = scan.data?.items
  const verdict = offered ? judgeScan(offered, asset.hostKeys) : undefined
  const replace = () =>
    modals.openConfirmModal({
      title: t('hosts.key.replaceTitle', { host: asset.name }),
      children: <Text size="sm">{t('hosts.key.replaceText')}</Text>,
      labels: { confirm: t('hosts.key.replace'), cancel: t('parts.cancel') },
      confirmProps: { color: 'red' },
      onConfirm: () => trust.mutate(offered ?? []),
    })
  return (
    <fieldset className={classes['fields']}>
      <legend>{t('hosts.column.key')}</legend>
      <FailureLine error={scan.error ?? trust.error} />
      {verdict === 'changed' && offered ? (
        <ChangedKey trusted={asset.hostKeys} offered={offered} onReplace={replace} />
      ) : verdict === 'unknown' && offered ? (
        <UnknownKey keys={offered} onTrust={() => trust.mutate(offered)} />
      ) : (
        <>
          <Text size="sm" className="quiet">
            {asset.hostKeys.length > 0 ? t('hosts.key.trusted') : t(`hosts.policy.none.${asset.hostKeyPolicy}`)}
          </Text>
          <KeyList keys={asset.hostKeys} />
        </>
      )}
      <Button variant="default" leftSection={<IconShieldSearch size={17} />} loading={scan.isPending || trust.isPending} onClick={() => scan.mutate()}>
        {t('hosts.key.scan')}
      </Button>
    </fieldset>
  )
}
