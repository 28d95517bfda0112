import { Modal, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { AskBeforeLeaving } from '../hosts/unsaved.tsx'
import { FailurePlace } from '../parts/failure-notice.tsx'
import { AddOperator } from './add-operator.tsx'
import { EditOperator } from './edit-operator.tsx'
import { type Handed, HandedOver } from './handed-over.tsx'

type Props = {
  operator: string
  /** Whose people are looked at: a new person begins in it. */
  group: string | undefined
  onClose: () => void
}

/** The form of a person over the list; its address is `?edit=new` or `?edit=<id>`. */
export function OperatorDialog({ operator, group, onClose }: Props) {
  const { t } = useTranslation()
  const dirty = useRef(new Set<string>())
  const [made, setMade] = useState<Handed>()
  const saved = operator !== 'new'
  const known = useQuery({ queryKey: ['operators', 'one', operator], queryFn: ({ signal }) => api.operators.get({ id: operator }, { signal }), enabled: saved })
  const title = made
    ? t('operators.made.title', { name: made.name })
    : saved
      ? t('operators.form.editTitle', { name: known.data?.name ?? '' })
      : t('operators.form.addTitle')
  return (
    <Modal
      opened
      onClose={onClose}
      closeOnClickOutside={false}
      closeOnEscape={made === undefined}
      size="lg"
      title={title}
      closeButtonProps={{ 'aria-label': t('parts.close') }}
    >
      <AskBeforeLeaving dirty={dirty} />
      {made ? (
        <HandedOver handed={made} onDone={onClose} />
      ) : !saved ? (
        <AddOperator group={group} dirty={dirty} onCancel={onClose} onMade={setMade} />
      ) : known.data ? (
        <EditOperator key={known.data.id} person={known.data} dirty={dirty} onDone={onClose} />
      ) : known.error ? (
        <FailurePlace error={known.error} retry={() => void known.refetch()} />
      ) : (
        <Skeleton height={260} aria-label={t('parts.loading')} />
      )}
    </Modal>
  )
}
