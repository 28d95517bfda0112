import { useTranslation } from 'react-i18next'
import type { Split } from './split-layout.ts'
import { changeSplits, clampRatio, leastRatio, mostRatio, ratioAfterKey, withChange } from './split-layout.ts'
import classes from './split.module.css'

/** Between two terminals: dragged, moved by arrow keys, set to the middle by a double click or Enter. */
export function SplitDivider({ split }: { split: Split }) {
  const { t } = useTranslation()
  const set = (ratio: number) => changeSplits((splits) => withChange(splits, split.first, { ratio }))
  const row = split.direction === 'row'
  const drag = (event: React.PointerEvent<HTMLDivElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return
    const room = event.currentTarget.parentElement?.getBoundingClientRect()
    if (room) set(clampRatio(row ? (event.clientX - room.left) / room.width : (event.clientY - room.top) / room.height))
  }
  return (
    <div
      role="separator"
      tabIndex={0}
      aria-label={t('comfort.split.divider')}
      aria-orientation={row ? 'vertical' : 'horizontal'}
      aria-valuenow={Math.round(split.ratio * 100)}
      aria-valuemin={leastRatio * 100}
      aria-valuemax={mostRatio * 100}
      className={classes['divider']}
      data-direction={split.direction}
      onPointerDown={(event) => {
        event.preventDefault()
        event.currentTarget.setPointerCapture(event.pointerId)
      }}
      onPointerMove={drag}
      onDoubleClick={() => set(0.5)}
      onKeyDown={(event) => {
        const ratio = ratioAfterKey(split.ratio, split.direction, event.key)
        if (ratio === undefined) return
        event.preventDefault()
        set(ratio)
      }}
    />
  )
}
