import { Tabs } from '@mantine/core'
import { IconHistory, IconPlugConnected } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Suspense, lazy, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SessionView } from '#wire/api/sessions.ts'
import { csvPath } from '#wire/api.ts'
import { api } from '../api.ts'
import { useMe } from '../frame/me.ts'
import type { Column } from '../parts/data-list.tsx'
import { DataList } from '../parts/data-list.tsx'
import { EmptyPlace } from '../parts/empty-place.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { SearchField } from '../parts/search-field.tsx'
import { canOpen, PlayerOverList } from '../player/player-over-list.tsx'
import { SessionActs } from './session-acts.tsx'
import { sessionColumnsOf } from './session-columns.tsx'
import { SessionFilterBar } from './session-filters.tsx'
import classes from './sessions.module.css'
import { askedFilters, csvQuery, isFiltered, noFilters, type SessionFilters } from './sessions-search.ts'

const route = getRouteApi('/frame/sessions')
const TerminateDialog = lazy(() => import('./terminate-dialog.tsx').then((module) => ({ default: module.TerminateDialog })))
const WatchesDialog = lazy(() => import('./watches-dialog.tsx').then((module) => ({ default: module.WatchesDialog })))
type Sort = NonNullable<NonNullable<Parameters<typeof api.sessions.list>[0]>['sort']>

export function SessionsPage() {
  const { t } = useTranslation()
  const me = useMe()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const [ending, setEnding] = useState<SessionView>()
  const [watched, setWatched] = useState<SessionView>()
  const { q, page, size, play, at } = search
  const live = search.state === undefined
  const state = live ? ('live' as const) : ('ended' as const)
  const usualSort = live ? '-startedAt' : '-endedAt'
  const asked = { ...askedFilters(search), state, sort: (search.sort ?? usualSort) as Sort }
  const answer = useQuery({
    queryKey: ['sessions', state, asked, page, size],
    queryFn: ({ signal }) => api.sessions.list({ ...asked, page: page ?? 1, size: size ?? 50 }, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: live ? 2000 : 15_000,
  })
  const change = (next: Record<string, unknown>) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: !('play' in next) && !('state' in next) })
  const filter = (filters: SessionFilters) => change({ ...filters, page: undefined })
  const column = sessionColumnsOf(t)
  const acts: Column<SessionView> = {
    key: 'acts',
    label: t('sessions.column.actions'),
    phone: 'acts',
    align: 'right',
    fixed: true,
    show: (row) => (
      <SessionActs
        row={row}
        me={me}
        onPlay={() => change({ play: row.id, at: undefined })}
        onTerminate={() => setEnding(row)}
        onFilter={filter}
        onWatches={() => setWatched(row)}
      />
    ),
  }
  const rare = [column.address, column.account, column.source, column.gateway, column.bytesIn, column.why, column.grants]
  const columns: Column<SessionView>[] = live
    ? [
        ...[column.asset, column.operator, column.state, column.startedAt, column.idle, column.bytesOut, column.door],
        // How long it lasts is what "started" says, until a person wants both.
        ...[{ ...column.seconds, hidden: true }, { ...column.recordingState, hidden: true }, ...rare, acts],
      ]
    : [
        ...[column.asset, column.operator, column.reason, column.startedAt, column.endedAt, column.seconds, column.door, column.recordingState],
        ...[...rare, { ...column.bytesOut, hidden: true }, { ...column.recordingBytes, hidden: true, phone: 'none' as const }, acts],
      ]
  const rows = answer.data?.items ?? []
  return (
    <>
      <PageHead title={t('sessions.title')} text={t('sessions.subtitle')} />
      <Tabs
        variant="pills"
        value={state}
        keepMounted={false}
        onChange={(value) => void navigate({ search: { ...(q === undefined ? {} : { q }), ...(value === 'ended' ? { state: 'ended' as const } : {}) } })}
      >
        <Tabs.List aria-label={t('sessions.column.state')} className={classes['tabs']}>
          <Tabs.Tab value="live">{t('sessions.tabs.live')}</Tabs.Tab>
          <Tabs.Tab value="ended">{t('sessions.tabs.ended')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value={state}>
          <DataList
            key={state}
            name={`sessions.${state}`}
            label={t('sessions.title')}
            columns={columns}
            answer={answer}
            search={search}
            onSearch={change}
            usualSort={usualSort}
            narrowed={isFiltered(search)}
            onClear={() => change({ ...noFilters, q: undefined, page: undefined })}
            rowKey={(row) => row.id}
            marked={play}
            onOpen={(row) => {
              if (canOpen(row)) change({ play: row.id, at: undefined })
            }}
            csv={`${csvPath('sessions')}?${csvQuery(asked)}`}
            tools={
              <>
                <SearchField value={q ?? ''} label={t('sessions.search')} onSearch={(text) => change({ q: text === '' ? undefined : text, page: undefined })} />
                <SessionFilterBar filters={search} onChange={(next) => change({ ...next, page: undefined })} hasReasons={!live} rows={rows} />
              </>
            }
            empty={
              <EmptyPlace
                icon={live ? IconPlugConnected : IconHistory}
                title={t(`sessions.empty.${state}`)}
                text={live ? t('sessions.empty.liveText') : t('sessions.empty.endedText')}
              />
            }
          />
        </Tabs.Panel>
      </Tabs>
      <Suspense fallback={null}>
        {ending ? <TerminateDialog session={ending} onClose={() => setEnding(undefined)} /> : null}
        {watched ? <WatchesDialog session={watched} onClose={() => setWatched(undefined)} /> : null}
      </Suspense>
      <PlayerOverList play={play} at={at} rows={rows} onChange={change} />
    </>
  )
}
