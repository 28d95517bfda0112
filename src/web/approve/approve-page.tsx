// What a terminal waits for: the person compares and decides. Whoever types the number has that terminal before them.
import { Alert, Button, Group, Paper, Skeleton, Stack, Text, TextInput, Title } from '@mantine/core'
import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconClockOff, IconKey, IconTerminal2, IconZoomQuestion } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asFailure } from '#client/failure-answer.ts'
import type { ApprovalView } from '#wire/api/door.ts'
import { PersonName } from '#wire/api/people.ts'
import { useKeyType } from '../account/key-rows.tsx'
import { api, queries } from '../api.ts'
import { useMe } from '../frame/me.ts'
import { Fingerprint } from '../host-keys/fingerprint.tsx'
import { EmptyPlace } from '../parts/empty-place.tsx'
import { FailureLine, FailurePlace, useFailureWords } from '../parts/failure-notice.tsx'
import { clockTime, hostText } from '../parts/format.ts'
import { Moment } from '../parts/moment.tsx'
import { useNow } from '../parts/use-now.ts'
import classes from './approve.module.css'
import { stateOf, tidyNumber } from './approval-state.ts'

const route = getRouteApi('/frame/approve/$id')
/** The terminal may give up, or be answered from another page. */
const askEveryMs = 2000

/** Forgotten, or never there: nothing more will be said of it. */
const isGone = (error: unknown): boolean => error !== null && asFailure(error).code === 'approval_not_found'

export function ApprovePage() {
  const { t } = useTranslation()
  const { id } = route.useParams()
  const queryKey = ['approval', id]
  const answer = useQuery({
    queryKey,
    queryFn: ({ signal }) => api.approvals.get({ id }, { signal }),
    refetchInterval: ({ state }) => (state.data?.state === 'waiting' && !isGone(state.error) ? askEveryMs : false),
    // What was decided here is the last word about it.
    refetchOnWindowFocus: ({ state }) => state.data?.state === 'waiting',
  })
  const now = useNow(1000)
  const product = t('frame.product')
  const approval = answer.data
  const state = approval === undefined ? undefined : stateOf(approval, now)
  const title = approval === undefined ? t('approve.none.title') : t(`approve.title.${approval.kind}`)
  useEffect(() => {
    document.title = `${title} · ${product}`
  }, [title, product])
  const set = async (next: ApprovalView) => {
    // An older answer that is still under way would bring the form back.
    await queries.cancelQueries({ queryKey })
    queries.setQueryData(queryKey, next)
  }
  if (!approval || state === undefined || isGone(answer.error))
    return !answer.error ? (
      <Skeleton height={320} maw={520} mx="auto" aria-label={t('parts.loading')} />
    ) : isGone(answer.error) ? (
      <Ended icon={IconZoomQuestion} title={t('approve.none.title')} text={t('approve.none.text')} />
    ) : (
      <FailurePlace error={answer.error} retry={() => void answer.refetch()} />
    )
  switch (state) {
    case 'waiting':
      return (
        <Waiting approval={approval} leftMs={Date.parse(approval.expiresAt) - now} onAnswer={(next) => void set(next)} onLook={() => void answer.refetch()} />
      )
    case 'approved': {
      const { kind } = approval
      return <Ended icon={IconCircleCheck} title={t(`approve.done.${kind}.title`)} text={t(`approve.done.${kind}.text`)} isGood toKeys={kind === 'enroll'} />
    }
    case 'declined':
      return <Ended icon={IconCircleX} title={t('approve.declined.title')} text={t('approve.declined.text')} />
    case 'over':
      return <Ended icon={IconClockOff} title={t('approve.over.title')} text={t('approve.over.text')} />
    default:
      return state satisfies never
  }
}

type EndedProps = { icon: typeof IconCircleX; title: string; text: string; isGood?: boolean; toKeys?: boolean }

/** Said aloud: for who cannot see it, the form that was there is gone. */
function Ended({ icon, title, text, isGood = false, toKeys = false }: EndedProps) {
  const { t } = useTranslation()
  return (
    <div role="status" data-testid="approval-ended" data-good={isGood || undefined} className={classes['ended']}>
      <EmptyPlace icon={icon} title={title} text={text}>
        {toKeys ? (
          <Button variant="default" renderRoot={(props) => <Link {...props} to="/account" hash="ssh-keys" />}>
            {t('approve.toKeys')}
          </Button>
        ) : (
          <Button variant="default" renderRoot={(props) => <Link {...props} to="/hosts" />}>
            {t('approve.toHosts')}
          </Button>
        )}
      </EmptyPlace>
    </div>
  )
}

