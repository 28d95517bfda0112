import { Skeleton, UnstyledButton } from '@mantine/core'
import { IconSearchOff, IconShieldCheck } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Failure } from '#domain/failure.ts'
import { api } from '../api.ts'
import { useMe } from '../frame/me.ts'
import { EmptyPlace } from '../parts/empty-place.tsx'
import { FailurePlace } from '../parts/failure-notice.tsx'
import { ListFoot } from '../parts/list-foot.tsx'
import { pageSizes } from '../parts/list-search.ts'
import { PageHead } from '../parts/page-head.tsx'
import { SearchField } from '../parts/search-field.tsx'
import { ChangeCard } from './change-card.tsx'
import classes from './host-keys.module.css'

const route = getRouteApi('/frame/host-keys')
const askAgainMs = 30_000

/** Where administrators decide about keys that hosts have shown instead of the trusted ones. */
export function HostKeysPage() {
  const { t } = useTranslation()
  const admin = useMe().role === 'admin'
  return (
    <>
      <PageHead title={t('hostKeys.title')} text={t('hostKeys.subtitle')} />
      {admin ? <Changes /> : <FailurePlace error={new Failure('forbidden', '')} retry={() => undefined} />}
    </>
  )
}

function Changes() {
  const { t } = useTranslation()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { q, page, size } = search
  const answer = useQuery({
    queryKey: ['key-changes', 'list', { q, page, size }],
    queryFn: ({ signal }) => api.keyChanges.list({ ...(q === undefined ? {} : { q }), sort: '-lastSeenAt', page: page ?? 1, size: size ?? 50 }, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: askAgainMs,
  })
  const change = (next: Record<string, unknown>) => void navigate({ search: (before) => ({ ...before, ...next }), replace: true })
  const { data, error } = answer
  if (!data && error) return <FailurePlace error={error} retry={() => void answer.refetch()} />
  if (!data) return <Skeleton height={260} radius="md" role="status" aria-label={t('parts.loading')} />
  if (data.total === 0 && q === undefined)
    return (
      <div className={classes['panel']}>
        <EmptyPlace icon={IconShieldCheck} title={t('hostKeys.empty.title')} text={t('hostKeys.empty.text')} />
      </div>
    )
  return (
    <div className={classes['list']}>
      <SearchField value={q ?? ''} label={t('hostKeys.search')} onSearch={(text) => change({ q: text === '' ? undefined : text, page: undefined })} />
      {data.items.length === 0 ? (
        <div className={classes['panel']}>
          <EmptyPlace icon={IconSearchOff} title={t('parts.nothingMatches.title')} text={t('hostKeys.empty.text')}>
            <UnstyledButton className={classes['link']} onClick={() => change({ q: undefined, page: undefined })}>
              {t('parts.nothingMatches.clear')}
            </UnstyledButton>
          </EmptyPlace>
        </div>
      ) : (
        <ul className={classes['changes']} aria-label={t('hostKeys.title')}>
          {data.items.map((one) => (
            <li key={one.id}>
              <ChangeCard change={one} />
            </li>
          ))}
        </ul>
      )}
      {data.total > pageSizes[0] ? (
        <ListFoot search={search} items={data.items.length} total={data.total} of={q === undefined ? 0 : data.of} onSearch={change} />
      ) : null}
    </div>
  )
}
