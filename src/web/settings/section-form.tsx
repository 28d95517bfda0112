import { Button, Group } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { FailureLine } from '../parts/failure-notice.tsx'
import { SectionCard } from '../parts/section-card.tsx'
import classes from './settings.module.css'
import type { Section } from './use-section.ts'

type Props = {
  id: string
  title: string
  text: string
  section: Section
  /** Asked before what was typed is saved. */
  onSubmit?: () => void
  children: React.ReactNode
}

/** Saved by itself; the buttons are there when something has changed. */
export function SectionForm({ id, title, text, section, onSubmit, children }: Props) {
  const { t } = useTranslation()
  return (
    <SectionCard id={id} title={title} text={text}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          ;(onSubmit ?? section.submit)()
        }}
      >
        <div className={classes['fields']}>
          {section.refusal ? <FailureLine error={section.refusal} /> : null}
          {children}
        </div>
        {section.isChanged ? (
          <Group justify="flex-end" gap="xs" className={classes['foot'] ?? ''}>
            <Button variant="default" onClick={section.discard} disabled={section.isBusy}>
              {t('settings.discard')}
            </Button>
            <Button type="submit" loading={section.isBusy} data-testid={`save-${id}`}>
              {t('settings.save')}
            </Button>
          </Group>
        ) : null}
      </form>
    </SectionCard>
  )
}
