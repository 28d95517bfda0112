import { ActionIcon, Button, Group, Menu, Text } from '@mantine/core'
import { IconDots, IconKey, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, getRouteApi } from '@tanstack/react-router'
import { Suspense, lazy, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Failure } from '#domain/failure.ts'
import type { CredentialView } from '#wire/api/credentials.ts'
import { api } from '../api.ts'
import { useMe } from '../frame/me.ts'
import type { Column } from '../parts/data-list.tsx'
import { DataList } from '../parts/data-list.tsx'
import { EmptyPlace } from '../parts/empty-place.tsx'
import { FailurePlace } from '../parts/failure-notice.tsx'
import { Moment } from '../parts/moment.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { SearchField } from '../parts/search-field.tsx'
import classes from './credentials.module.css'

const route = getRouteApi('/frame/credentials')
const CredentialDialog = lazy(() => import('./credential-dialog.tsx').then((module) => ({ default: module.CredentialDialog })))
const RotateDialog = lazy(() => import('./rotate-dialog.tsx').then((module) => ({ default: module.RotateDialog })))
const RemoveCredential = lazy(() => import('./remove-credential.tsx').then((module) => ({ default: module.RemoveCredential })))
type Sort = NonNullable<NonNullable<Parameters<typeof api.credentials.list>[0]>['sort']>

export function CredentialsPage() {
  const { t } = useTranslation()
  return useMe().role === 'admin' ? (
    <Credentials />
  ) : (
    <>
      <PageHead title={t('credentials.title')} text={t('credentials.subtitle')} />
      <FailurePlace error={new Failure('forbidden', '')} retry={() => undefined} />
    </>
  )
}

function Credentials() {
  const { t } = useTranslation()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const [removing, setRemoving] = useState<CredentialView>()
  const { q, sort, page, size, edit, rotate } = search
  const answer = useQuery({
    queryKey: ['credentials', 'list', { q, sort, page, size }],
    queryFn: ({ signal }) =>
      api.credentials.list({ ...(q === undefined ? {} : { q }), sort: (sort ?? 'name') as Sort, page: page ?? 1, size: size ?? 50 }, { signal }),
    placeholderData: keepPreviousData,
  })
  const change = (next: Record<string, unknown>) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: !('edit' in next) && !('rotate' in next) })
  const add = (
    <Button leftSection={<IconPlus size={17} />} onClick={() => change({ edit: 'new' })} data-testid="add-credential">
      {t('credentials.add')}
    </Button>
  )
  const columns: Column<CredentialView>[] = [
    {
      key: 'name',
      label: t('credentials.column.name'),
      sort: 'name',
      phone: 'head',
      fixed: true,
      show: (row) => (
        <Text fw={600} size="sm" title={row.name} className={classes['one']}>
          <bdi>{row.name}</bdi>
        </Text>
      ),
    },
    {
      key: 'username',
      label: t('credentials.column.username'),
      sort: 'username',
      show: (row) => (
        <span className={`mono ${classes['one'] ?? ''}`} title={row.username}>
          <bdi>{row.username}</bdi>
        </span>
      ),
    },
    { key: 'kind', label: t('credentials.column.kind'), show: (row) => t(`hosts.form.auth.${row.auth.kind}`) },
    {
      key: 'fingerprint',
      label: t('credentials.column.fingerprint'),
      show: (row) =>
        row.auth.kind === 'key' ? (
          <span className={`mono ${classes['print'] ?? ''}`} title={row.auth.fingerprint}>
            {row.auth.fingerprint}
          </span>
        ) : null,
    },
    {
      key: 'hosts',
      label: t('credentials.column.hosts'),
      sort: 'hosts',
      show: (row) =>
        row.hosts === 0 ? (
          <span className="quiet">{t('credentials.unused')}</span>
        ) : (
          <Link to="/hosts" search={{ credential: row.id }} title={t('credentials.showHosts', { name: row.name })} className={`tnum ${classes['link'] ?? ''}`}>
            {row.hosts}
          </Link>
        ),
    },
    { key: 'rotated', label: t('credentials.column.rotated'), sort: 'rotatedAt', show: (row) => <Moment at={row.rotatedAt} /> },
    { key: 'added', label: t('credentials.column.added'), sort: 'createdAt', hidden: true, show: (row) => <Moment at={row.createdAt} /> },
    {
      key: 'acts',
      label: t('credentials.column.actions'),
      phone: 'acts',
      align: 'right',
      width: 150,
      fixed: true,
      show: (row) => (
        <Group gap={4} justify="flex-end" wrap="nowrap">
          <Button size="xs" variant="light" onClick={() => change({ rotate: row.id })}>
            {t('credentials.rotate')}
          </Button>
          <Menu position="bottom-end" shadow="md">
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" size={30} aria-label={t('credentials.actions', { name: row.name })}>
                <IconDots size={17} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {row.auth.kind === 'key' ? (
                <Menu.Item leftSection={<IconKey size={16} />} onClick={() => change({ edit: row.id })}>
                  {t('credentials.publicHalf')}
                </Menu.Item>
              ) : null}
              <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => change({ edit: row.id })}>
                {t('credentials.edit')}
              </Menu.Item>
              <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => setRemoving(row)}>
                {t('credentials.remove')}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </Group>
      ),
    },
  ]
  return (
    <>
      <PageHead title={t('credentials.title')} text={t('credentials.subtitle')}>
        {add}
      </PageHead>
      <DataList
        name="credentials"
        usualSort="name"
        label={t('credentials.title')}
        columns={columns}
        answer={answer}
        search={search}
        onSearch={change}
        rowKey={(row) => row.id}
        onOpen={(row) => change({ edit: row.id })}
        tools={
          <SearchField value={q ?? ''} label={t('credentials.search')} onSearch={(text) => change({ q: text === '' ? undefined : text, page: undefined })} />
        }
        empty={
          <EmptyPlace icon={IconKey} title={t('credentials.first.title')} text={t('credentials.first.text')}>
            {add}
          </EmptyPlace>
        }
      />
      <Suspense fallback={null}>
        {edit !== undefined ? (
          <CredentialDialog key={edit} credential={edit} onClose={() => change({ edit: undefined })} onOpen={(id) => change({ edit: id })} />
        ) : null}
        {rotate !== undefined && edit === undefined ? <RotateDialog key={rotate} credential={rotate} onClose={() => change({ rotate: undefined })} /> : null}
        {removing ? <RemoveCredential credential={removing} onClose={() => setRemoving(undefined)} /> : null}
      </Suspense>
    </>
  )
}
