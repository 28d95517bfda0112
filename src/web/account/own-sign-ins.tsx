import { Badge, Button, Skeleton } from '@mantine/core'
import { modals } from '@mantine/modals'
import { notifications } from '@mantine/notifications'
import { IconDeviceDesktop, IconDeviceMobile, IconTerminal2 } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { asFailure } from '#client/failure-answer.ts'
import type { SignInView } from '#wire/api/people.ts'
import { api, queries } from '../api.ts'
import { FailureLine, notifyFailure } from '../parts/failure-notice.tsx'
import { hostText } from '../parts/format.ts'
import { Moment } from '../parts/moment.tsx'
import { SectionCard } from '../parts/section-card.tsx'
import classes from './account.module.css'
import { browserName } from './browser-name.ts'

const askEveryMs = 30_000
const renew = () => queries.invalidateQueries({ queryKey: ['sign-ins'] })

/** `Firefox 140 on Linux`, `ssh (OpenSSH 9.2p1)`. */
function useBrowserWords(): (row: Pick<SignInView, 'agent' | 'door'>) => string {
  const { t } = useTranslation()
  return ({ agent, door }) => {
    if (door === 'ssh') return t('account.signIns.ssh', { client: hostText(agent.replaceAll('_', ' '), 60) })
    const { browser, system } = browserName(agent)
    const named = browser ?? t('account.signIns.unknownBrowser')
    return system === undefined ? named : t('account.signIns.onSystem', { browser: named, system })
  }
}

export function OwnSignIns() {
  const { t } = useTranslation()
  const words = useBrowserWords()
  const answer = useQuery({ queryKey: ['sign-ins'], queryFn: ({ signal }) => api.account.signIns(undefined, { signal }), refetchInterval: askEveryMs })
  const endOne = useMutation({
    mutationFn: (id: string) => api.account.endSignIn({ id }),
    onSuccess: () => void notifications.show({ color: 'green', message: t('account.signIns.ended') }),
    // It ended meanwhile: that is what was wanted.
    onError: (error) => (asFailure(error).code === 'not_found' ? undefined : notifyFailure(error)),
    onSettled: renew,
  })
  const endOthers = useMutation({
    mutationFn: () => api.account.endOtherSignIns(),
    onSuccess: ({ ended }) => void notifications.show({ color: 'green', message: t('account.signIns.endedOthers', { count: ended }) }),
    onError: notifyFailure,
    onSettled: renew,
  })
  const items = answer.data?.items
  const ask = (title: string, text: string, confirm: string, act: () => void) =>
    modals.openConfirmModal({
      title,
      children: text,
      labels: { confirm, cancel: t('parts.cancel') },
      confirmProps: { color: 'red' },
      onConfirm: act,
    })
  const askOne = (row: SignInView) =>
    ask(t('account.signIns.endTitle'), t('account.signIns.endText', { browser: words(row), source: row.source }), t('account.signIns.end'), () =>
      endOne.mutate(row.id),
    )
  const others = t('account.signIns.endOthers')
  return (
    <SectionCard
      id="sign-ins"
      title={t('account.signIns.title')}
      text={t('account.signIns.text')}
      acts={
        items && items.length > 1 ? (
          <Button
            variant="default"
            color="red"
            loading={endOthers.isPending}
            onClick={() => ask(t('account.signIns.endOthersTitle'), t('account.signIns.endOthersText'), others, () => endOthers.mutate())}
            data-testid="end-others"
          >
            {others}
          </Button>
        ) : undefined
      }
    >
      {items ? (
        <ul className={classes['signIns']} aria-label={t('account.signIns.title')}>
          {items.map((row) => (
            <SignInRow key={row.id} row={row} name={words(row)} onEnd={() => askOne(row)} />
          ))}
        </ul>
      ) : answer.error ? (
        <FailureLine error={answer.error} />
      ) : (
        <Skeleton height={120} aria-label={t('parts.loading')} />
      )}
    </SectionCard>
  )
}

const isHandheld = (agent: string) => ['iPhone', 'iPad', 'Android', 'HarmonyOS'].includes(browserName(agent).system ?? '')

function SignInRow({ row, name, onEnd }: { row: SignInView; name: string; onEnd: () => void }) {
  const { t } = useTranslation()
  const Device = row.door === 'ssh' ? IconTerminal2 : isHandheld(row.agent) ? IconDeviceMobile : IconDeviceDesktop
  return (
    <li className={classes['signIn']} data-current={row.current || undefined} data-testid="own-sign-in">
      <Device size={22} stroke={1.6} aria-hidden />
      <div className={classes['who']}>
        <div className={classes['whoHead']}>
          <b title={row.agent}>{name}</b>
          {row.current ? (
            <Badge variant="light" tt="none">
              {t('account.signIns.current')}
            </Badge>
          ) : null}
        </div>
        <dl className={classes['lines']}>
          <div>
            <dt>{t('account.signIns.source')}</dt>
            <dd className="mono">{row.source}</dd>
          </div>
          {row.key === undefined ? null : (
            <div>
              <dt>{t('account.signIns.key')}</dt>
              <dd>
                <bdi>{row.key}</bdi>
              </dd>
            </div>
          )}
          <div>
            <dt>{t('account.signIns.since')}</dt>
            <dd>
              <Moment at={row.createdAt} />
            </dd>
          </div>
          <div>
            <dt>{t('account.signIns.lastSeen')}</dt>
            <dd>
              <Moment at={row.lastSeenAt} />
            </dd>
          </div>
        </dl>
      </div>
      {row.current ? null : (
        <Button size="compact-sm" variant="default" onClick={onEnd} aria-label={t('account.signIns.endLabel', { browser: name, source: row.source })}>
          {t('account.signIns.end')}
        </Button>
      )}
    </li>
  )
}
