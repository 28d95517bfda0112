import { Alert, Button, Skeleton, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconAlertOctagon, IconShieldCheck } from '@tabler/icons-react'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { ChainView } from '#wire/api/audit.ts'
import { api } from '../api.ts'
import { FailureLine } from '../parts/failure-notice.tsx'
import { hostText } from '../parts/format.ts'
import { Moment } from '../parts/moment.tsx'
import classes from './audit.module.css'

/** The whole chain is read for it: asked once when the page opens, then when the person wants it. */
const chainQuery = queryOptions({
  queryKey: ['audit', 'chain'],
  queryFn: ({ signal }) => api.audit.verify(undefined, { signal }),
  staleTime: 300_000,
  refetchOnWindowFocus: false,
  retry: false,
})

export function ChainState() {
  const { t } = useTranslation()
  const answer = useQuery(chainQuery)
  const verify = async () => {
    const { data } = await answer.refetch()
    if (data?.state === 'whole') notifications.show({ color: 'green', message: t('audit.chain.verified'), autoClose: 4000 })
  }
  const button = (
    <Button variant="default" size="xs" loading={answer.isFetching} onClick={() => void verify()} data-testid="verify-chain">
      {t('audit.chain.verify')}
    </Button>
  )
  const { data } = answer
  return (
    <section
      className={classes['chain']}
      aria-label={t('audit.chain.title')}
      aria-busy={answer.isFetching || undefined}
      data-testid="chain"
      data-state={data?.state}
    >
      {answer.error ? (
        <div className={classes['unread']}>
          <FailureLine error={answer.error} />
          {button}
        </div>
      ) : data === undefined ? (
        <div role="status" aria-label={t('audit.chain.checking')}>
          <Skeleton height={40} />
        </div>
      ) : data.state === 'broken' ? (
        <Alert color="red" className="tint-bad" icon={<IconAlertOctagon size={20} />} title={t('audit.chain.broken')} role="alert">
          <div className={classes['broken']}>
            <Text size="sm" className="mono">
              {hostText(data.problem ?? '', 500)}
            </Text>
            <Text size="sm">{t('audit.chain.brokenText')}</Text>
            <div>{button}</div>
          </div>
        </Alert>
      ) : (
        <Whole chain={data} button={button} />
      )}
    </section>
  )
}

function Whole({ chain, button }: { chain: ChainView; button: React.ReactNode }) {
  const { t } = useTranslation()
  return (
    <div className={classes['whole']}>
      <span className={classes['shield']}>
        <IconShieldCheck size={22} stroke={1.7} aria-hidden />
      </span>
      <div className={classes['chainWords']}>
        <div className={classes['chainFacts']}>
          <b>{chain.rows === 0 ? t('audit.chain.none') : t('audit.chain.whole', { number: chain.rows })}</b>
          <span>
            {chain.signedAt === undefined ? (
              t('audit.chain.notSigned')
            ) : (
              <>
                {t('audit.chain.signed', { number: chain.signedNumber ?? 0 })} · <Moment at={chain.signedAt} />
              </>
            )}
          </span>
          {chain.unchained > 0 ? <span className="quiet">{t('audit.chain.waiting', { count: chain.unchained })}</span> : null}
        </div>
        <details className={classes['outside']}>
          <summary>{t('audit.chain.outside')}</summary>
          <p>{t('audit.chain.exported')}</p>
          <code className="mono">{t('audit.chain.command')}</code>
          <p className={classes['break']}>{t('audit.chain.key', { fingerprint: chain.keyFingerprint })}</p>
        </details>
      </div>
      {button}
    </div>
  )
}
