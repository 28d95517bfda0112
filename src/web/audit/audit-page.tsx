import { IconReportSearch } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Suspense, lazy } from 'react'
import { useTranslation } from 'react-i18next'
import { csvPath } from '#wire/api.ts'
import { api } from '../api.ts'
import { DataList } from '../parts/data-list.tsx'
import { EmptyPlace } from '../parts/empty-place.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { SearchField } from '../parts/search-field.tsx'
import { csvQuery } from '../sessions/sessions-search.ts'
import { auditColumnsOf } from './audit-columns.tsx'
import { AuditFilterBar } from './audit-filters.tsx'
import { askedAudit, isNarrowed, noAuditFilters } from './audit-search.ts'
import { useCodeWords } from './audit-words.ts'
import { ChainState } from './chain-state.tsx'

const route = getRouteApi('/frame/audit')
const RowDetails = lazy(async () => ({ default: (await import('./row-details.tsx')).RowDetails }))
type Sort = NonNullable<NonNullable<Parameters<typeof api.audit.list>[0]>['sort']>

export function AuditPage() {
  const { t } = useTranslation()
  const words = useCodeWords()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { q, page, size } = search
  const asked = { ...askedAudit(search), sort: (search.sort ?? '-at') as Sort }
  const answer = useQuery({
    queryKey: ['audit', 'rows', asked, page, size],
    queryFn: ({ signal }) => api.audit.list({ ...asked, page: page ?? 1, size: size ?? 50 }, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  })
  const change = (next: Record<string, unknown>) => void navigate({ search: (before) => ({ ...before, ...next }), replace: !('row' in next) })
  const open = answer.data?.items.find(({ seq }) => seq === search.row)
  const close = () => {
    change({ row: undefined })
    // After the drawer has gone, which keeps the focus inside until then.
    setTimeout(() => document.querySelector<HTMLElement>(`[data-row="${search.row ?? ''}"]`)?.focus(), 220)
  }
  return (
    <>
      <PageHead title={t('audit.title')} text={t('audit.subtitle')} />
      <ChainState />
      <DataList
        name="audit"
        label={t('audit.title')}
        columns={auditColumnsOf(t, words, ({ seq }) => change({ row: seq }))}
        answer={answer}
        search={search}
        onSearch={change}
        usualSort="-at"
        narrowed={isNarrowed(search)}
        onClear={() => change({ ...noAuditFilters, q: undefined, page: undefined })}
        rowKey={({ seq }) => String(seq)}
        marked={search.row === undefined ? undefined : String(search.row)}
        onOpen={({ seq }) => change({ row: seq })}
        csv={`${csvPath('audit')}?${csvQuery(asked)}`}
        tools={
          <>
            <SearchField value={q ?? ''} label={t('audit.search')} onSearch={(text) => change({ q: text === '' ? undefined : text, page: undefined })} />
            <AuditFilterBar filters={search} onChange={(next) => change({ ...next, page: undefined })} />
          </>
        }
        empty={<EmptyPlace icon={IconReportSearch} title={t('audit.empty.title')} text={t('audit.empty.text')} />}
      />
      <Suspense fallback={null}>
        {open ? (
          <RowDetails row={open} onClose={close} onOnly={(only) => change({ ...noAuditFilters, ...only, q: undefined, page: undefined, row: undefined })} />
        ) : null}
      </Suspense>
    </>
  )
}
