import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import type { Tab } from './open-tabs.ts'
import { closeTab, tabTitle } from './open-tabs.ts'
import { TabStrip } from './tab-strip.tsx'
import classes from './terminal.module.css'
import { TerminalPane } from './terminal-pane.tsx'
import { useTabs } from './use-tabs.ts'

const pageTitle = (tab: Tab) => (tab.hostTitle ? `${tabTitle(tab)}: ${tab.hostTitle}` : tabTitle(tab))

/** All open terminals; one is shown, the others live on. */
export function TerminalDeck({ shown }: { shown: boolean }) {
  const { t } = useTranslation()
  const product = t('frame.product')
  const tabs = useTabs()
  const navigate = useNavigate()
  const search = useSearch({ strict: false })
  const current = tabs.find(({ id }) => id === search.tab) ?? tabs.at(-1)
  const choose = (tab: string | undefined) => void navigate({ to: '/terminals', search: tab === undefined ? {} : { tab }, replace: true })
  const title = current ? pageTitle(current) : t('terminals.title')
  useEffect(() => {
    if (shown) document.title = `${title} · ${product}`
  }, [shown, title, product])
  const alive = tabs.some(({ state }) => state !== 'ended')
  useEffect(() => {
    if (!alive) return undefined
    // A reload ends the sessions: the browser asks first, in its own words.
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', ask)
    return () => window.removeEventListener('beforeunload', ask)
  }, [alive])
  return (
    <div className={classes['deck']}>
      <TabStrip tabs={tabs} current={current?.id} onChoose={choose} onClose={(id) => choose(id === current?.id ? closeTab(id) : (closeTab(id), current?.id))} />
      {tabs.map((tab) => (
        <TerminalPane key={`${tab.id}.${tab.attempt}`} tab={tab} shown={shown && tab.id === current?.id} onClose={() => choose(closeTab(tab.id))} />
      ))}
    </div>
  )
}
