import { Text } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { modals } from '@mantine/modals'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { CSSProperties } from 'react'
import { Suspense, lazy, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { areFilesShown, showFiles, useFilesShown } from '../files/open-panels.ts'
import { useMe } from '../frame/me.ts'
import { settingsAreOf, useSettings } from './kept-settings.ts'
import type { Tab } from './open-tabs.ts'
import { changeTab, closeTab, listTabs, moveTab, openTab, renameTab, reopenTab, tabTitle } from './open-tabs.ts'
import { RunningMenu } from './running-sessions.tsx'
import { SettingsPanel } from './settings-panel.tsx'
import { useShownTheme } from './shown-theme.ts'
import { SplitDivider } from './split-divider.tsx'
import { changeSplits, otherOf, splitOf, useSplits, withChange, withSplit, withoutTab } from './split-layout.ts'
import splitClasses from './split.module.css'
import { StripTools } from './strip-tools.tsx'
import type { TabActs } from './tab-acts.ts'
import { TabStrip } from './tab-strip.tsx'
import stripClasses from './tab-strip.module.css'
import { deckAct } from './terminal-keys.ts'
import classes from './terminal.module.css'
import { TerminalPane } from './terminal-pane.tsx'
import { useSpokenStates } from './use-spoken-states.ts'
import { useTabs } from './use-tabs.ts'
import { withLaterWords } from '../words/words.ts'

const TabFiles = lazy(() => withLaterWords(import('../files/tab-files.tsx')).then((module) => ({ default: module.TabFiles })))

const pageTitle = (tab: Tab) => (tab.hostTitle ? `${tabTitle(tab)}: ${tab.hostTitle}` : tabTitle(tab))

/** All open terminals; one is shown, or two beside each other, the others live on. */
export function TerminalDeck({ shown }: { shown: boolean }) {
  const { t } = useTranslation()
  // Before any terminal is made: each begins with the settings of whoever is signed in.
  settingsAreOf(useMe().id)
  const { colors } = useShownTheme(useSettings().theme)
  const product = t('frame.product')
  const tabs = useTabs()
  const splits = useSplits()
  const navigate = useNavigate()
  const search = useSearch({ strict: false })
  const [renaming, setRenaming] = useState<string>()
  const [settingsOpen, setSettingsOpen] = useState(false)
  const { spoken, say } = useSpokenStates(tabs)
  const deck = useRef<HTMLDivElement>(null)
  const current = tabs.find(({ id }) => id === search.tab) ?? tabs.at(-1)
  const filesShown = useFilesShown(current?.id)
  // Beside each other two terminals on a phone have twenty columns each.
  const phone = useMediaQuery('(max-width: 760px)', undefined, { getInitialValueInEffect: false }) ?? false
  const found = splitOf(splits, current?.id)
  const split = found && phone ? { ...found, direction: 'column' as const } : found
  const seen = split ? [split.first, split.second] : current ? [current.id] : []
  const choose = (tab: string | undefined) => void navigate({ to: '/terminals', search: tab === undefined ? {} : { tab }, replace: true })
  const title = current ? pageTitle(current) : t('terminals.title')
  useEffect(() => {
    if (shown) document.title = `${title} · ${product}`
  }, [shown, title, product])
  const leave = (id: string) => {
    const pair = splitOf(splits, id)
    changeSplits((all) => withoutTab(all, id))
    const next = closeTab(id)
    choose(id === current?.id ? (pair ? otherOf(pair, id) : next) : current?.id)
  }
  const focusTerminal = (id: string) => deck.current?.querySelector<HTMLElement>(`#pane-${id} textarea`)?.focus()
  const acts: TabActs = {
    choose,
    close(tab) {
      // Who only watches ends nothing by leaving.
      if (tab.state === 'ended' || tab.goal.kind === 'watch') return leave(tab.id)
      modals.openConfirmModal({
        title: t('terminals.closeTitle', { title: tabTitle(tab) }),
        children: <Text size="sm">{t('terminals.closeText')}</Text>,
        labels: { confirm: t('terminals.closeDo'), cancel: t('parts.cancel') },
        confirmProps: { color: 'red' },
        onConfirm: () => leave(tab.id),
      })
    },
    beginRename: setRenaming,
    rename: renameTab,
    endRename: () => setRenaming(undefined),
    step: (tab, by) => acts.place(tab.id, tabs.indexOf(tab) + by),
    place(id, to) {
      moveTab(id, to)
      const now = listTabs()
      const at = now.findIndex((tab) => tab.id === id)
      const moved = now[at]
      if (moved) say(t('comfort.tab.moved', { title: tabTitle(moved), at: at + 1, count: now.length }))
    },
    duplicate(tab) {
      const id = openTab(tab.goal, { after: tab.id })
      if (id !== undefined) choose(id)
    },
    split(tab, direction) {
      if (splitOf(splits, tab.id)) return changeSplits((all) => withChange(all, tab.id, { direction }))
      const id = openTab(tab.goal, { after: tab.id })
      if (id === undefined) return
      changeSplits((all) => withSplit(all, tab.id, id, direction))
      choose(id)
    },
    unsplit: (tab) => changeSplits((all) => withoutTab(all, tab.id)),
    reopen() {
      const id = reopenTab()
      if (id !== undefined) choose(id)
    },
    files(tab) {
      const shown = !areFilesShown(tab.id)
      showFiles(tab.id, shown)
      if (!shown) focusTerminal(tab.id)
    },
    search: (tab) => changeTab(tab.id, tab.attempt, { searching: performance.now() }),
    settings: () => setSettingsOpen(!settingsOpen),
    settle() {
      if (current && document.activeElement === document.body) focusTerminal(current.id)
    },
  }
  const keys = (event: React.KeyboardEvent) => {
    const act = current && deckAct(event.nativeEvent, { split: split !== undefined })
    // A field of a question or of the settings is not a terminal.
    if (!act || !(event.target instanceof Element) || !event.target.closest(`.${classes['pane']}, .${stripClasses['head']}`)) return
    if (act === 'otherPane' && event.target.closest('[role=tablist]')) return
    event.preventDefault()
    event.stopPropagation()
    if (act === 'files') {
      if (current.goal.kind !== 'watch') acts.files(current)
    } else if (act === 'reopen') acts.reopen()
    else if (act === 'tabs') document.getElementById(`tab-${current.id}`)?.focus()
    else if (act !== 'otherPane') acts.split(current, act === 'splitRow' ? 'row' : 'column')
    else if (split) focusTerminal(otherOf(split, current.id))
  }
  const look = {
    '--terminal-ground': colors.background,
    '--terminal-text': colors.foreground,
    '--share': `${(split?.ratio ?? 1) * 100}%`,
  } as CSSProperties
  return (
    <div ref={deck} className={classes['deck']} style={look} onKeyDownCapture={keys}>
      <div className={stripClasses['head']}>
        <TabStrip tabs={tabs} splits={splits} current={current?.id} seen={seen} renaming={renaming} acts={acts} />
        <RunningMenu />
        {current ? <StripTools tab={current} at={tabs.indexOf(current)} count={tabs.length} split={split} settingsOpen={settingsOpen} acts={acts} /> : null}
      </div>
      <div className={splitClasses['beside']}>
        <div className={splitClasses['panes']} data-direction={split?.direction}>
          {tabs.map((tab) => (
            <TerminalPane
              key={`${tab.id}.${tab.attempt}`}
              tab={tab}
              shown={shown && seen.includes(tab.id)}
              current={shown && tab.id === current?.id}
              side={split?.second === tab.id ? 'second' : split?.first === tab.id ? 'first' : undefined}
              onFocus={() => {
                if (tab.id !== current?.id) choose(tab.id)
              }}
              onClose={() => leave(tab.id)}
            />
          ))}
          {split ? <SplitDivider split={split} /> : null}
        </div>
        {current && filesShown ? (
          <Suspense fallback={null}>
            <TabFiles tab={current} onClose={() => acts.files(current)} />
          </Suspense>
        ) : null}
      </div>
      {settingsOpen ? (
        <SettingsPanel
          onClose={() => {
            setSettingsOpen(false)
            if (current) focusTerminal(current.id)
          }}
        />
      ) : null}
      <div className="visually-hidden" role="status" aria-live="polite" data-testid="spoken">
        {spoken}
      </div>
    </div>
  )
}
