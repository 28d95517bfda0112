import { Anchor, Button } from '@mantine/core'
import { IconBug, IconMapOff } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { EmptyPlace } from '../parts/empty-place.tsx'

export function LostPage() {
  const { t } = useTranslation()
  return (
    <main>
      <EmptyPlace icon={IconMapOff} title={t('frame.lost.title')} text={t('frame.lost.text')}>
        <Anchor href="/hosts">{t('frame.lost.back')}</Anchor>
      </EmptyPlace>
    </main>
  )
}

/** A bug in a page: the rest of the product goes on, so the way out is to reload. */
export function BrokenPage() {
  const { t } = useTranslation()
  return (
    <main>
      <EmptyPlace icon={IconBug} title={t('frame.crash.title')} text={t('frame.crash.text')} alert>
        <Button onClick={() => location.reload()}>{t('frame.crash.reload')}</Button>
      </EmptyPlace>
    </main>
  )
}
