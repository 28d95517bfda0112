// What stands around every page: rail, top bar, and the terminals that live on behind other pages.
import { Skeleton } from '@mantine/core'
import { useLocalStorage } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { Navigate, Outlet, useLocation } from '@tanstack/react-router'
import { Suspense, lazy, useEffect, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { asFailure } from '#client/failure-answer.ts'
import { meQuery } from '../api.ts'
import { FailurePlace } from '../parts/failure-notice.tsx'
import { isAway, subscribeAway } from '../reach.ts'
import { keepTabs } from '../terminal/kept-tabs.ts'
import { TerminalsEmpty } from '../terminal/terminals-empty.tsx'
import { useTabs } from '../terminal/use-tabs.ts'
import { FrameNotices } from './frame-notices.tsx'
import classes from './frame.module.css'
import { MeContext } from './me.ts'
import { Rail } from './rail.tsx'
import { TopBar } from './top-bar.tsx'
import { usePageFocus } from './use-page-focus.ts'

const TerminalDeck = lazy(() => import('../terminal/terminal-deck.tsx').then((module) => ({ default: module.TerminalDeck })))

export function Frame() {
  const { t } = useTranslation()
  const away = useSyncExternalStore(subscribeAway, isAway)
  // Some page may ask nothing for a long time: the frame finds out by itself when Sallyport is back, and when the sign-in has ended.
  const me = useQuery({ ...meQuery, refetchInterval: away ? 2000 : 60_000 })
  const { pathname, href } = useLocation()
  const tabs = useTabs()
  const [narrow, setNarrow] = useLocalStorage({ key: 'sallyport.rail', defaultValue: false })
  const atTerminals = pathname === '/terminals'
  usePageFocus()
  const person = me.data?.id
  useEffect(() => {
    if (person !== undefined) keepTabs(person)
  }, [person])
  if (me.error && asFailure(me.error).code === 'unauthenticated')
    // While the sign-in page is being opened its address is the current one already: going again from there would never end.
    return pathname === '/sign-in' ? null : <Navigate to="/sign-in" search={pathname === '/' ? {} : { next: href }} replace />
  if (me.error && !me.data)
    return (
      <main>
        <FailurePlace error={me.error} retry={() => void me.refetch()} />
      </main>
    )
  if (!me.data) return <FrameSkeleton label={t('parts.loading')} />
  return (
    <MeContext value={me.data}>
      <div className={classes['frame']} data-narrow={narrow || undefined} data-full={atTerminals || undefined}>
        <a className="skip" href="#content">
          {t('frame.skip')}
        </a>
        <Rail narrow={narrow} onNarrow={() => setNarrow(!narrow)} live={tabs.filter((tab) => tab.state !== 'ended').length} />
        <TopBar />
        <div className={classes['middle']}>
          <FrameNotices />
          <main id="content" className={classes['main']} tabIndex={-1}>
            {atTerminals && tabs.length === 0 ? <TerminalsEmpty /> : null}
            {tabs.length > 0 ? (
              <div className={classes['deck']} hidden={!atTerminals}>
                <Suspense fallback={<Skeleton height="100%" radius={0} aria-label={t('parts.loading')} />}>
                  <TerminalDeck shown={atTerminals} />
                </Suspense>
              </div>
            ) : null}
            {atTerminals ? null : (
              <div className={classes['page']}>
                <Outlet />
              </div>
            )}
          </main>
        </div>
      </div>
    </MeContext>
  )
}

function FrameSkeleton({ label }: { label: string }) {
  return (
    <div className={classes['frame']} role="status" aria-label={label}>
      <div className={classes['rail']} />
      <div className={classes['top']} />
      <div className={classes['middle']}>
        <div className={classes['page']}>
          <Skeleton height={26} width={180} mb={26} />
          <Skeleton height={320} />
        </div>
      </div>
    </div>
  )
}
