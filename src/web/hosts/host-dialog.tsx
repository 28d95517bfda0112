import { Modal, Skeleton } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { FailurePlace } from '../parts/failure-notice.tsx'
import { AddHost } from './add-host.tsx'
import { EditHost } from './edit-host.tsx'
import { AskBeforeLeaving } from './unsaved.tsx'

type Props = {
  host: string
  /** It was made just now with a new key pair. */
  fresh: boolean
  onClose: () => void
  onMade: (host: string) => void
}

/** The form of a host over the list; its address is `?host=new` or `?host=<id>`. */
export function HostDialog({ host, fresh, onClose, onMade }: Props) {
  const { t } = useTranslation()
  const dirty = useRef(new Set<string>())
  const phone = useMediaQuery('(max-width: 760px)', undefined, { getInitialValueInEffect: false }) ?? false
  const saved = host !== 'new'
  const asset = useQuery({ queryKey: ['assets', 'one', host], queryFn: ({ signal }) => api.assets.get({ id: host }, { signal }), enabled: saved })
  return (
    <Modal
      opened
      onClose={onClose}
      size={980}
      fullScreen={phone}
      centered={false}
      yOffset="6dvh"
      closeOnClickOutside={false}
      title={saved ? t('hosts.form.editTitle', { host: asset.data?.name ?? '' }) : t('hosts.form.addTitle')}
      closeButtonProps={{ 'aria-label': t('parts.close') }}
    >
      <AskBeforeLeaving dirty={dirty} />
      {!saved ? (
        // The public half of a key that was made now has to go somewhere: the form stays open and shows it.
        <AddHost dirty={dirty} onCancel={onClose} onMade={(made, generated) => (generated ? onMade(made.id) : onClose())} />
      ) : asset.data ? (
        <EditHost key={asset.data.id} asset={asset.data} dirty={dirty} fresh={fresh} onDone={onClose} />
      ) : asset.error ? (
        <FailurePlace error={asset.error} retry={() => void asset.refetch()} />
      ) : (
        <Skeleton height={320} aria-label={t('parts.loading')} />
      )}
    </Modal>
  )
}