type WaitingProps = { approval: ApprovalView; leftMs: number; onAnswer: (next: ApprovalView) => void; onLook: () => void }

function Waiting({ approval, leftMs, onAnswer, onLook }: WaitingProps) {
  const { t } = useTranslation()
  const me = useMe()
  const words = useFailureWords()
  const typeWords = useKeyType()
  const field = useRef<HTMLInputElement>(null)
  const [number, setNumber] = useState('')
  const [name, setName] = useState('')
  const [tried, setTried] = useState(false)
  const { id, kind, source, client, key, createdAt } = approval
  const nameBad = name.trim() !== '' && !PersonName.safeParse(name).success
  const decide = useMutation({
    mutationFn: (approved: boolean) =>
      approved
        ? api.approvals.approve({ id, number, ...(kind === 'enroll' && name.trim() !== '' ? { name: name.trim() } : {}) })
        : api.approvals.decline({ id }),
    onSuccess(next) {
      onAnswer(next)
      if (next.kind === 'enroll') void queries.invalidateQueries({ queryKey: ['ssh-keys'] })
    },
    onError() {
      // A third wrong number has ended it.
      onLook()
      field.current?.select()
    },
  })
  const refused = decide.error ? asFailure(decide.error) : undefined
  const wrong = refused?.code === 'number_wrong' ? words(refused) : undefined
  const missing = tried && number === '' ? t('approve.numberNeeded') : undefined
  const Mark = kind === 'enroll' ? IconKey : IconTerminal2
  return (
    <Paper withBorder className={classes['card'] ?? ''} component="section" aria-labelledby="approve-title" data-testid="approval">
      <header className={classes['head']}>
        <span className={classes['mark']}>
          <Mark size={24} stroke={1.7} aria-hidden />
        </span>
        <div>
          <Title order={1} id="approve-title" tabIndex={-1}>
            {t(`approve.title.${kind}`)}
          </Title>
          <Text size="sm" className="quiet">
            {t(`approve.lead.${kind}`, { name: me.username })}
          </Text>
        </div>
      </header>
      <dl className={classes['facts']}>
        <div>
          <dt>{t('approve.source')}</dt>
          <dd className="mono">{source}</dd>
        </div>
        <div>
          <dt>{t('approve.client')}</dt>
          <dd className="mono">{hostText(client, 120)}</dd>
        </div>
        {key === undefined ? null : (
          <div>
            <dt>{t('approve.key')}</dt>
            <dd>
              <span>{typeWords(key.type)}</span> <Fingerprint value={key.fingerprint} />
            </dd>
          </div>
        )}
        <div>
          <dt>{t('approve.asked')}</dt>
          <dd>
            <Moment at={createdAt} /> <span className="quiet tnum">· {t('approve.left', { time: clockTime(leftMs / 1000) })}</span>
          </dd>
        </div>
      </dl>
      <Alert color="yellow" variant="light" icon={<IconAlertTriangle size={20} />} title={t('approve.warning')} className={classes['warning'] ?? ''}>
        {t('approve.warningText')}
      </Alert>
      <form
        noValidate
        autoComplete="off"
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (number === '') return field.current?.focus()
          if (!nameBad) decide.mutate(true)
          return undefined
        }}
      >
        <Stack gap="md">
          <FailureLine error={wrong === undefined ? decide.error : undefined} />
          <TextInput
            ref={field}
            label={t('approve.number')}
            description={t('approve.numberHelp')}
            name="approval-number"
            inputMode="numeric"
            // Not one-time-code: a browser would offer what came by message.
            autoComplete="off"
            autoFocus
            maxLength={12}
            spellCheck={false}
            classNames={{ input: classes['number'] ?? '' }}
            value={number}
            onChange={(event) => {
              decide.reset()
              setNumber(tidyNumber(event.currentTarget.value))
            }}
            error={wrong ?? missing}
          />
          {kind === 'enroll' ? (
            <TextInput
              label={t('approve.keyName')}
              description={t('approve.keyNameHelp')}
              name="key-name"
              maxLength={100}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              error={nameBad ? t('sshKeys.nameBad') : undefined}
            />
          ) : null}
          <Group grow gap="sm">
            <Button
              variant="default"
              color="red"
              loading={decide.isPending && decide.variables === false}
              disabled={decide.isPending}
              onClick={() => decide.mutate(false)}
              data-testid="decline"
            >
              {t('approve.decline')}
            </Button>
            <Button type="submit" loading={decide.isPending && decide.variables} disabled={decide.isPending} data-testid="approve">
              {t(`approve.do.${kind}`)}
            </Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  )
}
