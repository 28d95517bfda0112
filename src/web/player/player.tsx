// The replay: picture, timeline, controls, and what stands beside. Everything here is reached by a key too (`play-keys.ts`).
import { Alert, Button, Group, Loader, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { flushSync } from 'react-dom'
import { useTranslation } from 'react-i18next'
import { Failure } from '#domain/failure.ts'
import type { SessionView } from '#wire/api/sessions.ts'
import { FailureLine, FailurePlace } from '../parts/failure-notice.tsx'
import { copyText } from '../terminal/clipboard.ts'
import { useShownTheme } from '../terminal/shown-theme.ts'
import { Controls } from './controls.tsx'
import { KeysHelp } from './keys-help.tsx'
import { type PlayAct, playAct } from './play-keys.ts'
import { speeds } from './playback.ts'
import classes from './player.module.css'
import { Replay, type Snapshot } from './replay.ts'
import { SidePanel, type SideTab } from './side-panel.tsx'
import { Timeline } from './timeline.tsx'

type Props = {
  session: SessionView
  fromMs: number
  /** To the neighbour in the list, when there is one. */
  onNeighbour: (by: 1 | -1) => void
  onRemoved: () => void
  /** The address of this moment, for the clipboard. */
  linkAt: (timeMs: number) => string
  /** What lives has gone on: fetch it anew and go on from here. */
  onReload: (timeMs: number) => void
}

const nothing: Snapshot = {
  timeMs: 0,
  durationMs: 0,
  isPlaying: false,
  isSeeking: false,
  hasEnded: false,
  speed: 1,
  idleSeconds: 2,
  status: 'loading',
  isComplete: false,
  error: undefined,
  version: 0,
}
const never = () => () => undefined

export function Player({ session, fromMs, onNeighbour, onRemoved, linkAt, onReload }: Props) {
  const { t } = useTranslation()
  const whole = useRef<HTMLDivElement>(null)
  const place = useRef<HTMLDivElement>(null)
  const [replay, setReplay] = useState<Replay>()
  const [isHelped, setHelped] = useState(false)
  const [tab, setTab] = useState<SideTab>('facts')
  const [wanted, setWanted] = useState('')
  const theme = useShownTheme('harbour').colors
  const first = useRef({ fromMs, label: t('player.screen'), theme })
  const state = useSyncExternalStore(replay?.subscribe ?? never, replay?.snapshot ?? (() => nothing))
  useEffect(() => {
    if (!place.current) return undefined
    const made = new Replay(place.current, session.id, first.current)
    setReplay(made)
    // Keys work at once, without a click first.
    whole.current?.focus()
    return () => {
      setReplay(undefined)
      made.dispose()
    }
  }, [session.id])

  const copy = async (text: string, done: string) => {
    const copied = await copyText(text)
    notifications.show(copied ? { message: done, autoClose: 2500 } : { color: 'red', message: t('player.copyFailed') })
  }
  const act = (what: PlayAct): void => {
    const { timeMs, durationMs, speed } = state
    switch (what.act) {
      case 'toggle':
        return replay?.toggle()
      case 'jump':
        return void replay?.seek(timeMs + what.seconds * 1000)
      case 'share':
        return void replay?.seek(durationMs * what.share)
      case 'start':
        return void replay?.seek(0)
      case 'end':
        return void replay?.seek(durationMs)
      case 'step':
        return void replay?.step(what.by)
      case 'speed': {
        const place = speeds.findIndex((one) => one === speed)
        return replay?.choose({ speed: speeds[Math.max(0, Math.min(speeds.length - 1, place + what.by))] ?? speed })
      }
      case 'marker': {
        const { markers } = replay?.recording ?? { markers: [] }
        // A little back, so that the previous one is reached while the present one plays.
        const goal = what.by === 1 ? markers.find(({ atMs }) => atMs > timeMs) : markers.findLast(({ atMs }) => atMs < timeMs - 1000)
        return goal ? void replay?.seek(goal.atMs) : undefined
      }
      case 'recording':
        return onNeighbour(what.by)
      case 'help':
        whole.current?.focus()
        return setHelped((before) => !before)
      case 'search':
        // At once: what is typed next is meant for the field.
        flushSync(() => setTab('search'))
        return whole.current?.querySelector<HTMLElement>('[data-testid=text-search]')?.focus()
      case 'copy-screen':
        return void copy(replay?.text() ?? '', t('player.copiedScreen'))
      case 'copy-link':
        return void copy(linkAt(timeMs), t('player.copiedLink'))
      case 'fullscreen':
        return void (document.fullscreenElement ? document.exitFullscreen() : whole.current?.requestFullscreen())
    }
  }
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (isHelped && event.key === 'Escape') {
      // The dialog stays (`data-mantine-stop-propagation`); only what lies over the picture goes.
      return setHelped(false)
    }
    if (event.key === 'Escape' && event.target instanceof HTMLInputElement) return whole.current?.focus()
    const what = isOwnKey(event) ? undefined : playAct(event)
    if (!what) return
    event.preventDefault()
    event.stopPropagation()
    act(what)
  }
  const isLoading = state.status === 'loading'
  return (
    <div
      ref={whole}
      className={classes['player']}
      tabIndex={-1}
      onKeyDown={onKeyDown}
      data-testid="player"
      data-status={state.status}
      data-mantine-stop-propagation={isHelped || undefined}
    >
      <div className={classes['main']}>
        {session.state === 'ended' ? null : (
          <Alert color="tide" variant="light" className="tint-note" py={6}>
            <Group justify="space-between">
              <Text size="sm">{t('recordings.player.live')}</Text>
              <Button size="compact-sm" variant="subtle" onClick={() => onReload(state.timeMs)}>
                {t('recordings.player.reload')}
              </Button>
            </Group>
          </Alert>
        )}
        {replay && replay.recording.broken > 0 && state.status !== 'failed' ? (
          <Alert color="red" variant="light" className="tint-bad" py={6} role="alert" data-testid="broken-lines">
            {t('player.broken', { count: replay.recording.broken })}
          </Alert>
        ) : null}
        {replay?.recording.isCut === true ? (
          <Alert color="tide" variant="light" className="tint-note" py={6}>
            {t('player.cut')}
          </Alert>
        ) : null}
        {state.status !== 'failed' && state.error !== undefined ? <FailureLine error={state.error} /> : null}
        <div className={classes['stage']}>
          {/* A click on the picture is the quickest way to stop; the same is on the space bar. */}
          <div ref={place} className={classes['screen']} hidden={state.status === 'failed'} data-testid="screen" />
          {isLoading ? <Loader className={classes['wait']} aria-label={t('parts.loading')} /> : null}
          {state.status === 'failed' ? <FailurePlace error={state.error ?? new Failure('recording_incomplete', '')} retry={() => onReload(0)} /> : null}
          {isHelped ? <KeysHelp onClose={() => setHelped(false)} /> : null}
        </div>
        {replay ? (
          <Timeline
            recording={replay.recording}
            version={state.version}
            timeMs={state.timeMs}
            durationMs={state.durationMs}
            onSeek={(toMs) => void replay.seek(toMs)}
          />
        ) : null}
        <Controls state={state} onAct={act} onChoose={(choice) => replay?.choose(choice)} hasMarkers={(replay?.recording.markers.length ?? 0) > 0} />
      </div>
      <SidePanel
        session={session}
        recording={replay?.recording}
        version={state.version}
        timeMs={state.timeMs}
        tab={tab}
        onTab={setTab}
        wanted={wanted}
        onWanted={setWanted}
        onSeek={(toMs) => void replay?.seek(toMs)}
        onRemoved={onRemoved}
      />
    </div>
  )
}

/** Whether what has the focus needs the key itself: text is typed, a button is pressed, a choice is made. */
function isOwnKey({ key, target }: React.KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.closest('textarea:not(.xterm-helper-textarea), select, input:not([type=range])')) return true
  if (target.closest('[role=tab], [role=menu]')) return key.startsWith('Arrow') || key === 'Home' || key === 'End' || key === ' '
  return target.closest('button, a') !== null && (key === ' ' || key === 'Enter')
}
