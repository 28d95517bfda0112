import { Button, Group } from '@mantine/core'
import { IconMovie, IconPlayerPlay } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { SessionView } from '#wire/api/sessions.ts'
import { csvPath } from '#wire/api.ts'
import { api } from '../api.ts'
import type { Column } from '../parts/data-list.tsx'
import { DataList } from '../parts/data-list.tsx'
import { EmptyPlace } from '../parts/empty-place.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { SearchField } from '../parts/search-field.tsx'
import { canPlay, PlayerOverList } from '../player/player-over-list.tsx'
import { sessionColumnsOf } from '../sessions/session-columns.tsx'
import { SessionFilterBar } from '../sessions/session-filters.tsx'
import { askedFilters, csvQuery, isFiltered, noFilters } from '../sessions/sessions-search.ts'
import { DownloadMenu } from './download-menu.tsx'

const route = getRouteApi('/frame/recordings')
type Sort = NonNullable<NonNullable<Parameters<typeof api.sessions.list>[0]>['sort']>

export function RecordingsPage() {
  const { t } = useTranslation()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { q, page, size, play, at } = search
  const asked = { ...askedFilters(search), recorded: 'true' as const, sort: (search.sort ?? '-startedAt') as Sort }
  const answer = useQuery({
    queryKey: ['sessions', 'recorded', asked, page, size],
    queryFn: ({ signal }) => api.sessions.list({ ...asked, page: page ?? 1, size: size ?? 50 }, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  })
  const change = (next: Record<string, unknown>) => void navigate({ search: (before) => ({ ...before, ...next }), replace: !('play' in next) })
  const column = sessionColumnsOf(t)
  const acts: Column<SessionView> = {
    key: 'acts',
    label: t('sessions.column.actions'),
    phone: 'acts',
    align: 'right',
    fixed: true,
    show: (row) =>
      canPlay(row) ? (
        <Group gap={4} justify="flex-end" wrap="nowrap">
          <Button
            size="xs"
            variant="light"
            leftSection={<IconPlayerPlay size={14} />}
            aria-label={t('recordings.play', { host: row.asset })}
            onClick={() => change({ play: row.id, at: undefined })}
          >
            {t('sessions.play')}
          </Button>
          <DownloadMenu session={row} />
        </Group>
      ) : null,
  }
  const hidden = [column.endedAt, column.reason, column.state].map((each) => ({ ...each, hidden: true, phone: 'none' as const }))
  const columns: Column<SessionView>[] = [
    ...[column.asset, column.operator, column.startedAt, column.recordingSeconds, column.recordingBytes],
    ...[{ ...column.recordingState, label: t('recordings.column.state'), phone: 'head' as const }, ...hidden],
    ...[{ ...column.door, hidden: true }, column.address, column.account, column.source, column.gateway, column.file, acts],
  ]
  const rows = answer.data?.items ?? []
  return (
    <>
      <PageHead title={t('recordings.title')} text={t('recordings.subtitle')} />
      <DataList
        name="recordings"
        label={t('recordings.title')}
        columns={columns}
        answer={answer}
        search={search}
        onSearch={change}
        usualSort="-startedAt"
        narrowed={isFiltered(search)}
        onClear={() => change({ ...noFilters, q: undefined, page: undefined })}
        rowKey={(row) => row.id}
        marked={play}
        onOpen={(row) => {
          if (canPlay(row)) change({ play: row.id, at: undefined })
        }}
        csv={`${csvPath('sessions')}?${csvQuery(asked)}`}
        tools={
          <>
            <SearchField value={q ?? ''} label={t('recordings.search')} onSearch={(text) => change({ q: text === '' ? undefined : text, page: undefined })} />
            <SessionFilterBar filters={search} onChange={(next) => change({ ...next, page: undefined })} hasReasons rows={rows} />
          </>
        }
        empty={<EmptyPlace icon={IconMovie} title={t('recordings.empty.title')} text={t('recordings.empty.text')} />}
      />
      <PlayerOverList play={play} at={at} rows={rows} onChange={change} />
    </>
  )
}
