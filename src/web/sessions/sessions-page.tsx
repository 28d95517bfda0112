import { Tabs } from '@mantine/core'
import { IconHistory, IconPlugConnected } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Suspense, lazy, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SessionView } from '#wire/api/sessions.ts'
import { api } from '../api.ts'
import { useMe } from '../frame/me.ts'
import type { Column } from '../parts/data-list.tsx'
import { DataList } from '../parts/data-list.tsx'
import { EmptyPlace } from '../parts/empty-place.tsx'
import { clockTime } from '../parts/format.ts'
import { Moment } from '../parts/moment.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { SearchField } from '../parts/search-field.tsx'
import { RecordingStateWord } from './recording-state.tsx'
import { SessionActs } from './session-acts.tsx'
import { Door, Lasted, LiveState, Traffic, Where, Who, WhyEnded } from './session-cells.tsx'
import classes from './sessions.module.css'
import { TerminateDialog } from './terminate-dialog.tsx'

const route = getRouteApi('/frame/sessions')
const PlayerDialog = lazy(() => import('../player/player-dialog.tsx').then((module) => ({ default: module.PlayerDialog })))
type Sort = NonNullable<NonNullable<Parameters<typeof api.sessions.list>[0]>['sort']>

export function SessionsPage() {
  const { t } = useTranslation()
  const me = useMe()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const [ending, setEnding] = useState<SessionView>()
  const { q, sort, page, size, play } = search
  const state = search.state ?? 'live'
  const live = state === 'live'
  const answer = useQuery({
    queryKey: ['sessions', state, { q, sort, page, size }],
    queryFn: ({ signal }) =>
      api.sessions.list(
        { state, ...(q === undefined ? {} : { q }), sort: (sort ?? (live ? '-startedAt' : '-endedAt')) as Sort, page: page ?? 1, size: size ?? 50 },
        { signal },
      ),
    placeholderData: keepPreviousData,
    refetchInterval: live ? 2000 : 15_000,
  })
  const change = (next: Record<string, unknown>) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: !('play' in next) && !('state' in next) })
  const columns: Column<SessionView>[] = [
    { key: 'asset', label: t('sessions.column.asset'), sort: 'asset', width: '19%', phone: 'head', show: (row) => <Where row={row} /> },
    { key: 'operator', label: t('sessions.column.operator'), sort: 'operator', width: '13%', show: (row) => <Who row={row} /> },
    ...(live
      ? [{ key: 'state', label: t('sessions.column.state'), phone: 'head' as const, show: (row: SessionView) => <LiveState row={row} /> }]
      : [{ key: 'reason', label: t('sessions.column.reason'), sort: 'endReason', width: '24%', show: (row: SessionView) => <WhyEnded row={row} /> }]),
    { key: 'started', label: t('sessions.column.startedAt'), sort: 'startedAt', show: (row) => <Moment at={row.startedAt} /> },
    ...(live
      ? []
      : [
          {
            key: 'ended',
            label: t('sessions.column.endedAt'),
            sort: 'endedAt',
            phone: 'none' as const,
            show: (row: SessionView) => <Moment at={row.endedAt} />,
          },
        ]),
    { key: 'duration', label: t('sessions.column.duration'), align: 'right', show: (row) => <Lasted row={row} /> },
    ...(live
      ? [
          {
            key: 'idle',
            label: t('sessions.column.idle'),
            align: 'right' as const,
            show: (row: SessionView) => <span className="tnum">{row.idleMs === undefined ? '–' : clockTime(row.idleMs / 1000)}</span>,
          },
        ]
      : []),
    {
      key: 'bytes',
      label: t('sessions.column.bytes'),
      sort: 'bytesOut',
      align: 'right',
      phone: 'none',
      show: (row) => <Traffic row={row} />,
    },
    { key: 'door', label: t('sessions.column.door'), sort: 'door', phone: 'none', show: (row) => <Door row={row} /> },
    {
      key: 'recording',
      label: t('sessions.column.recording'),
      show: (row) => (row.recording ? <RecordingStateWord state={row.recording.state} /> : '–'),
    },
    {
      key: 'acts',
      label: t('sessions.column.actions'),
      phone: 'acts',
      align: 'right',
      show: (row) => <SessionActs row={row} me={me} onPlay={() => change({ play: row.id })} onTerminate={() => setEnding(row)} />,
    },
  ]
  return (
    <>
      <PageHead title={t('sessions.title')} text={t('sessions.subtitle')} />
      <Tabs
        variant="pills"
        value={state}
        onChange={(value) => void navigate({ search: { ...(q === undefined ? {} : { q }), ...(value === 'ended' ? { state: 'ended' as const } : {}) } })}
      >
        <div className={classes['tools']}>
          <Tabs.List aria-label={t('sessions.column.state')}>
            <Tabs.Tab value="live">{t('sessions.tabs.live')}</Tabs.Tab>
            <Tabs.Tab value="ended">{t('sessions.tabs.ended')}</Tabs.Tab>
          </Tabs.List>
          <SearchField value={q ?? ''} label={t('sessions.search')} onSearch={(text) => change({ q: text === '' ? undefined : text, page: undefined })} />
        </div>
        <Tabs.Panel value={state}>
          <DataList
            key={state}
            name={`sessions.${state}`}
            usualSort={live ? '-startedAt' : '-endedAt'}
            label={t('sessions.title')}
            columns={columns}
            answer={answer}
            search={search}
            onSearch={change}
            rowKey={(row) => row.id}
            marked={play}
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
      {ending ? <TerminateDialog session={ending} onClose={() => setEnding(undefined)} /> : null}
      {play !== undefined ? (
        <Suspense fallback={null}>
          <PlayerDialog session={play} onClose={() => change({ play: undefined })} />
        </Suspense>
      ) : null}
    </>
  )
}
