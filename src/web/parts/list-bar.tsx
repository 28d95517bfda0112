// What stands over every list: the page's own search and filters, then what all lists have: columns, times, CSV.
import { ActionIcon, Menu, Tooltip } from '@mantine/core'
import { IconClock, IconClockHour4, IconColumns3, IconFileTypeCsv, IconSortDescending } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import classes from './data-list.module.css'
import { setExactTimes, useExactTimes } from './exact-times.ts'
import { choose, isShown, type KeptColumns } from './kept-columns.ts'

type BarColumn = { key: string; label: string; fixed?: boolean; hidden?: boolean; sort?: string }
type Props = {
  columns: BarColumn[]
  kept: KeptColumns
  onKeep: (kept: KeptColumns) => void
  /** Only on a phone, where no head of a column can be touched. */
  sorting: { by: string | undefined; onSort: (column: string) => void } | undefined
  csv: string | undefined
  children: React.ReactNode
}

export function ListBar({ columns, kept, onKeep, sorting, csv, children }: Props) {
  const { t } = useTranslation()
  const exact = useExactTimes()
  return (
    <div className={classes['bar']}>
      <div className={classes['barTools']}>{children}</div>
      <div className={classes['barActs']} role="group" aria-label={t('lists.view')}>
        {sorting ? <SortMenu columns={columns} {...sorting} /> : null}
        <ColumnsMenu columns={columns} kept={kept} onKeep={onKeep} />
        <Tooltip label={exact ? t('lists.timesRelative') : t('lists.timesExact')}>
          <ActionIcon
            variant={exact ? 'light' : 'subtle'}
            color="gray"
            size="lg"
            aria-label={t('lists.timesExact')}
            aria-pressed={exact}
            onClick={() => setExactTimes(!exact)}
          >
            {exact ? <IconClockHour4 size={18} /> : <IconClock size={18} />}
          </ActionIcon>
        </Tooltip>
        {csv === undefined ? null : (
          <Tooltip label={t('lists.csv')}>
            <ActionIcon component="a" href={csv} download variant="subtle" color="gray" size="lg" aria-label={t('lists.csv')} data-testid="list-csv">
              <IconFileTypeCsv size={18} />
            </ActionIcon>
          </Tooltip>
        )}
      </div>
    </div>
  )
}

function ColumnsMenu({ columns, kept, onKeep }: Pick<Props, 'columns' | 'kept' | 'onKeep'>) {
  const { t } = useTranslation()
  return (
    <Menu position="bottom-end" closeOnItemClick={false} shadow="md">
      <Menu.Target>
        <Tooltip label={t('lists.columns')}>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('lists.columns')} data-testid="list-columns">
            <IconColumns3 size={18} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown mah="75dvh" className={classes['menu']}>
        <Menu.Label>{t('lists.columns')}</Menu.Label>
        {columns
          .filter((column) => column.fixed !== true)
          .map((column) => {
            const shown = isShown(column, kept)
            return (
              <Menu.CheckboxItem key={column.key} checked={shown} closeMenuOnClick={false} onChange={() => onKeep(choose(column, !shown, kept))}>
                {column.label}
              </Menu.CheckboxItem>
            )
          })}
        <Menu.Divider />
        <Menu.Item disabled={Object.keys(kept).length === 0} onClick={() => onKeep({})}>
          {t('lists.resetColumns')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

function SortMenu({ columns, by, onSort }: { columns: BarColumn[]; by: string | undefined; onSort: (column: string) => void }) {
  const { t } = useTranslation()
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('lists.sort')}>
          <IconSortDescending size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown mah="75dvh" className={classes['menu']}>
        <Menu.Label>{t('lists.sort')}</Menu.Label>
        {columns.map(({ key, label, sort }) =>
          sort === undefined ? null : (
            <Menu.Item key={key} rightSection={by === sort ? '↑' : by === `-${sort}` ? '↓' : undefined} onClick={() => onSort(sort)}>
              {label}
            </Menu.Item>
          ),
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
