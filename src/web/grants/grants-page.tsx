import { ActionIcon, Button, Group, Menu } from '@mantine/core'
import { IconCopy, IconDots, IconListSearch, IconPencil, IconPlus, IconShieldCheck, IconTrash } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, getRouteApi } from '@tanstack/react-router'
import { Suspense, lazy, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Failure } from '#domain/failure.ts'
import type { GrantView } from '#wire/api/access.ts'
import { api } from '../api.ts'
import { useMe } from '../frame/me.ts'
import type { Column } from '../parts/data-list.tsx'
import { DataList } from '../parts/data-list.tsx'
import { EmptyPlace } from '../parts/empty-place.tsx'
import { FailurePlace } from '../parts/failure-notice.tsx'
import { Moment } from '../parts/moment.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { SearchField } from '../parts/search-field.tsx'
import { GrantDuties, GrantMay, GrantName, GrantState, GrantWhen, GrantWhere, GrantWho } from './grant-cells.tsx'
import type { GrantDraft } from './grant-draft.ts'
import { GrantFilterBar, useFilterNames } from './grant-filters.tsx'
import { whoMayOf } from './who-may-of.ts'

const route = getRouteApi('/frame/grants')
const GrantDialog = lazy(() => import('./grant-dialog.tsx').then((module) => ({ default: module.GrantDialog })))
const RemoveGrant = lazy(() => import('./remove-grant.tsx').then((module) => ({ default: module.RemoveGrant })))
type Sort = NonNullable<NonNullable<Parameters<typeof api.grants.list>[0]>['sort']>

/** Their states change with the clock. */
const askAgainMs = 30_000

export function GrantsPage() {
  const { t } = useTranslation()
  return useMe().role === 'admin' ? (
    <Grants />
  ) : (
    <>
      <PageHead title={t('grants.title')} text={t('grants.subtitle')} />
      <FailurePlace error={new Failure('forbidden', '')} retry={() => undefined} />
    </>
  )
}

function Grants() {
  const { t } = useTranslation()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const [removing, setRemoving] = useState<GrantView>()
  const { q, sort, page, size, edit, copy, operator, group, asset } = search
  const asked = {
    ...(q === undefined ? {} : { q }),
    ...(operator === undefined ? {} : { operator }),
    ...(group === undefined ? {} : { group }),
    ...(asset === undefined ? {} : { asset }),
    sort: (sort ?? 'name') as Sort,
    page: page ?? 1,
    size: size ?? 50,
  }
  const answer = useQuery({
    queryKey: ['grants', 'list', asked],
    queryFn: ({ signal }) => api.grants.list(asked, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: askAgainMs,
  })
  const names = useFilterNames(search)
  const change = (next: Record<string, unknown>) => void navigate({ search: (before) => ({ ...before, ...next }), replace: !('edit' in next) })
  const add = (
    <Button leftSection={<IconPlus size={17} />} onClick={() => change({ edit: 'new', copy: undefined })} data-testid="add-grant">
      {t('grants.add')}
    </Button>
  )
  const columns: Column<GrantView>[] = [
    { key: 'name', label: t('grants.column.name'), sort: 'name', phone: 'head', fixed: true, width: '18%', show: (row) => <GrantName row={row} /> },
    { key: 'state', label: t('grants.column.state'), phone: 'head', show: (row) => <GrantState row={row} /> },
    { key: 'who', label: t('grants.column.who'), width: '15%', show: (row) => <GrantWho row={row} /> },
    { key: 'may', label: t('grants.column.may'), show: (row) => <GrantMay row={row} /> },
    { key: 'where', label: t('grants.column.where'), width: '14%', show: (row) => <GrantWhere row={row} /> },
    { key: 'when', label: t('grants.column.when'), width: '18%', show: (row) => <GrantWhen row={row} /> },
    { key: 'owes', label: t('grants.column.owes'), show: (row) => <GrantDuties duties={row} /> },
    { key: 'changed', label: t('grants.column.changed'), sort: 'changedAt', phone: 'none', hidden: true, show: (row) => <Moment at={row.changedAt} /> },
    { key: 'added', label: t('grants.column.added'), sort: 'createdAt', phone: 'none', hidden: true, show: (row) => <Moment at={row.createdAt} /> },
    {
      key: 'acts',
      label: t('grants.column.actions'),
      phone: 'acts',
      align: 'right',
      width: 124,
      fixed: true,
      show: (row) => (
        <Group gap={4} justify="flex-end" wrap="nowrap">
          <Button size="xs" variant="light" onClick={() => change({ edit: row.id, copy: undefined })}>
            {t('grants.edit')}
          </Button>
          <Menu position="bottom-end" shadow="md">
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" size={30} aria-label={t('grants.actions', { name: row.name })}>
                <IconDots size={17} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => change({ edit: row.id, copy: undefined })}>
                {t('grants.edit')}
              </Menu.Item>
              <Menu.Item leftSection={<IconCopy size={16} />} onClick={() => change({ edit: 'new', copy: row.id })}>
                {t('grants.duplicate')}
              </Menu.Item>
              <Menu.Item leftSection={<IconListSearch size={16} />} renderRoot={(props) => <Link {...props} to="/who-may" search={whoMayOf(row)} />}>
                {t('grants.whoMay')}
              </Menu.Item>
              <Menu.Divider />
              <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => setRemoving(row)}>
                {t('grants.remove')}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </Group>
      ),
    },
  ]
  const noFilters = { operator: undefined, group: undefined, asset: undefined }
  return (
    <>
      <PageHead title={t('grants.title')} text={t('grants.subtitle')}>
        {add}
      </PageHead>
      <DataList
        name="grants"
        usualSort="name"
        label={t('grants.title')}
        columns={columns}
        answer={answer}
        search={search}
        onSearch={change}
        rowKey={(row) => row.id}
        onOpen={(row) => change({ edit: row.id, copy: undefined })}
        narrowed={operator !== undefined || group !== undefined || asset !== undefined}
        onClear={() => change({ ...noFilters, q: undefined, page: undefined })}
        tools={
          <>
            <SearchField value={q ?? ''} label={t('grants.search')} onSearch={(text) => change({ q: text === '' ? undefined : text, page: undefined })} />
            <GrantFilterBar search={search} names={names} onChange={(next) => change({ ...next, page: undefined })} />
          </>
        }
        empty={
          <EmptyPlace icon={IconShieldCheck} title={t('grants.first.title')} text={t('grants.first.text')}>
            {add}
          </EmptyPlace>
        }
      />
      <Suspense fallback={null}>
        {edit !== undefined && (edit !== 'new' || copy !== undefined || names.isReady) ? (
          <GrantDialog
            key={`${edit} ${copy ?? ''}`}
            grant={edit}
            copy={copy}
            begin={beginOf(names)}
            onClose={() => change({ edit: undefined, copy: undefined })}
          />
        ) : null}
        {removing ? <RemoveGrant grant={removing} onClose={() => setRemoving(undefined)} /> : null}
      </Suspense>
    </>
  )
}

/** Who looks at the grants of somebody and adds one means that somebody. */
function beginOf({ operator, group, asset }: ReturnType<typeof useFilterNames>): Partial<GrantDraft> {
  return {
    ...(operator ? { people: [operator] } : {}),
    ...(group ? { groups: [group] } : {}),
    ...(asset ? { hosts: [asset] } : {}),
  }
}
