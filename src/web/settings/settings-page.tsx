import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { FailurePlace } from '../parts/failure-notice.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { AddressesSection } from './addresses-section.tsx'
import { HostsSection, RecordingsSection, SessionsSection, SignInSection } from './sections.tsx'
import classes from './settings.module.css'
import { settingsQuery } from './use-settings.tsx'

const sections = [
  { id: 'sessions', word: 'sessions', Section: SessionsSection },
  { id: 'recordings', word: 'recordings', Section: RecordingsSection },
  { id: 'sign-in', word: 'signIn', Section: SignInSection },
  { id: 'addresses', word: 'addresses', Section: AddressesSection },
  { id: 'hosts', word: 'hosts', Section: HostsSection },
] as const

/** There without changing the address: the router keeps that for pages. */
function go(event: React.MouseEvent, id: string): void {
  event.preventDefault()
  document.getElementById(id)?.scrollIntoView({ block: 'start' })
  document.getElementById(`${id}-title`)?.focus({ preventScroll: true })
}

export function SettingsPage() {
  const { t } = useTranslation()
  const answer = useQuery(settingsQuery)
  const view = answer.data
  return (
    <>
      <PageHead title={t('settings.title')} text={t('settings.subtitle')} />
      {view ? (
        <div className={classes['layout']}>
          <nav className={classes['nav']} aria-label={t('settings.nav')}>
            {sections.map(({ id, word }) => (
              <a key={id} href={`#${id}`} onClick={(event) => go(event, id)}>
                {t(`settings.${word}.title`)}
              </a>
            ))}
          </nav>
          <div className={classes['sections']}>
            {sections.map(({ id, Section }) => (
              <Section key={id} view={view} />
            ))}
          </div>
        </div>
      ) : answer.error ? (
        <FailurePlace error={answer.error} retry={() => void answer.refetch()} />
      ) : (
        <div className={classes['layout']} role="status" aria-label={t('parts.loading')}>
          <Skeleton height={180} />
          <div className={classes['sections']}>
            <Skeleton height={420} radius="md" />
            <Skeleton height={260} radius="md" />
          </div>
        </div>
      )}
    </>
  )
}
