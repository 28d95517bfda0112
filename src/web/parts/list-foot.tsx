import { Group, NativeSelect, Pagination, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import classes from './data-list.module.css'
import type { ListSearch } from './list-search.ts'
import { pageSizes, shownRange, usualSize } from './list-search.ts'

type Props = {
  search: ListSearch
  items: number
  total: number
  of: number
  onSearch: (change: { page?: number | undefined; size?: number | undefined }) => void
}

/** "x to y of n (of m)", rows per page, pages. */
export function ListFoot({ search, items, total, of, onSearch }: Props) {
  const { t } = useTranslation()
  const size = search.size ?? usualSize
  const page = search.page ?? 1
  const range = shownRange(page, size, items, total)
  const pages = Math.max(1, Math.ceil(total / size))
  if (!range) return null
  return (
    <Group className={classes['foot']} justify="space-between" gap="sm">
      <Text size="sm" className="quiet tnum" data-testid="list-range" aria-live="polite">
        {of > total ? t('parts.rangeOf', { ...range, total, of }) : t('parts.range', { ...range, total })}
      </Text>
      <Group gap="sm">
        {pages > 1 ? (
          <Pagination
            size="sm"
            total={pages}
            value={page}
            onChange={(next) => onSearch({ page: next === 1 ? undefined : next })}
            aria-label={t('parts.pages')}
            getControlProps={(control) =>
              control === 'previous' ? { 'aria-label': t('parts.previous') } : control === 'next' ? { 'aria-label': t('parts.next') } : {}
            }
          />
        ) : null}
        <NativeSelect
          size="xs"
          w={86}
          aria-label={t('parts.pageSize')}
          data={pageSizes.map(String)}
          value={String(size)}
          onChange={(event) =>
            onSearch({ size: Number(event.currentTarget.value) === usualSize ? undefined : Number(event.currentTarget.value), page: undefined })
          }
        />
      </Group>
    </Group>
  )
}
