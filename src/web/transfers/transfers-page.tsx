import { IconArrowsTransferUpDown } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { TransferView } from '#wire/api/transfers.ts'
import { csvPath } from '#wire/api.ts'
import { api } from '../api.ts'
import { useMe } from '../frame/me.ts'
import { DataList } from '../parts/data-list.tsx'
import { EmptyPlace } from '../parts/empty-place.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { SearchField } from '../parts/search-field.tsx'
import { PlayerOverList } from '../player/player-over-list.tsx'
import { csvQuery } from '../sessions/sessions-search.ts'
import { transferColumnsOf } from './transfer-columns.tsx'
import { TransferFilterBar } from './transfer-filters.tsx'
import { askedTransfers, isNarrowed, momentOf, noTransferFilters } from './transfers-search.ts'

const route = getRouteApi('/frame/transfers')
type Sort = NonNullable<NonNullable<Parameters<typeof api.transfers.list>[0]>['sort']>
const keyOf = ({ session, number }: TransferView) => `${session}.${number}`

/** Every file that went in or out, by every way; each leads to its moment in the recording, or to its session. */
export function TransfersPage() {
  const { t } = useTranslation()
  const me = useMe()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const last = useRef<string>(undefined)
  const { q, page, size, play, at } = search
  const asked = { ...askedTransfers(search), sort: (search.sort ?? '-at') as Sort }
  const answer = useQuery({
    queryKey: ['transfers', asked, page, size],
    queryFn: ({ signal }) => api.transfers.list({ ...asked, page: page ?? 1, size: size ?? 50 }, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 10_000,
  })
  const change = (next: Record<string, unknown>) => void navigate({ search: (before) => ({ ...before, ...next }), replace: !('play' in next) })
  const show = (row: TransferView) => {
    last.current = keyOf(row)
    change({ play: row.session, at: row.hasRecording ? momentOf(row.atMs) : undefined })
  }
  return (
    <>
      <PageHead title={t('transfers.title')} text={t(me.role === 'member' ? 'transfers.subtitleOwn' : 'transfers.subtitle')} />
      <DataList
        name="transfers"
        label={t('transfers.title')}
        columns={transferColumnsOf(t, show)}
        answer={answer}
        search={search}
        onSearch={change}
        usualSort="-at"
        narrowed={isNarrowed(search)}
        onClear={() => change({ ...noTransferFilters, q: undefined, page: undefined })}
        rowKey={keyOf}
        marked={play === undefined ? undefined : last.current}
        onOpen={show}
        csv={`${csvPath('transfers')}?${csvQuery(asked)}`}
        tools={
          <>
            <SearchField value={q ?? ''} label={t('transfers.search')} onSearch={(text) => change({ q: text === '' ? undefined : text, page: undefined })} />
            <TransferFilterBar filters={search} onChange={(next) => change({ ...next, page: undefined })} />
          </>
        }
        empty={<EmptyPlace icon={IconArrowsTransferUpDown} title={t('transfers.none.title')} text={t('transfers.none.text')} />}
      />
      <PlayerOverList
        play={play}
        at={at}
        rows={[]}
        onChange={(next) => {
          change(next)
          // After the player has gone, which keeps the focus inside until then.
          setTimeout(() => document.querySelector<HTMLElement>(`[data-row="${CSS.escape(last.current ?? '')}"]`)?.focus(), 220)
        }}
      />
    </>
  )
}
