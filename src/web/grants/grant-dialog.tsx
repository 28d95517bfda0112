import { Modal, Skeleton } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { AskBeforeLeaving } from '../hosts/unsaved.tsx'
import { FailurePlace } from '../parts/failure-notice.tsx'
import type { GrantDraft } from './grant-draft.ts'
import { draftOf, emptyGrant } from './grant-draft.ts'
import { GrantForm } from './grant-form.tsx'
import { grantQuery } from './one-grant.ts'

type Props = {
  /** Its id, or `new`. */
  grant: string
  /** Of the grant that a new one begins as. */
  copy: string | undefined
  /** What a new one names already: somebody came here from a person, a group or a host. */
  begin: Partial<GrantDraft> | undefined
  onClose: () => void
}

/** The form of a grant over the list; its address is `?edit=new`, `?edit=new&copy=<id>` or `?edit=<id>`. */
export function GrantDialog({ grant, copy, begin, onClose }: Props) {
  const { t } = useTranslation()
  const dirty = useRef(new Set<string>())
  const phone = useMediaQuery('(max-width: 760px)', undefined, { getInitialValueInEffect: false }) ?? false
  const saved = grant !== 'new'
  const asked = saved ? grant : copy
  const known = useQuery({ ...grantQuery(asked ?? ''), enabled: asked !== undefined })
  const view = asked === undefined ? undefined : known.data
  const first = view ? draftOf(view) : asked === undefined ? { ...emptyGrant(), ...begin } : undefined
  return (
    <Modal
      opened
      onClose={onClose}
      size={860}
      fullScreen={phone}
      centered={false}
      yOffset="4dvh"
      closeOnClickOutside={false}
      title={saved ? t('grants.form.editTitle', { name: known.data?.name ?? '' }) : t('grants.form.addTitle')}
      closeButtonProps={{ 'aria-label': t('parts.close') }}
    >
      <AskBeforeLeaving dirty={dirty} />
      {first ? (
        <GrantForm
          // Asked again in the background, the form keeps what is typed in it.
          key={asked ?? 'new'}
          id={saved ? grant : undefined}
          first={saved || !view ? first : { ...first, name: t('grants.copyOf', { name: view.name }).slice(0, 100) }}
          dirty={dirty}
          onDone={onClose}
        />
      ) : known.error ? (
        <FailurePlace error={known.error} retry={() => void known.refetch()} />
      ) : (
        <Skeleton height={420} aria-label={t('parts.loading')} />
      )}
    </Modal>
  )
}
