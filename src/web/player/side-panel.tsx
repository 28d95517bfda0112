// Beside the picture: the session's facts, its commands, its markers, and a search in what was shown.
import { Skeleton, Tabs, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { Suspense, lazy, useDeferredValue, useMemo, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { SessionView } from '#wire/api/sessions.ts'
import { clockTime, hostText } from '../parts/format.ts'
import { KeptWords } from '../sessions/kept-words.tsx'
import { OutputCount } from '../sessions/output-count.tsx'
import { withLaterWords } from '../words/words.ts'
import classes from './player.module.css'
import type { Recording } from './recording.ts'
import { SessionFacts } from './session-facts.tsx'
import { findText, mostMatches, shownLines } from './shown-text.ts'

/** Comes with the words of its page. */
const SessionCommands = lazy(async () => ({ default: (await withLaterWords(import('../commands/session-commands.tsx'))).SessionCommands }))
const tabs = ['facts', 'commands', 'search', 'markers'] as const
export type SideTab = (typeof tabs)[number]
type Props = {
  session: SessionView
  recording: Recording | undefined
  version: number
  /** What is shown now. */
  timeMs: number
  tab: SideTab
  onTab: (tab: SideTab) => void
  wanted: string
  onWanted: (text: string) => void
  onSeek: (toMs: number) => void
  onRemoved: () => void
}

export function SidePanel({ session, recording, version, timeMs, tab, onTab, wanted, onWanted, onSeek, onRemoved }: Props) {
  const { t } = useTranslation()
  return (
    <Tabs className={classes['side']} value={tab} onChange={(value) => onTab(tabs.find((one) => one === value) ?? 'facts')}>
      <Tabs.List>
        <Tabs.Tab value="facts">{t('player.facts')}</Tabs.Tab>
        <Tabs.Tab value="commands">{t('player.commands')}</Tabs.Tab>
        <Tabs.Tab value="search">{t('player.search')}</Tabs.Tab>
        <Tabs.Tab value="markers">{t('player.markers', { count: recording?.markers.length ?? 0 })}</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="facts" className={classes['sidePanel']}>
        {session.kind === 'shell' ? null : <KeptWords kind={session.kind} />}
        {session.kind === 'exec' ? <OutputCount session={session} /> : null}
        <SessionFacts session={session} onRemoved={onRemoved} />
      </Tabs.Panel>
      <Tabs.Panel value="commands" className={classes['sidePanel']}>
        {tab === 'commands' ? (
          <Suspense fallback={<Skeleton height={120} />}>
            <SessionCommands session={session.id} isLive={session.state !== 'ended'} timeMs={timeMs} onSeek={onSeek} />
          </Suspense>
        ) : null}
      </Tabs.Panel>
      <Tabs.Panel value="search" className={classes['sidePanel']}>
        <TextSearch recording={recording} version={version} wanted={wanted} onWanted={onWanted} onSeek={onSeek} />
      </Tabs.Panel>
      <Tabs.Panel value="markers" className={classes['sidePanel']}>
        {recording === undefined || recording.markers.length === 0 ? (
          <p className="quiet">{t('player.noMarkers')}</p>
        ) : (
          <ol className={classes['places']}>
            {recording.markers.map((marker, index) => (
              // oxlint-disable-next-line react/no-array-index-key -- markers are only ever added at the end
              <li key={index}>
                <button type="button" onClick={() => onSeek(marker.atMs)}>
                  <span className="quiet tnum">{clockTime(marker.atMs / 1000)}</span>
                  <span>{hostText(marker.label, 300)}</span>
                </button>
              </li>
            ))}
          </ol>
        )}
      </Tabs.Panel>
    </Tabs>
  )
}

type SearchProps = Pick<Props, 'recording' | 'version' | 'wanted' | 'onWanted' | 'onSeek'>

function TextSearch({ recording, version, wanted, onWanted, onSeek }: SearchProps) {
  const { t } = useTranslation()
  const list = useRef<HTMLOListElement>(null)
  const text = useDeferredValue(wanted)
  const isWanted = text.trim() !== ''
  // Made when it is first asked for: taking long recordings apart takes a moment.
  // oxlint-disable-next-line react/exhaustive-deps -- the recording grows in place; `version` says when
  const lines = useMemo(() => (recording && isWanted ? shownLines(recording) : []), [recording, version, isWanted])
  const matches = useMemo(() => findText(lines, text), [lines, text])
  const first = matches[0]
  return (
    <>
      <TextInput
        type="search"
        size="xs"
        data-testid="text-search"
        // Escape goes back to the picture; without this it would close the dialog.
        data-mantine-stop-propagation
        aria-label={t('player.searchLabel')}
        placeholder={t('player.searchLabel')}
        leftSection={<IconSearch size={14} />}
        value={wanted}
        maxLength={200}
        onChange={(event) => onWanted(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && first) onSeek(first.atMs)
          if (event.key !== 'ArrowDown') return
          event.preventDefault()
          list.current?.querySelector('button')?.focus()
        }}
      />
      <p className="quiet" aria-live="polite" data-testid="match-count">
        {isWanted
          ? matches.length >= mostMatches
            ? t('player.manyMatches', { count: mostMatches })
            : t('player.matches', { count: matches.length })
          : t('player.searchHelp')}
      </p>
      <ol className={classes['places']} ref={list}>
        {matches.map((match, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- the list is made anew with each search
          <li key={index}>
            <button type="button" onClick={() => onSeek(match.atMs)}>
              <span className="quiet tnum">{clockTime(match.atMs / 1000)}</span>
              <span className="mono">
                {hostText(match.before)}
                <mark>{hostText(match.hit)}</mark>
                {hostText(match.after)}
              </span>
            </button>
          </li>
        ))}
      </ol>
    </>
  )
}
