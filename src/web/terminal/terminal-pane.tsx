import '@xterm/xterm/css/xterm.css'
import { lazy, Suspense, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { hostText } from '../parts/format.ts'
import { withLaterWords } from '../words/words.ts'
import { ClipboardCard } from './clipboard-card.tsx'
import comfort from './comfort.module.css'
import { EndedCard } from './ended-card.tsx'
import { ExtraKeys } from './extra-keys.tsx'
import { useSettings } from './kept-settings.ts'
import { asksOf } from './live-asks.ts'
import { LiveTerminal } from './live-terminal.ts'
import type { Tab } from './open-tabs.ts'
import { asksReason, changeTab, tabTitle } from './open-tabs.ts'
import { PromptCard } from './prompt-card.tsx'
import { ReasonCard } from './reason-card.tsx'
import { ReconnectBar } from './reconnect-bar.tsx'
import { SearchBar } from './search-bar.tsx'
import { StatusBar } from './status-bar.tsx'
import { keepContextMenu, TerminalMenu } from './terminal-menu.tsx'
import classes from './terminal.module.css'
import { useTerminalDrop } from './use-terminal-drop.ts'
import { WatchBanner } from './watch-banner.tsx'

const TerminalTransfers = lazy(async () => ({ default: (await withLaterWords(import('./terminal-transfers.tsx'))).TerminalTransfers }))

type Props = {
  tab: Tab
  shown: boolean
  /** Of the terminals that are shown the one that keys go to. */
  current: boolean
  /** Its place in a split. */
  side: 'first' | 'second' | undefined
  onFocus: () => void
  onClose: () => void
}

/** One terminal with its bar, its questions and its end. Lives as long as its tab's attempt. */
export function TerminalPane({ tab, shown, current, side, onFocus, onClose }: Props) {
  const { t } = useTranslation()
  const room = useRef<HTMLDivElement>(null)
  const live = useRef<LiveTerminal>(undefined)
  const first = useRef(tab)
  const label = t('terminals.screen', { title: tabTitle(tab) })
  const firstLabel = useRef(label)
  const { bell } = useSettings()
  const whole = useRef<HTMLDivElement>(null)
  const drop = useTerminalDrop(whole, tab.state === 'open' && tab.goal.kind !== 'watch')
  // Once there was something, what it was told of stays.
  const hasDropped = useRef(false)
  if (drop.dropped) hasDropped.current = true
  const endSearch = () => {
    changeTab(tab.id, tab.attempt, { searching: undefined })
    live.current?.focus()
  }
  useEffect(() => {
    if (!room.current) return undefined
    const made = new LiveTerminal(room.current, first.current, firstLabel.current, asksOf(first.current))
    live.current = made
    return () => {
      live.current = undefined
      made.dispose()
    }
  }, [])
  useEffect(() => live.current?.comforts.seen(shown), [shown])
  // A connection that comes and goes takes nobody out of the search field.
  const phase = tab.state === 'reconnecting' ? 'open' : tab.state
  useEffect(() => {
    if (shown) live.current?.fit()
    if (current && phase !== 'prompting' && phase !== 'ended') live.current?.focus()
  }, [shown, current, phase])
  return (
    <section
      id={`pane-${tab.id}`}
      role="tabpanel"
      aria-labelledby={`tab-${tab.id}`}
      className={classes['pane']}
      hidden={!shown}
      data-state={tab.state}
      data-side={side}
      data-current={current || undefined}
      onFocusCapture={onFocus}
      onContextMenuCapture={(event) => room.current?.contains(event.target as Node) && keepContextMenu(event, live.current)}
    >
      <WatchBanner tab={tab} onClose={onClose} />
      <div ref={whole} className={classes['room']}>
        {tab.searching === undefined ? null : <SearchBar live={live} asked={tab.searching} onClose={endSearch} />}
        {tab.offer ? <ClipboardCard key={tab.offer.id} offer={tab.offer} onDone={() => changeTab(tab.id, tab.attempt, { offer: undefined })} /> : null}
        <TerminalMenu live={live} ended={tab.state === 'ended'} onSearch={() => changeTab(tab.id, tab.attempt, { searching: performance.now() })}>
          <div
            ref={room}
            className={classes['screen']}
            data-testid={`terminal-${tab.id}`}
            data-tab={tab.id}
            data-dimmed={tab.state === 'ended' ? 'over' : tab.state === 'reconnecting' ? 'again' : undefined}
            data-watching={tab.goal.kind === 'watch' || undefined}
            aria-label={label}
          />
        </TerminalMenu>
        {tab.rangAtMs === undefined || bell !== 'visual' ? null : <div key={tab.rangAtMs} className={comfort['flash']} data-testid="flash" aria-hidden />}
        {tab.state === 'asking' || tab.state === 'connecting' ? (
          <div className={classes['waiting']} role="status">
            {tab.notice ? hostText(tab.notice.text, 600) : t(`terminals.state.${tab.state}`)}
          </div>
        ) : null}
        {tab.prompt && shown ? (
          <PromptCard key={tab.prompt.id} prompt={tab.prompt} host={tab.goal.host} onAnswer={(answers) => live.current?.answer(tab.prompt?.id ?? 0, answers)} />
        ) : null}
        {tab.transfers || drop.dragging || drop.dropped || hasDropped.current ? (
          <Suspense>
            <TerminalTransfers tab={tab} shown={shown} current={current} live={live} drop={drop} />
          </Suspense>
        ) : null}
        {tab.state === 'reconnecting' ? <ReconnectBar tab={tab} onTry={() => live.current?.tryNow()} /> : null}
        {tab.state === 'ended' && tab.end ? (
          asksReason(tab) && shown ? (
            <ReasonCard tab={tab} onClose={onClose} />
          ) : (
            <EndedCard tab={tab} end={tab.end} onClose={onClose} />
          )
        ) : null}
      </div>
      {tab.state === 'ended' || tab.goal.kind === 'watch' ? null : <ExtraKeys live={live} />}
      <StatusBar tab={tab} />
    </section>
  )
}
