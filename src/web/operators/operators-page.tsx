import { Button } from '@mantine/core'
import { IconPlus, IconUsers } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Suspense, lazy, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Failure } from '#domain/failure.ts'
import type { OperatorDetail } from '#wire/api/operators.ts'
import { api } from '../api.ts'
import { useMe } from '../frame/me.ts'
import { DataList } from '../parts/data-list.tsx'
import { EmptyPlace } from '../parts/empty-place.tsx'
import { FailurePlace } from '../parts/failure-notice.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { SearchField } from '../parts/search-field.tsx'
import { useOperatorColumns } from './operator-columns.tsx'
import { OperatorFilterBar } from './operator-filters.tsx'
import type { OperatorAct } from './operator-menu.tsx'
import { useAdminCount } from './use-admin-count.ts'

const route = getRouteApi('/frame/operators')
const OperatorDialog = lazy(() => import('./operator-dialog.tsx').then((module) => ({ default: module.OperatorDialog })))
const OperatorActDialog = lazy(() => import('./act-dialogs.tsx').then((module) => ({ default: module.OperatorActDialog })))
type Sort = NonNullable<NonNullable<Parameters<typeof api.operators.list>[0]>['sort']>

/** People sign in and begin sessions meanwhile. */
const askAgainMs = 15_000

export function OperatorsPage() {
  const { t } = useTranslation()
  return useMe().role === 'admin' ? (
    <Operators />
  ) : (
    <>
      <PageHead title={t('operators.title')} text={t('operators.subtitle')} />
      <FailurePlace error={new Failure('forbidden', '')} retry={() => undefined} />
    </>
  )
}

function Operators() {
  const { t } = useTranslation()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const admins = useAdminCount()
  const [acting, setActing] = useState<{ act: OperatorAct; person: OperatorDetail }>()
  const { q, sort, page, size, role, enabled, group, edit } = search
  const asked = {
    ...(q === undefined ? {} : { q }),
    ...(role === undefined ? {} : { role }),
    ...(enabled === undefined ? {} : { enabled }),
    ...(group === undefined ? {} : { group }),
    sort: (sort ?? 'name') as Sort,
    page: page ?? 1,
    size: size ?? 50,
  }
  const answer = useQuery({
    queryKey: ['operators', 'list', asked],
    queryFn: ({ signal }) => api.operators.list(asked, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: askAgainMs,
  })
  const change = (next: Record<string, unknown>) => void navigate({ search: (before) => ({ ...before, ...next }), replace: !('edit' in next) })
  const columns = useOperatorColumns({ admins, onEdit: (id) => change({ edit: id }), onAct: (act, person) => setActing({ act, person }) })
  const add = (
    <Button leftSection={<IconPlus size={17} />} onClick={() => change({ edit: 'new' })} data-testid="add-operator">
      {t('operators.add')}
    </Button>
  )
  return (
    <>
      <PageHead title={t('operators.title')} text={t('operators.subtitle')}>
        {add}
      </PageHead>
      <DataList
        name="operators"
        usualSort="name"
        label={t('operators.title')}
        columns={columns}
        answer={answer}
        search={search}
        onSearch={change}
        rowKey={(row) => row.id}
        onOpen={(row) => change({ edit: row.id })}
        narrowed={role !== undefined || enabled !== undefined || group !== undefined}
        onClear={() => change({ role: undefined, enabled: undefined, group: undefined, q: undefined, page: undefined })}
        tools={
          <>
            <SearchField value={q ?? ''} label={t('operators.search')} onSearch={(text) => change({ q: text === '' ? undefined : text, page: undefined })} />
            <OperatorFilterBar search={search} onChange={(next) => change({ ...next, page: undefined })} />
          </>
        }
        empty={
          <EmptyPlace icon={IconUsers} title={t('operators.title')} text={t('operators.subtitle')}>
            {add}
          </EmptyPlace>
        }
      />
      <Suspense fallback={null}>
        {edit === undefined ? null : <OperatorDialog key={edit} operator={edit} group={group} onClose={() => change({ edit: undefined })} />}
        {acting ? <OperatorActDialog act={acting.act} person={acting.person} onClose={() => setActing(undefined)} /> : null}
      </Suspense>
    </>
  )
}
