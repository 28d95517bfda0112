import { ActionIcon, Button, Group, Menu, Text } from '@mantine/core'
import { IconDots, IconPencil, IconPlus, IconShieldCheck, IconTrash, IconUsers, IconUsersGroup } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, getRouteApi } from '@tanstack/react-router'
import { Suspense, lazy, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Failure } from '#domain/failure.ts'
import type { GroupView } from '#wire/api/access.ts'
import { api } from '../api.ts'
import { useMe } from '../frame/me.ts'
import type { Column } from '../parts/data-list.tsx'
import { DataList } from '../parts/data-list.tsx'
import { EmptyPlace } from '../parts/empty-place.tsx'
import { FailurePlace } from '../parts/failure-notice.tsx'
import { Moment } from '../parts/moment.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { SearchField } from '../parts/search-field.tsx'
import classes from './groups.module.css'

const route = getRouteApi('/frame/groups')
const GroupDialog = lazy(() => import('./group-dialog.tsx').then((module) => ({ default: module.GroupDialog })))
const RemoveGroup = lazy(() => import('./remove-group.tsx').then((module) => ({ default: module.RemoveGroup })))
type Sort = NonNullable<NonNullable<Parameters<typeof api.groups.list>[0]>['sort']>
/** So many members are named in the list. */
const mostNames = 4

export function GroupsPage() {
  const { t } = useTranslation()
  return useMe().role === 'admin' ? (
    <Groups />
  ) : (
    <>
      <PageHead title={t('groups.title')} text={t('groups.subtitle')} />
      <FailurePlace error={new Failure('forbidden', '')} retry={() => undefined} />
    </>
  )
}

function Groups() {
  const { t } = useTranslation()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const [removing, setRemoving] = useState<GroupView>()
  const { q, sort, page, size, edit } = search
  const asked = { ...(q === undefined ? {} : { q }), sort: (sort ?? 'name') as Sort, page: page ?? 1, size: size ?? 50 }
  const answer = useQuery({
    queryKey: ['groups', 'list', asked],
    queryFn: ({ signal }) => api.groups.list(asked, { signal }),
    placeholderData: keepPreviousData,
  })
  const change = (next: Record<string, unknown>) => void navigate({ search: (before) => ({ ...before, ...next }), replace: !('edit' in next) })
  const add = (
    <Button leftSection={<IconPlus size={17} />} onClick={() => change({ edit: 'new' })} data-testid="add-group">
      {t('groups.add')}
    </Button>
  )
  const columns: Column<GroupView>[] = [
    {
      key: 'name',
      label: t('groups.column.name'),
      sort: 'name',
      phone: 'head',
      fixed: true,
      width: '24%',
      show: (row) => (
        <Text fw={600} size="sm" title={row.name} className={classes['one']}>
          <bdi>{row.name}</bdi>
        </Text>
      ),
    },
    { key: 'members', label: t('groups.column.members'), width: '32%', show: (row) => <Members row={row} /> },
    { key: 'grants', label: t('groups.column.grants'), show: (row) => <GrantsOf row={row} /> },
    { key: 'added', label: t('groups.column.added'), sort: 'createdAt', phone: 'none', show: (row) => <Moment at={row.createdAt} /> },
    {
      key: 'acts',
      label: t('groups.column.actions'),
      phone: 'acts',
      align: 'right',
      width: 130,
      fixed: true,
      show: (row) => (
        <Group gap={4} justify="flex-end" wrap="nowrap">
          <Button size="xs" variant="light" onClick={() => change({ edit: row.id })}>
            {t('groups.edit')}
          </Button>
          <Menu position="bottom-end" shadow="md">
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" size={30} aria-label={t('groups.actions', { name: row.name })}>
                <IconDots size={17} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => change({ edit: row.id })}>
                {t('groups.edit')}
              </Menu.Item>
              <Menu.Item leftSection={<IconUsers size={16} />} renderRoot={(props) => <Link {...props} to="/operators" search={{ group: row.id }} />}>
                {t('groups.people')}
              </Menu.Item>
              <Menu.Item leftSection={<IconShieldCheck size={16} />} renderRoot={(props) => <Link {...props} to="/grants" search={{ group: row.id }} />}>
                {t('groups.grantsOf')}
              </Menu.Item>
              <Menu.Divider />
              <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => setRemoving(row)}>
                {t('groups.remove')}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </Group>
      ),
    },
  ]
  return (
    <>
      <PageHead title={t('groups.title')} text={t('groups.subtitle')}>
        {add}
      </PageHead>
      <DataList
        name="groups"
        usualSort="name"
        label={t('groups.title')}
        columns={columns}
        answer={answer}
        search={search}
        onSearch={change}
        rowKey={(row) => row.id}
        onOpen={(row) => change({ edit: row.id })}
        tools={<SearchField value={q ?? ''} label={t('groups.search')} onSearch={(text) => change({ q: text === '' ? undefined : text, page: undefined })} />}
        empty={
          <EmptyPlace icon={IconUsersGroup} title={t('groups.first.title')} text={t('groups.first.text')}>
            {add}
          </EmptyPlace>
        }
      />
      <Suspense fallback={null}>
        {edit === undefined ? null : <GroupDialog key={edit} group={edit} onClose={() => change({ edit: undefined })} />}
        {removing ? <RemoveGroup group={removing} onClose={() => setRemoving(undefined)} /> : null}
      </Suspense>
    </>
  )
}

function Members({ row }: { row: GroupView }) {
  const { t } = useTranslation()
  const { members } = row
  if (members.length === 0) return <span className="quiet">{t('groups.nobody')}</span>
  const rest = members.slice(mostNames)
  return (
    <div className={classes['members']}>
      <ul className={classes['names']}>
        {members.slice(0, mostNames).map(({ id, name, username }) => (
          <li key={id} title={`${name} (${username})`}>
            <bdi>{name}</bdi>
          </li>
        ))}
        {rest.length > 0 ? (
          <li className={`quiet ${classes['rest'] ?? ''}`} title={rest.map(({ name }) => name).join('\n')}>
            {t('groups.more', { count: rest.length })}
          </li>
        ) : null}
      </ul>
    </div>
  )
}

function GrantsOf({ row }: { row: GroupView }) {
  const { t } = useTranslation()
  const { grants } = row
  if (grants.length === 0) return <span className="quiet">{t('groups.noGrants')}</span>
  return (
    <ul className={classes['grants']}>
      {grants.slice(0, 3).map(({ id, name }) => (
        <li key={id}>
          <Link to="/grants" search={{ edit: id }} className={classes['link']} title={name}>
            <bdi>{name}</bdi>
          </Link>
        </li>
      ))}
      {grants.length > 3 ? (
        <li>
          <Link to="/grants" search={{ group: row.id }} className={classes['link']}>
            {t('groups.more', { count: grants.length - 3 })}
          </Link>
        </li>
      ) : null}
    </ul>
  )
}
