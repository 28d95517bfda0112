// Every list of the product: a table where there is room, cards on a phone. Search, filters, sort and page are in the address; columns are the person's own.
import { UnstyledButton } from '@mantine/core'
import { useLocalStorage, useMediaQuery } from '@mantine/hooks'
import { IconSearchOff } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import classes from './data-list.module.css'
import { EmptyPlace } from './empty-place.tsx'
import { FailurePlace } from './failure-notice.tsx'
import { isShown, type KeptColumns, readKept } from './kept-columns.ts'
import { ListBar } from './list-bar.tsx'
import { ListCards } from './list-cards.tsx'
import type { Column, Selection } from './list-column.ts'
import { ListFoot } from './list-foot.tsx'
import { ListRows } from './list-rows.tsx'
import type { ListSearch } from './list-search.ts'
import { nextSort, usualSize } from './list-search.ts'
import { ListSkeleton } from './list-skeleton.tsx'
import { useLanguage } from './use-language.ts'

export type { Column, Selection } from './list-column.ts'

type Answer<Row> = {
  data: { items: Row[]; total: number; of: number } | undefined
  error: unknown
  isPending: boolean
  isPlaceholderData: boolean
  refetch: () => unknown
}
type Props<Row> = {
  /** Under which the person's columns of this list are kept; of letters. */
  name: string
  label: string
  columns: Column<Row>[]
  answer: Answer<Row>
  search: ListSearch
  onSearch: (change: Partial<Record<keyof ListSearch, string | number | undefined>>) => void
  rowKey: (row: Row) => string
  empty: React.ReactNode
  /** How the list is sorted when the address does not say. */
  usualSort?: string
  /** Search field and filters, to the left over the list. */
  tools?: React.ReactNode
  /** Whether something besides `q` narrows the list, and how all of it is taken away. */
  narrowed?: boolean
  onClear?: () => void
  marked?: string | undefined
  selection?: Selection<Row>
  /** Enter on a row. */
  onOpen?: (row: Row) => void
  /** Cards where there is room for a table too. */
  cards?: boolean
  /** Where the same list is as CSV, with the present query; the language is added here. */
  csv?: string
}

export function DataList<Row>(props: Props<Row>) {
  const { name, columns, search, onSearch, usualSort, tools, cards = false, csv } = props
  const phone = useMediaQuery('(max-width: 760px)', undefined, { getInitialValueInEffect: false }) ?? false
  const language = useLanguage()
  const [kept, setKept] = useLocalStorage<KeptColumns>({
    key: `sallyport.columns.${name}`,
    defaultValue: {},
    getInitialValueInEffect: false,
    deserialize: (text) => readKept(text ?? null),
  })
  const sort = search.sort ?? usualSort
  const onSort = (column: string) => onSearch({ sort: nextSort(search.sort, column, usualSort), page: undefined })
  const shown = columns.filter((column) => isShown(column, kept))
  return (
    <div className={classes['list']}>
      <ListBar
        columns={columns}
        kept={kept}
        onKeep={setKept}
        sorting={phone || cards ? { by: sort, onSort } : undefined}
        csv={csv === undefined ? undefined : `${csv}${csv.includes('?') ? '&' : '?'}lang=${language}`}
      >
        {tools}
      </ListBar>
      <Body {...props} columns={shown} sort={sort} onSort={onSort} phone={phone} />
    </div>
  )
}

type BodyProps<Row> = Props<Row> & { sort: string | undefined; onSort: (column: string) => void; phone: boolean }

function Body<Row>({
  columns,
  answer,
  search,
  onSearch,
  rowKey,
  empty,
  narrowed = false,
  onClear,
  sort,
  onSort,
  phone,
  cards = false,
  ...rest
}: BodyProps<Row>) {
  const { t } = useTranslation()
  const rows = answer.data?.items
  const isNarrowed = narrowed || search.q !== undefined
  if (!rows && answer.error)
    return (
      <div className={classes['panel']}>
        <FailurePlace error={answer.error} retry={() => void answer.refetch()} />
      </div>
    )
  if (!rows) return <ListSkeleton columns={columns} rows={search.size ?? usualSize} phone={phone || cards} label={t('parts.loading')} />
  // A page beyond the last one is empty too, but says so in the other words.
  if (rows.length === 0 && (answer.data?.total ?? 0) === 0 && !isNarrowed) return <div className={classes['panel']}>{empty}</div>
  if (rows.length === 0)
    return (
      <div className={classes['panel']}>
        <EmptyPlace icon={IconSearchOff} title={t('parts.nothingMatches.title')} text={t('parts.nothingMatches.text')}>
          <UnstyledButton className={classes['link']} onClick={onClear ?? (() => onSearch({ q: undefined, page: undefined }))}>
            {t('parts.nothingMatches.clear')}
          </UnstyledButton>
        </EmptyPlace>
      </div>
    )
  const shape = { label: rest.label, columns, rows, rowKey, marked: rest.marked, selection: rest.selection, onOpen: rest.onOpen }
  return (
    <div className={classes['panel']} data-old={answer.isPlaceholderData || undefined} aria-busy={answer.isPlaceholderData || undefined}>
      {phone || cards ? <ListCards {...shape} grid={!phone} /> : <ListRows {...shape} sort={sort} onSort={onSort} />}
      <ListFoot search={search} items={rows.length} total={answer.data?.total ?? 0} of={isNarrowed ? (answer.data?.of ?? 0) : 0} onSearch={onSearch} />
    </div>
  )
}
