import { Checkbox } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import classes from './data-list.module.css'
import type { Column, ListShape } from './list-column.ts'
import { rowKeyDown } from './row-keys.ts'
import { toggled } from './selection.ts'

/** The list on a phone: a card for each row. `grid`: cards side by side, where there is room. */
export function ListCards<Row>({ label, columns, rows, rowKey, marked, selection, onOpen, grid }: ListShape<Row> & { grid: boolean }) {
  const { t } = useTranslation()
  const of = (place: Column<Row>['phone']) => columns.filter((column) => (column.phone ?? 'line') === place)
  return (
    <ul className={classes['cards']} aria-label={label} data-grid={grid || undefined}>
      {rows.map((row) => {
        const key = rowKey(row)
        return (
          <li
            key={key}
            className={classes['card']}
            data-marked={marked === key || undefined}
            data-row={key}
            tabIndex={onOpen ? 0 : -1}
            data-selected={selection?.selected.has(key) || undefined}
            onKeyDown={(event) =>
              rowKeyDown(event, {
                ...(onOpen ? { open: () => onOpen(row) } : {}),
                ...(selection && (selection.may?.(row) ?? true) ? { select: () => selection.onSelect(toggled(selection.selected, key)) } : {}),
              })
            }
          >
            <div className={classes['cardHead']}>
              {selection && (selection.may?.(row) ?? true) ? (
                <Checkbox
                  className={classes['cardCheck']}
                  size="sm"
                  aria-label={t('lists.select', { name: selection.name(row) })}
                  checked={selection.selected.has(key)}
                  onChange={() => selection.onSelect(toggled(selection.selected, key))}
                />
              ) : null}
              {of('head').map((column) => (
                <div key={column.key}>{column.show(row)}</div>
              ))}
            </div>
            <dl className={classes['lines']}>
              {of('line').map((column) => (
                <div key={column.key} className={classes['line']}>
                  <dt>{column.label}</dt>
                  <dd>{column.show(row)}</dd>
                </div>
              ))}
            </dl>
            <div className={classes['cardActs']}>
              {of('acts').map((column) => (
                <div key={column.key}>{column.show(row)}</div>
              ))}
            </div>
          </li>
        )
      })}
    </ul>
  )
}
