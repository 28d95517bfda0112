import { Badge, Button, Group, Text } from '@mantine/core'
import { IconPlus, IconServer } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Suspense, lazy } from 'react'
import { useTranslation } from 'react-i18next'
import { formatAddress } from '#domain/asset.ts'
import type { AssetView } from '#wire/api/assets.ts'
import { api } from '../api.ts'
import { useMe } from '../frame/me.ts'
import type { Column } from '../parts/data-list.tsx'
import { DataList } from '../parts/data-list.tsx'
import { EmptyPlace } from '../parts/empty-place.tsx'
import { Moment } from '../parts/moment.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { SearchField } from '../parts/search-field.tsx'
import { StateWord } from '../parts/state-dot.tsx'
import { ConnectButton } from './connect-button.tsx'
import { HostMenu } from './host-menu.tsx'
import classes from './hosts.module.css'

const route = getRouteApi('/frame/hosts')
const HostDialog = lazy(() => import('./host-dialog.tsx').then((module) => ({ default: module.HostDialog })))
type Sort = NonNullable<Parameters<typeof api.assets.list>[0]>['sort']

export function HostsPage() {
  const { t } = useTranslation()
  const me = useMe()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const admin = me.role === 'admin'
  const { q, sort, page, size, host } = search
  const answer = useQuery({
    queryKey: ['assets', 'list', { q, sort, page, size }],
    queryFn: ({ signal }) =>
      api.assets.list({ ...(q === undefined ? {} : { q }), sort: (sort ?? 'name') as NonNullable<Sort>, page: page ?? 1, size: size ?? 50 }, { signal }),
    placeholderData: keepPreviousData,
  })
  const change = (next: Record<string, unknown>) => void navigate({ search: (before) => ({ ...before, ...next }), replace: !('host' in next) })
  const add = () => change({ host: 'new' })
  const columns: Column<AssetView>[] = [
    { key: 'name', label: t('hosts.column.name'), sort: 'name', phone: 'head', show: (row) => <HostName row={row} /> },
    { key: 'address', label: t('hosts.column.address'), sort: 'address', show: (row) => <span className="mono">{formatAddress(row.address, row.port)}</span> },
    { key: 'accounts', label: t('hosts.column.accounts'), show: (row) => <Accounts row={row} /> },
    {
      key: 'key',
      label: t('hosts.column.key'),
      show: (row) =>
        row.hostKeys.length > 0 ? <StateWord tone="live">{t('hosts.keyTrusted')}</StateWord> : <StateWord tone="warn">{t('hosts.noKey')}</StateWord>,
    },
    { key: 'used', label: t('hosts.column.lastUsed'), sort: 'lastUsedAt', show: (row) => <Moment at={row.lastUsedAt} /> },
    {
      key: 'acts',
      label: t('hosts.column.actions'),
      phone: 'acts',
      align: 'right',
      width: 190,
      show: (row) => (
        <Group gap={4} justify="flex-end" wrap="nowrap">
          <ConnectButton asset={row} />
          {admin ? <HostMenu asset={row} onEdit={() => change({ host: row.id })} /> : null}
        </Group>
      ),
    },
  ]
  return (
    <>
      <PageHead title={t('hosts.title')} text={t('hosts.subtitle')}>
        {admin ? (
          <Button leftSection={<IconPlus size={17} />} onClick={add} data-testid="add-host">
            {t('hosts.add')}
          </Button>
        ) : null}
      </PageHead>
      <Group mb="md">
        <SearchField value={q ?? ''} label={t('hosts.search')} onSearch={(text) => change({ q: text === '' ? undefined : text, page: undefined })} />
      </Group>
      <DataList
        name="hosts"
        usualSort="name"
        label={t('hosts.title')}
        columns={columns}
        answer={answer}
        search={search}
        onSearch={change}
        rowKey={(row) => row.id}
        empty={
          <EmptyPlace icon={IconServer} title={t('hosts.first.title')} text={admin ? t('hosts.first.text') : t('hosts.first.member')}>
            {admin ? (
              <Button leftSection={<IconPlus size={17} />} onClick={add}>
                {t('hosts.first.add')}
              </Button>
            ) : null}
          </EmptyPlace>
        }
      />
      {admin && host !== undefined ? (
        <Suspense fallback={null}>
          <HostDialog host={host} onClose={() => change({ host: undefined })} />
        </Suspense>
      ) : null}
    </>
  )
}

/** More are counted: a host with fifty tags is still one row. */
const mostTags = 4

function HostName({ row }: { row: AssetView }) {
  return (
    <div className={classes['name']}>
      <Text fw={600} size="sm" title={row.name}>
        {row.name}
      </Text>
      {row.tags.slice(0, mostTags).map((tag) => (
        <Badge key={tag} variant="default" size="sm" tt="none" fw={500}>
          {tag}
        </Badge>
      ))}
      {row.tags.length > mostTags ? (
        <Badge variant="default" size="sm" tt="none" fw={500} title={row.tags.slice(mostTags).join(', ')}>
          {`+${row.tags.length - mostTags}`}
        </Badge>
      ) : null}
    </div>
  )
}

function Accounts({ row }: { row: AssetView }) {
  const { t } = useTranslation()
  if (row.accounts.length === 0) return <span className="quiet">{t('hosts.noAccount')}</span>
  return <span className="mono">{row.accounts.map(({ username }) => username).join(', ')}</span>
}
