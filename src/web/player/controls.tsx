import { ActionIcon, NativeSelect } from '@mantine/core'
import {
  IconCopy,
  IconKeyboard,
  IconLink,
  IconMaximize,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconPlayerSkipBack,
  IconPlayerSkipForward,
  IconPlayerTrackNext,
  IconPlayerTrackPrev,
  IconReload,
} from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { clockTime } from '../parts/format.ts'
import type { PlayAct } from './play-keys.ts'
import { idleLimits, speeds } from './playback.ts'
import classes from './player.module.css'
import type { Snapshot } from './replay.ts'

type Props = { state: Snapshot; onAct: (act: PlayAct) => void; onChoose: (choice: { speed?: number; idleSeconds?: number }) => void; hasMarkers: boolean }

export function Controls({ state, onAct, onChoose, hasMarkers }: Props) {
  const { t } = useTranslation()
  const button = (label: string, key: string, icon: React.ReactNode, act: PlayAct, disabled = false) => (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      disabled={disabled}
      aria-label={label}
      aria-keyshortcuts={key === '' ? undefined : key}
      title={key === '' ? label : `${label} (${key})`}
      onClick={() => onAct(act)}
    >
      {icon}
    </ActionIcon>
  )
  const play = state.hasEnded ? <IconReload size={20} /> : state.isPlaying ? <IconPlayerPauseFilled size={20} /> : <IconPlayerPlayFilled size={20} />
  return (
    <div className={classes['controls']}>
      {button(state.hasEnded ? t('player.again') : state.isPlaying ? t('player.pause') : t('player.play'), t('player.space'), play, { act: 'toggle' })}
      <span className={`tnum ${classes['clock'] ?? ''}`} data-testid="clock">
        {clockTime(state.timeMs / 1000)} <span className="quiet">/ {clockTime(state.durationMs / 1000)}</span>
      </span>
      {button(t('player.stepBack'), ',', <IconPlayerTrackPrev size={18} />, { act: 'step', by: -1 })}
      {button(t('player.step'), '.', <IconPlayerTrackNext size={18} />, { act: 'step', by: 1 })}
      {hasMarkers ? (
        <>
          {button(t('player.previousMarker'), 'p', <IconPlayerSkipBack size={18} />, { act: 'marker', by: -1 })}
          {button(t('player.nextMarker'), 'n', <IconPlayerSkipForward size={18} />, { act: 'marker', by: 1 })}
        </>
      ) : null}
      <span className={classes['space']} />
      <NativeSelect
        size="xs"
        w={76}
        aria-label={t('recordings.player.speed')}
        title={`${t('recordings.player.speed')} ([ ])`}
        data-testid="speed"
        value={String(state.speed)}
        data={speeds.map((value) => ({ value: String(value), label: `${value}×` }))}
        onChange={(event) => onChoose({ speed: Number(event.currentTarget.value) })}
      />
      <NativeSelect
        size="xs"
        className={classes['idle']}
        aria-label={t('recordings.player.skipIdle')}
        data-testid="idle"
        value={String(state.idleSeconds)}
        data={idleLimits.map((value) => ({ value: String(value), label: value === 0 ? t('player.idle.all') : t('player.idle.limit', { seconds: value }) }))}
        onChange={(event) => onChoose({ idleSeconds: Number(event.currentTarget.value) })}
      />
      {button(t('player.copyScreen'), 'c', <IconCopy size={18} />, { act: 'copy-screen' })}
      {button(t('player.copyLink'), 'l', <IconLink size={18} />, { act: 'copy-link' })}
      {button(t('player.keys'), '?', <IconKeyboard size={19} />, { act: 'help' })}
      {button(t('recordings.player.fullScreen'), 'f', <IconMaximize size={18} />, { act: 'fullscreen' })}
    </div>
  )
}
