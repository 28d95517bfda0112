import { Checkbox, Table, UnstyledButton } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconArrowsSort } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './data-list.module.css'
import type { ListShape } from './list-column.ts'
import { rowKeyDown } from './row-keys.ts'
import { isWholePage, toggled, toggledPage } from './selection.ts'

type Props<Row> = ListShape<Row> & { sort: string | undefined; onSort: (column: string) => void }

/** The table, where there is room for one. It scrolls sideways by itself; the head stays in sight. */
export function ListRows<Row>({ label, columns, rows, rowKey, marked, selection, onOpen, sort, onSort }: Props<Row>) {
  const { t } = useTranslation()
  const { place, isWide } = useWidth<HTMLDivElement>()
  const [active, setActive] = useState<string>()
  const keys = rows.map(rowKey)
  // One row is reached by Tab, the others by arrows from there.
  const entry = active !== undefined && keys.includes(active) ? active : (marked ?? keys[0])
  const choosable = selection ? rows.filter((row) => selection.may?.(row) ?? true).map(rowKey) : []
  return (
    <div ref={place} className={classes['scroller']} data-wide={isWide || undefined} data-scrolls>
      <Table className={classes['table']} verticalSpacing={9} horizontalSpacing="sm" highlightOnHover aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            {selection ? (
              <Table.Th w={44}>
                <Checkbox
                  size="xs"
                  aria-label={t('lists.selectPage')}
                  checked={isWholePage(selection.selected, choosable)}
                  indeterminate={!isWholePage(selection.selected, choosable) && choosable.some((key) => selection.selected.has(key))}
                  disabled={choosable.length === 0}
                  onChange={() => selection.onSelect(toggledPage(selection.selected, choosable))}
                />
              </Table.Th>
            ) : null}
            {columns.map((column) => {
              const by = column.sort
              const order = by === undefined ? undefined : sort === by ? 'ascending' : sort === `-${by}` ? 'descending' : 'none'
              const Arrow = order === 'ascending' ? IconArrowUp : order === 'descending' ? IconArrowDown : IconArrowsSort
              return (
                <Table.Th key={column.key} aria-sort={order} ta={column.align} w={column.width} data-column={column.key}>
                  {by === undefined ? (
                    column.label
                  ) : (
                    <UnstyledButton
                      className={classes['sort']}
                      data-sorted={order !== 'none' || undefined}
                      title={t('parts.sortBy', { column: column.label })}
                      onClick={() => onSort(by)}
                    >
                      {column.label}
                      <Arrow size={13} aria-hidden />
                    </UnstyledButton>
                  )}
                </Table.Th>
              )
            })}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => {
            const key = rowKey(row)
            return (
              <Table.Tr
                key={key}
                data-marked={marked === key || undefined}
                data-selected={selection?.selected.has(key) || undefined}
                data-row={key}
                tabIndex={key === entry ? 0 : -1}
                onFocus={() => setActive(key)}
                onKeyDown={(event) =>
                  rowKeyDown(event, {
                    ...(onOpen ? { open: () => onOpen(row) } : {}),
                    ...(selection && choosable.includes(key) ? { select: () => selection.onSelect(toggled(selection.selected, key)) } : {}),
                  })
                }
              >
                {selection ? (
                  <Table.Td>
                    <Checkbox
                      size="xs"
                      aria-label={t('lists.select', { name: selection.name(row) })}
                      checked={selection.selected.has(key)}
                      disabled={!choosable.includes(key)}
                      tabIndex={-1}
                      onChange={() => selection.onSelect(toggled(selection.selected, key))}
                    />
                  </Table.Td>
                ) : null}
                {columns.map((column) => (
                  <Table.Td key={column.key} ta={column.align}>
                    {column.show(row)}
                  </Table.Td>
                ))}
              </Table.Tr>
            )
          })}
        </Table.Tbody>
      </Table>
    </div>
  )
}

/** Whether the table is wider than its place. Only then does it scroll by itself: a box that scrolls would hold the head back from staying in sight. */
function useWidth<Element extends HTMLElement>() {
  const place = useRef<Element>(null)
  const [isWide, setWide] = useState(false)
  useEffect(() => {
    const box = place.current
    const table = box?.firstElementChild
    if (!box || !table) return undefined
    const observer = new ResizeObserver(() => setWide(table.scrollWidth > box.clientWidth + 1))
    observer.observe(box)
    observer.observe(table)
    return () => observer.disconnect()
  }, [])
  return { place, isWide }
}
