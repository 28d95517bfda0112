import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { Item } from './items.ts'
import classes from './palette.module.css'

type Props = { id: string; items: readonly Item[]; current: Item | undefined; onChoose: (item: Item) => void; onPoint: (item: Item) => void }

/** The entries under the names of their groups. The keyboard stays in the field; this only shows where it points. */
export function PaletteList({ id, items, current, onChoose, onPoint }: Props) {
  const { t } = useTranslation()
  const shown = useRef<HTMLDivElement>(null)
  useEffect(() => {
    shown.current?.scrollIntoView({ block: 'nearest' })
  }, [current?.id])
  const together = items
    .filter((item, at) => items[at - 1]?.group !== item.group)
    .map(({ group }) => ({ group, items: items.filter((item) => item.group === group) }))
  return (
    <div id={id} role="listbox" aria-label={t('palette.results')} className={classes['list']} hidden={items.length === 0} tabIndex={-1} data-scrolls>
      {together.map(({ group, items: members }) => (
        <div key={group} role="group" aria-labelledby={`${id}-${group}`}>
          <div id={`${id}-${group}`} className={classes['group']} role="presentation">
            {t(`palette.group.${group}`)}
          </div>
          {members.map((item) => {
            const isCurrent = item === current
            return (
              // The keyboard acts through the field, which names the current option.
              <div
                key={item.id}
                ref={isCurrent ? shown : undefined}
                id={`${id}-${item.id}`}
                role="option"
                aria-selected={isCurrent}
                className={classes['option']}
                data-testid="palette-option"
                // The field keeps the focus.
                onMouseDown={(event) => event.preventDefault()}
                onMouseMove={() => (isCurrent ? undefined : onPoint(item))}
                onClick={() => onChoose(item)}
              >
                <item.icon size={18} stroke={1.7} aria-hidden />
                <bdi className={classes['title']}>{item.title}</bdi>
                {item.note === undefined ? null : <bdi className={`${classes['note'] ?? ''} ${item.isAddress ? 'mono' : ''}`}>{item.note}</bdi>}
              </div>
            )
          })}
        </div>
      ))}
    </div>
  )
}
