// The timeline: where one is, how much was shown when, and the markers. A range of the browser, so that every way to move one works.
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { clockTime, hostText } from '../parts/format.ts'
import { density, densityPath } from './density.ts'
import classes from './player.module.css'
import type { Recording } from './recording.ts'

const bars = 240
type Props = { recording: Recording; version: number; timeMs: number; durationMs: number; onSeek: (toMs: number) => void }

export function Timeline({ recording, version, timeMs, durationMs, onSeek }: Props) {
  const { t } = useTranslation()
  // oxlint-disable-next-line react/exhaustive-deps -- the recording grows in place; `version` says when
  const path = useMemo(() => densityPath(density(recording, bars)), [recording, version])
  const share = durationMs === 0 ? 0 : Math.min(1, timeMs / durationMs)
  const said = `${clockTime(timeMs / 1000)} / ${clockTime(durationMs / 1000)}`
  return (
    <div className={classes['timeline']}>
      <svg className={classes['density']} viewBox={`0 0 ${bars} 1`} preserveAspectRatio="none" aria-hidden data-testid="density">
        <path d={path} />
        <rect x={0} y={0} width={bars * share} height={1} />
      </svg>
      <input
        className={classes['range']}
        type="range"
        min={0}
        max={Math.max(1, Math.ceil(durationMs))}
        step={1}
        value={Math.round(timeMs)}
        aria-label={t('player.timeline')}
        aria-valuetext={said}
        data-testid="timeline"
        onChange={(event) => onSeek(Number(event.currentTarget.value))}
      />
      {durationMs === 0
        ? null
        : recording.markers.slice(0, 400).map((marker, index) => (
            <button
              // oxlint-disable-next-line react/no-array-index-key -- markers are only ever added at the end
              key={index}
              type="button"
              tabIndex={-1}
              className={classes['mark']}
              ref={(element) => {
                // Through CSSOM: the page's policy shuts style attributes out.
                if (element) element.style.insetInlineStart = `${(marker.atMs / durationMs) * 100}%`
              }}
              title={`${clockTime(marker.atMs / 1000)} ${hostText(marker.label)}`}
              aria-label={t('player.marker', { label: hostText(marker.label) })}
              onClick={() => onSeek(marker.atMs)}
            />
          ))}
    </div>
  )
}
