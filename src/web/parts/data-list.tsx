// Every list of the product: a table where there is room, cards on a phone; sort, search and page are in the address.
import { Skeleton, Table, UnstyledButton } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconArrowDown, IconArrowUp, IconArrowsSort, IconSearchOff } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import classes from './data-list.module.css'
import { EmptyPlace } from './empty-place.tsx'
import { FailurePlace } from './failure-notice.tsx'
import { ListFoot } from './list-foot.tsx'
import type { ListSearch } from './list-search.ts'
import { nextSort } from './list-search.ts'

export type Column<Row> = {
  key: string
  label: string
  show: (row: Row) => React.ReactNode
  /** The API's name of the column when it can be sorted by. */
  sort?: string
  /** On a phone: the head of the card, one of its lines (the usual), the row of buttons, or not at all. */
  phone?: 'head' | 'line' | 'acts' | 'none'
  align?: 'right'
  width?: number | string
}

type Answer<Row> = {
  data: { items: Row[]; total: number; of: number } | undefined
  error: unknown
  isPending: boolean
  isPlaceholderData: boolean
  refetch: () => unknown
}
type Props<Row> = {
  label: string
  columns: Column<Row>[]
  answer: Answer<Row>
  search: ListSearch
  onSearch: (change: Partial<Record<keyof ListSearch, string | number | undefined>>) => void
  rowKey: (row: Row) => string
  empty: React.ReactNode
  marked?: string | undefined
}

export function DataList<Row>({ label, columns, answer, search, onSearch, rowKey, empty, marked }: Props<Row>) {
  const { t } = useTranslation()
  const phone = useMediaQuery('(max-width: 760px)', undefined, { getInitialValueInEffect: false }) ?? false
  const rows = answer.data?.items
  if (!rows && answer.error) return <FailurePlace error={answer.error} retry={() => void answer.refetch()} />
  if (!rows) return <ListSkeleton columns={phone ? 2 : columns.length} label={t('parts.loading')} />
  // A page beyond the last one is empty too, but says so in the other words.
  if (rows.length === 0 && (answer.data?.total ?? 0) === 0 && search.q === undefined) return <div className={classes['panel']}>{empty}</div>
  if (rows.length === 0)
    return (
      <div className={classes['panel']}>
        <EmptyPlace icon={IconSearchOff} title={t('parts.nothingMatches.title')} text={t('parts.nothingMatches.text')}>
          <UnstyledButton className={classes['link']} onClick={() => onSearch({ q: undefined, page: undefined })}>
            {t('parts.nothingMatches.clear')}
          </UnstyledButton>
        </EmptyPlace>
      </div>
    )
  const shared = { label, columns, rows, rowKey, marked }
  return (
    <div className={classes['panel']} data-old={answer.isPlaceholderData || undefined}>
      {phone ? (
        <Cards {...shared} />
      ) : (
        <Rows {...shared} sort={search.sort} onSort={(column) => onSearch({ sort: nextSort(search.sort, column), page: undefined })} />
      )}
      <ListFoot
        search={search}
        items={rows.length}
        total={answer.data?.total ?? 0}
        of={search.q === undefined ? 0 : (answer.data?.of ?? 0)}
        onSearch={onSearch}
      />
    </div>
  )
}

type Shared<Row> = { label: string; columns: Column<Row>[]; rows: Row[]; rowKey: (row: Row) => string; marked: string | undefined }

function Rows<Row>({ label, columns, rows, rowKey, marked, sort, onSort }: Shared<Row> & { sort: string | undefined; onSort: (column: string) => void }) {
  const { t } = useTranslation()
  return (
    <Table.ScrollContainer minWidth={640} type="native">
      <Table className={classes['table']} verticalSpacing={9} horizontalSpacing="sm" highlightOnHover aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => {
              const by = column.sort
              const order = by === undefined ? undefined : sort === by ? 'ascending' : sort === `-${by}` ? 'descending' : 'none'
              const Arrow = order === 'ascending' ? IconArrowUp : order === 'descending' ? IconArrowDown : IconArrowsSort
              return (
                <Table.Th key={column.key} aria-sort={order} ta={column.align} w={column.width}>
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
          {rows.map((row) => (
            <Table.Tr key={rowKey(row)} data-marked={marked === rowKey(row) || undefined} data-row={rowKey(row)}>
              {columns.map((column) => (
                <Table.Td key={column.key} ta={column.align}>
                  {column.show(row)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

function Cards<Row>({ label, columns, rows, rowKey, marked }: Shared<Row>) {
  const of = (place: Column<Row>['phone']) => columns.filter((column) => (column.phone ?? 'line') === place)
  return (
    <ul className={classes['cards']} aria-label={label}>
      {rows.map((row) => (
        <li key={rowKey(row)} className={classes['card']} data-marked={marked === rowKey(row) || undefined} data-row={rowKey(row)}>
          <div className={classes['cardHead']}>
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
      ))}
    </ul>
  )
}

function ListSkeleton({ columns, label }: { columns: number; label: string }) {
  return (
    <div className={classes['panel']} role="status" aria-label={label}>
      {Array.from({ length: 8 }, (_, row) => (
        <div key={row} className={classes['bones']}>
          {Array.from({ length: Math.min(columns, 6) }, (_unused, column) => (
            <Skeleton key={column} height={13} width={`${60 + ((row * 7 + column * 13) % 35)}%`} />
          ))}
        </div>
      ))}
    </div>
  )
}
