import { Badge, Button, Skeleton, Text } from '@mantine/core'
import { modals } from '@mantine/modals'
import { notifications } from '@mantine/notifications'
import { IconKey } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Suspense, lazy, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asFailure } from '#client/failure-answer.ts'
import type { TokenView } from '#wire/api/second-factor.ts'
import { api, queries } from '../api.ts'
import { FailureLine, notifyFailure } from '../parts/failure-notice.tsx'
import { Moment } from '../parts/moment.tsx'
import { SectionCard } from '../parts/section-card.tsx'
import { StateWord } from '../parts/state-dot.tsx'
import { useNow } from '../parts/use-now.ts'
import classes from './account.module.css'
import { scopes, tokenLife } from './token-draft.ts'

const TokenDialog = lazy(async () => ({ default: (await import('./token-dialog.tsx')).TokenDialog }))

export function TokensSection() {
  const { t } = useTranslation()
  const [isMaking, setMaking] = useState(false)
  const answer = useQuery({ queryKey: ['tokens'], queryFn: ({ signal }) => api.tokens.list(undefined, { signal }) })
  const remove = useMutation({
    mutationFn: (id: string) => api.tokens.remove({ id }),
    onSuccess: () => void notifications.show({ color: 'green', message: t('tokens.removed') }),
    // It is gone already: that is what was wanted.
    onError: (error) => (['not_found', 'token_not_found'].includes(asFailure(error).code) ? undefined : notifyFailure(error)),
    onSettled: () => queries.invalidateQueries({ queryKey: ['tokens'] }),
  })
  const ask = ({ id, name }: TokenView) =>
    modals.openConfirmModal({
      title: t('tokens.removeTitle', { name }),
      children: t('tokens.removeText'),
      labels: { confirm: t('tokens.remove'), cancel: t('parts.cancel') },
      confirmProps: { color: 'red' },
      onConfirm: () => remove.mutate(id),
    })
  const items = answer.data?.items
  return (
    <SectionCard
      id="tokens"
      title={t('tokens.title')}
      text={t('tokens.text')}
      acts={
        <Button variant="default" onClick={() => setMaking(true)} data-testid="new-token">
          {t('tokens.create')}
        </Button>
      }
    >
      {items ? (
        items.length === 0 ? (
          <Text size="sm" className="quiet">
            {t('tokens.empty')}
          </Text>
        ) : (
          <ul className={classes['signIns']} aria-label={t('tokens.title')}>
            {items.map((token) => (
              <TokenRow key={token.id} token={token} onRemove={() => ask(token)} />
            ))}
          </ul>
        )
      ) : answer.error ? (
        <FailureLine error={answer.error} />
      ) : (
        <Skeleton height={90} aria-label={t('parts.loading')} />
      )}
      <Suspense fallback={null}>{isMaking ? <TokenDialog onClose={() => setMaking(false)} /> : null}</Suspense>
    </SectionCard>
  )
}

function TokenRow({ token, onRemove }: { token: TokenView; onRemove: () => void }) {
  const { t } = useTranslation()
  const life = tokenLife(token.expiresAt, useNow(60_000))
  return (
    <li className={classes['signIn']} data-testid="token">
      <IconKey size={22} stroke={1.6} aria-hidden />
      <div className={classes['who']}>
        <div className={classes['whoHead']}>
          <b data-name>{token.name}</b>
          {scopes
            .filter((scope) => token.scopes.includes(scope))
            .map((scope) => (
              <Badge key={scope} variant="light" tt="none" color="gray" className={classes['scope'] ?? ''} data-strong={scope === 'manage' || undefined}>
                {t(`tokens.scope.${scope}`)}
              </Badge>
            ))}
        </div>
        <dl className={classes['lines']}>
          <div>
            <dt>{t('tokens.created')}</dt>
            <dd>
              <Moment at={token.createdAt} />
            </dd>
          </div>
          <div>
            <dt>{t('tokens.lastUsed')}</dt>
            <dd>
              <Moment at={token.lastUsedAt} {...(token.lastSource === undefined ? {} : { more: t('tokens.from', { source: token.lastSource }) })} />
            </dd>
          </div>
          <div>
            <dt>{t('tokens.expires')}</dt>
            <dd>
              {life === 'never' ? (
                <StateWord tone="warn">{t('tokens.never')}</StateWord>
              ) : life === 'over' ? (
                <StateWord tone="bad">{t('tokens.over')}</StateWord>
              ) : (
                <Moment at={token.expiresAt} {...(life === 'soon' ? { more: t('tokens.soon') } : {})} />
              )}
            </dd>
          </div>
        </dl>
      </div>
      <Button size="compact-sm" variant="default" onClick={onRemove} aria-label={t('tokens.removeLabel', { name: token.name })}>
        {t('tokens.remove')}
      </Button>
    </li>
  )
}
