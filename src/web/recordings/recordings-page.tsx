import { Button, Group } from '@mantine/core'
import { IconMovie, IconPlayerPlay } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Suspense, lazy } from 'react'
import { useTranslation } from 'react-i18next'
import type { SessionView } from '#wire/api/sessions.ts'
import { api } from '../api.ts'
import type { Column } from '../parts/data-list.tsx'
import { DataList } from '../parts/data-list.tsx'
import { EmptyPlace } from '../parts/empty-place.tsx'
import { byteSize, clockTime } from '../parts/format.ts'
import { Moment } from '../parts/moment.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { SearchField } from '../parts/search-field.tsx'
import { RecordingStateWord } from '../sessions/recording-state.tsx'
import { Where, Who } from '../sessions/session-cells.tsx'
import { DownloadMenu } from './download-menu.tsx'

const route = getRouteApi('/frame/recordings')
const PlayerDialog = lazy(() => import('../player/player-dialog.tsx').then((module) => ({ default: module.PlayerDialog })))
type Sort = NonNullable<NonNullable<Parameters<typeof api.sessions.list>[0]>['sort']>

export function RecordingsPage() {
  const { t } = useTranslation()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { q, sort, page, size, play } = search
  const answer = useQuery({
    queryKey: ['sessions', 'recorded', { q, sort, page, size }],
    queryFn: ({ signal }) =>
      api.sessions.list(
        { recorded: 'true', ...(q === undefined ? {} : { q }), sort: (sort ?? '-startedAt') as Sort, page: page ?? 1, size: size ?? 50 },
        { signal },
      ),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  })
  const change = (next: Record<string, unknown>) => void navigate({ search: (before) => ({ ...before, ...next }), replace: !('play' in next) })
  const columns: Column<SessionView>[] = [
    { key: 'asset', label: t('sessions.column.asset'), sort: 'asset', width: '22%', phone: 'head', show: (row) => <Where row={row} /> },
    { key: 'operator', label: t('sessions.column.operator'), sort: 'operator', width: '16%', show: (row) => <Who row={row} /> },
    { key: 'started', label: t('sessions.column.startedAt'), sort: 'startedAt', show: (row) => <Moment at={row.startedAt} /> },
    {
      key: 'length',
      label: t('recordings.column.length'),
      align: 'right',
      show: (row) => <span className="tnum">{clockTime(row.recording?.seconds ?? 0)}</span>,
    },
    {
      key: 'size',
      label: t('recordings.column.size'),
      align: 'right',
      phone: 'none',
      show: (row) => <span className="tnum">{byteSize(row.recording?.bytes ?? 0)}</span>,
    },
    {
      key: 'state',
      label: t('recordings.column.state'),
      phone: 'head',
      show: (row) => (row.recording ? <RecordingStateWord state={row.recording.state} /> : '–'),
    },
    {
      key: 'acts',
      label: t('sessions.column.actions'),
      phone: 'acts',
      align: 'right',
      show: (row) =>
        row.recording === undefined || row.recording.state === 'expired' ? null : (
          <Group gap={4} justify="flex-end" wrap="nowrap">
            <Button
              size="xs"
              variant="light"
              leftSection={<IconPlayerPlay size={14} />}
              aria-label={t('recordings.play', { host: row.asset })}
              onClick={() => change({ play: row.id })}
            >
              {t('sessions.play')}
            </Button>
            <DownloadMenu session={row} />
          </Group>
        ),
    },
  ]
  return (
    <>
      <PageHead title={t('recordings.title')} text={t('recordings.subtitle')} />
      <Group mb="md">
        <SearchField value={q ?? ''} label={t('recordings.search')} onSearch={(text) => change({ q: text === '' ? undefined : text, page: undefined })} />
      </Group>
      <DataList
        name="recordings"
        usualSort="-startedAt"
        label={t('recordings.title')}
        columns={columns}
        answer={answer}
        search={search}
        onSearch={change}
        rowKey={(row) => row.id}
        marked={play}
        empty={<EmptyPlace icon={IconMovie} title={t('recordings.empty.title')} text={t('recordings.empty.text')} />}
      />
      {play !== undefined ? (
        <Suspense fallback={null}>
          <PlayerDialog session={play} onClose={() => change({ play: undefined })} />
        </Suspense>
      ) : null}
    </>
  )
}
