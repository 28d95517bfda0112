import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './files.module.css'
import { boundWidth, widths } from './kept-look.ts'

/** The left edge of the panel: drawn, or moved by arrows. */
export function PanelEdge({ width, onWidth }: { width: number; onWidth: (width: number) => void }) {
  const { t } = useTranslation()
  const held = useRef<{ x: number; width: number }>(undefined)
  return (
    <div
      role="separator"
      tabIndex={0}
      className={classes['edge']}
      aria-orientation="vertical"
      aria-label={t('files.width')}
      aria-valuenow={width}
      aria-valuemin={widths.least}
      aria-valuemax={widths.most}
      onPointerDown={(event) => {
        event.preventDefault()
        event.currentTarget.setPointerCapture(event.pointerId)
        held.current = { x: event.clientX, width }
      }}
      onPointerMove={(event) => {
        if (held.current) onWidth(boundWidth(held.current.width + held.current.x - event.clientX))
      }}
      onPointerUp={() => (held.current = undefined)}
      onPointerCancel={() => (held.current = undefined)}
      onDoubleClick={() => onWidth(widths.usual)}
      onKeyDown={(event) => {
        const by = event.key === 'ArrowLeft' ? 24 : event.key === 'ArrowRight' ? -24 : 0
        if (by === 0) return
        event.preventDefault()
        event.stopPropagation()
        onWidth(boundWidth(width + by))
      }}
    />
  )
}
