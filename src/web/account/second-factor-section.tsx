import { Alert, Button, Group, Skeleton, Text } from '@mantine/core'
import { IconAlertTriangle, IconShieldCheck, IconShieldOff } from '@tabler/icons-react'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { Suspense, lazy, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SecondFactorView } from '#wire/api/second-factor.ts'
import { api } from '../api.ts'
import { FailureLine } from '../parts/failure-notice.tsx'
import { Moment } from '../parts/moment.tsx'
import { SectionCard } from '../parts/section-card.tsx'
import { StateWord } from '../parts/state-dot.tsx'
import classes from './account.module.css'

const SetUpDialog = lazy(async () => ({ default: (await import('./set-up-dialog.tsx')).SetUpDialog }))
const RenewDialog = lazy(async () => ({ default: (await import('./proven-dialogs.tsx')).RenewDialog }))
const RemoveDialog = lazy(async () => ({ default: (await import('./proven-dialogs.tsx')).RemoveDialog }))

export const secondFactorQuery = queryOptions({
  queryKey: ['second-factor'],
  queryFn: ({ signal }) => api.secondFactor.get(undefined, { signal }),
})
/** Fewer than this and the person is told to make new ones. */
const fewCodes = 3

export function SecondFactorSection() {
  const { t } = useTranslation()
  const answer = useQuery(secondFactorQuery)
  const [open, setOpen] = useState<'setUp' | 'renew' | 'remove'>()
  const close = () => setOpen(undefined)
  return (
    <SectionCard id="second-factor" title={t('secondFactor.title')} text={t('secondFactor.text')}>
      {answer.data ? (
        <Present view={answer.data} onOpen={setOpen} />
      ) : answer.error ? (
        <FailureLine error={answer.error} />
      ) : (
        <Skeleton height={90} aria-label={t('parts.loading')} />
      )}
      <Suspense fallback={null}>
        {open === 'setUp' ? <SetUpDialog onClose={close} /> : null}
        {open === 'renew' ? <RenewDialog onClose={close} /> : null}
        {open === 'remove' ? <RemoveDialog onClose={close} /> : null}
      </Suspense>
    </SectionCard>
  )
}

function Present({ view, onOpen }: { view: SecondFactorView; onOpen: (what: 'setUp' | 'renew' | 'remove') => void }) {
  const { t } = useTranslation()
  const { set, since, recoveryCodesLeft: left, required } = view
  if (!set)
    return (
      <>
        {required ? (
          <Alert color="yellow" variant="light" py="xs" mb="md" icon={<IconAlertTriangle size={18} />}>
            {t('secondFactor.missingRequired')}
          </Alert>
        ) : null}
        <Group justify="space-between">
          <StateWord tone={required ? 'warn' : 'calm'}>
            <IconShieldOff size={18} stroke={1.6} aria-hidden />
            {t('secondFactor.off')}
          </StateWord>
          <Button onClick={() => onOpen('setUp')} data-testid="second-factor-set-up">
            {t('secondFactor.setUp')}
          </Button>
        </Group>
      </>
    )
  return (
    <>
      <dl className={classes['facts']} data-testid="second-factor-facts">
        <div>
          <dt>{t('secondFactor.title')}</dt>
          <dd>
            <StateWord tone="live">
              <IconShieldCheck size={18} stroke={1.6} aria-hidden />
              {t('secondFactor.on')}
            </StateWord>
            {required ? <span className="quiet">{t('secondFactor.required')}</span> : null}
          </dd>
        </div>
        <div>
          <dt>{t('secondFactor.since')}</dt>
          <dd>
            <Moment at={since} />
          </dd>
        </div>
        <div>
          <dt>{t('secondFactor.codesLeft')}</dt>
          <dd>
            {left < fewCodes ? <StateWord tone={left === 0 ? 'bad' : 'warn'}>{left}</StateWord> : <span className="tnum">{left}</span>}
            {left < fewCodes ? <span className="quiet">{left === 0 ? t('secondFactor.codesNone') : t('secondFactor.codesFew')}</span> : null}
          </dd>
        </div>
      </dl>
      <Group gap="xs">
        <Button variant="default" onClick={() => onOpen('renew')} data-testid="second-factor-renew">
          {t('secondFactor.renew')}
        </Button>
        {required ? null : (
          <Button variant="default" color="red" onClick={() => onOpen('remove')} data-testid="second-factor-remove">
            {t('secondFactor.remove')}
          </Button>
        )}
      </Group>
      {required ? (
        <Text size="xs" className="quiet" mt="xs">
          {t('secondFactor.removeRequired')}
        </Text>
      ) : null}
    </>
  )
}
