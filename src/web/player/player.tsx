import 'asciinema-player/dist/bundle/asciinema-player.css'
import { Alert, Button, Group, SegmentedControl, Switch, Text } from '@mantine/core'
import { create } from 'asciinema-player'
import type { Player as AsciinemaPlayer } from 'asciinema-player'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SessionView } from '#wire/api/sessions.ts'
import { recordingPath } from '#wire/api.ts'
import { terminalFont } from '../terminal/terminal-font.ts'
import classes from './player.module.css'

const speeds = ['0.5', '1', '2', '4', '8'] as const
/** Longer silences are shortened to this many seconds when idle time is skipped. */
const idleSeconds = 2

/** asciinema-player on the v3 stream. Speed and idle are fixed when it is made: changing them makes it anew at the same moment. */
export function Player({ session, onReload }: { session: SessionView; onReload: () => void }) {
  const { t } = useTranslation()
  const place = useRef<HTMLDivElement>(null)
  const player = useRef<AsciinemaPlayer>(undefined)
  const [speed, setSpeed] = useState<(typeof speeds)[number]>('1')
  const [skipIdle, setSkipIdle] = useState(true)
  const [turn, setTurn] = useState(0)
  const from = useRef(0)
  useEffect(() => {
    if (!place.current) return undefined
    const made = create({ url: recordingPath(session.id, 'v3'), fetchOpts: { credentials: 'same-origin' } }, place.current, {
      autoPlay: true,
      preload: true,
      fit: 'both',
      controls: true,
      speed: Number(speed),
      startAt: from.current,
      terminalFontFamily: terminalFont,
      theme: 'sallyport',
      ...(skipIdle ? { idleTimeLimit: idleSeconds } : {}),
    })
    player.current = made
    // Keys work at once, without a click first.
    place.current.querySelector<HTMLElement>('.ap-wrapper')?.focus()
    return () => {
      player.current = undefined
      made.dispose()
    }
  }, [session.id, speed, skipIdle, turn])
  const remake = (change: () => void, keepTime: boolean) => {
    // Skipping idle time changes what a moment is called: begin again rather than somewhere else.
    from.current = keepTime ? (player.current?.getCurrentTime() ?? 0) : 0
    change()
  }
  return (
    <>
      {session.state !== 'ended' ? (
        <Alert color="tide" variant="light" className="tint-note" py="xs" mb="sm">
          <Group justify="space-between">
            <Text size="sm">{t('recordings.player.live')}</Text>
            <Button
              size="compact-sm"
              variant="subtle"
              onClick={() =>
                remake(() => {
                  setTurn((before) => before + 1)
                  onReload()
                }, true)
              }
            >
              {t('recordings.player.reload')}
            </Button>
          </Group>
        </Alert>
      ) : null}
      <div ref={place} className={classes['player']} data-testid="player" />
      <Group justify="space-between" mt="sm" gap="sm">
        <Group gap="md">
          <Group gap="xs">
            <Text size="sm" className="quiet" id="player-speed">
              {t('recordings.player.speed')}
            </Text>
            <SegmentedControl
              size="xs"
              aria-labelledby="player-speed"
              value={speed}
              data={speeds.map((value) => ({ value, label: `${value}×` }))}
              onChange={(value) => remake(() => setSpeed(speeds.find((one) => one === value) ?? '1'), true)}
            />
          </Group>
          <Switch
            size="sm"
            label={t('recordings.player.skipIdle')}
            checked={skipIdle}
            onChange={(event) => remake(() => setSkipIdle(event.currentTarget.checked), false)}
          />
        </Group>
        <Text size="xs" className={`quiet ${classes['help'] ?? ''}`}>
          {t('recordings.player.help')}
        </Text>
      </Group>
    </>
  )
}
