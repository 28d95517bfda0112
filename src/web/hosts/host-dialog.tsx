import { Modal, Skeleton } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { FailurePlace } from '../parts/failure-notice.tsx'
import { AddHost } from './add-host.tsx'
import { EditHost } from './edit-host.tsx'

/** The form of a host over the list; its address is `?host=new` or `?host=<id>`. */
export function HostDialog({ host, onClose }: { host: string | undefined; onClose: () => void }) {
  const { t } = useTranslation()
  const phone = useMediaQuery('(max-width: 760px)', undefined, { getInitialValueInEffect: false }) ?? false
  const saved = host !== undefined && host !== 'new'
  const asset = useQuery({ queryKey: ['assets', 'one', host], queryFn: ({ signal }) => api.assets.get({ id: host ?? '' }, { signal }), enabled: saved })
  return (
    <Modal
      opened={host !== undefined}
      onClose={onClose}
      size={980}
      fullScreen={phone}
      centered={false}
      yOffset="6dvh"
      closeOnClickOutside={false}
      title={saved ? t('hosts.form.editTitle', { host: asset.data?.name ?? '' }) : t('hosts.form.addTitle')}
      closeButtonProps={{ 'aria-label': t('parts.close') }}
    >
      {!saved ? (
        <AddHost onDone={onClose} />
      ) : asset.data ? (
        <EditHost key={asset.data.id} asset={asset.data} onDone={onClose} />
      ) : asset.error ? (
        <FailurePlace error={asset.error} retry={() => void asset.refetch()} />
      ) : (
        <Skeleton height={320} aria-label={t('parts.loading')} />
      )}
    </Modal>
  )
}
