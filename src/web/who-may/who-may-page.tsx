// Why a person can reach a host or cannot, what a person can reach, and who can reach a host: one question, with gaps.
import { Skeleton } from '@mantine/core'
import { IconListSearch } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Failure } from '#domain/failure.ts'
import { api } from '../api.ts'
import { useMe } from '../frame/me.ts'
import type { WhoMaySearch } from '../grants/access-search.ts'
import { momentOf } from '../grants/grant-draft.ts'
import { EmptyPlace } from '../parts/empty-place.tsx'
import { FailurePlace } from '../parts/failure-notice.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { AccessList } from './access-list.tsx'
import { fileOf } from './asked-file.ts'
import { QuestionForm } from './question-form.tsx'
import { Verdicts } from './verdicts.tsx'
import classes from './who-may.module.css'

const route = getRouteApi('/frame/who-may')
type Question = NonNullable<Parameters<typeof api.access.explain>[0]>

/** The answer is of this moment: hours begin and end, grants change. */
const askAgainMs = 15_000

export function WhoMayPage() {
  const { t } = useTranslation()
  return useMe().role === 'member' ? (
    <>
      <PageHead title={t('whoMay.title')} text={t('whoMay.subtitle')} />
      <FailurePlace error={new Failure('forbidden', '')} retry={() => undefined} />
    </>
  ) : (
    <WhoMay />
  )
}

function WhoMay() {
  const { t } = useTranslation()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const question = questionOf(search)
  return (
    <>
      <PageHead title={t('whoMay.title')} text={t('whoMay.subtitle')} />
      <QuestionForm key={JSON.stringify(search)} search={search} onAsk={(next) => void navigate({ search: next })} />
      {question === undefined ? (
        <div className={classes['panel']}>
          <EmptyPlace icon={IconListSearch} title={t('whoMay.start.title')} text={t('whoMay.start.text')} />
        </div>
      ) : (
        <Answer question={question} />
      )}
    </>
  )
}

/** Undefined while nobody and nothing is named: everything about everybody is no question. */
function questionOf(search: WhoMaySearch): Question | undefined {
  const { operator, asset, account, action, source, at } = search
  if (operator === undefined && asset === undefined) return undefined
  const moment = at === undefined ? undefined : momentOf(at)
  return {
    ...(operator === undefined ? {} : { operator }),
    ...(asset === undefined ? {} : { asset }),
    ...(account === undefined ? {} : { account }),
    action: (action ?? 'shell') as NonNullable<Question['action']>,
    ...fileOf(search),
    ...(source === undefined ? {} : { source }),
    ...(moment === undefined ? {} : { at: moment }),
  }
}

function Answer({ question }: { question: Question }) {
  const { t } = useTranslation()
  const answer = useQuery({
    queryKey: ['access', question],
    queryFn: ({ signal }) => api.access.explain(question, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: askAgainMs,
  })
  const { operator, asset } = question
  const kind = operator === undefined ? 'host' : asset === undefined ? 'person' : 'both'
  const [first] = answer.data?.items ?? []
  const title = t(`whoMay.title_${kind}`, {
    person: kind === 'host' ? '' : (first?.operator.name ?? operator ?? ''),
    host: kind === 'person' ? '' : (first?.asset.name ?? asset ?? ''),
    action: t(`grants.say.action.${question.action ?? 'shell'}`),
  })
  if (!answer.data && answer.error)
    return (
      <div className={classes['panel']}>
        <FailurePlace error={answer.error} retry={() => void answer.refetch()} />
      </div>
    )
  return (
    <section
      className={classes['answer']}
      aria-live="polite"
      aria-busy={answer.isPlaceholderData || undefined}
      data-old={answer.isPlaceholderData || undefined}
    >
      <h2 className={classes['asked']}>
        <bdi>{title}</bdi>
      </h2>
      {!answer.data ? (
        <Skeleton height={180} aria-label={t('parts.loading')} />
      ) : kind === 'both' ? (
        <Verdicts items={answer.data.items} action={question.action ?? 'shell'} />
      ) : (
        <AccessList kind={kind} items={answer.data.items} cut={answer.data.cut} />
      )}
    </section>
  )
}
