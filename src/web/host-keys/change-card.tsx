import { Button, Code, Group, Stack, Text } from '@mantine/core'
import { modals } from '@mantine/modals'
import { notifications } from '@mantine/notifications'
import { IconShieldCheck, IconShieldX } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { asFailure } from '#client/failure-answer.ts'
import { formatAddress } from '#domain/asset.ts'
import type { HostKey } from '#domain/host-key.ts'
import type { KeyChangeView } from '#wire/api/assets.ts'
import { api, queries } from '../api.ts'
import { notifyFailure } from '../parts/failure-notice.tsx'
import { Moment } from '../parts/moment.tsx'
import { Fingerprint } from './fingerprint.tsx'
import classes from './host-keys.module.css'

const renew = () => Promise.all([queries.invalidateQueries({ queryKey: ['key-changes'] }), queries.invalidateQueries({ queryKey: ['assets'] })])

/** One key that a host showed instead of the trusted ones: what was, what is, and the decision. */
export function ChangeCard({ change }: { change: KeyChangeView }) {
  const { t } = useTranslation()
  const host = change.assetName
  const decide = useMutation({
    mutationFn: (decision: 'trust' | 'refuse') =>
      api.keyChanges.decide({ id: change.id, decision, expected: change.trusted.map(({ fingerprint }) => fingerprint) }),
    async onSuccess(_done, decision) {
      notifications.show({
        color: decision === 'trust' ? 'green' : 'gray',
        message: t(decision === 'trust' ? 'hostKeys.trusted' : 'hostKeys.refused', { host }),
      })
      await renew()
    },
    async onError(error) {
      if (asFailure(error).code === 'conflict') notifications.show({ color: 'yellow', message: t('hostKeys.stale', { host }), autoClose: 9000 })
      else notifyFailure(error)
      await renew()
    },
  })
  const askTrust = () =>
    modals.openConfirmModal({
      title: t('hostKeys.trustTitle', { host }),
      children: (
        <Stack gap="xs">
          <Text size="sm">{t('hostKeys.trustText')}</Text>
          <Fingerprint value={change.offered.fingerprint} />
        </Stack>
      ),
      labels: { confirm: t('hostKeys.trustDo'), cancel: t('parts.cancel') },
      confirmProps: { color: 'red' },
      onConfirm: () => decide.mutate('trust'),
    })
  const met = change.operator === undefined ? t('hostKeys.byLook') : change.operator
  return (
    <article className={classes['panel']} data-testid="key-change" aria-label={host}>
      <header className={classes['head']}>
        <div className={classes['who']}>
          <Link to="/hosts" search={{ host: change.asset }} className={classes['host']} title={t('hostKeys.openHost', { host })}>
            <bdi>{host}</bdi>
          </Link>
          <span className="quiet mono">{formatAddress(change.address, change.port)}</span>
        </div>
        <dl className={classes['facts']}>
          <Fact label={t('hostKeys.firstSeen')}>
            <Moment at={change.firstSeenAt} />
          </Fact>
          <Fact label={t('hostKeys.lastSeen')}>
            <Moment at={change.lastSeenAt} />
          </Fact>
          <Fact label={t('hostKeys.times')}>{change.times}</Fact>
          <Fact label={t('hostKeys.who')}>
            <bdi>{change.gateway === undefined ? met : t('hostKeys.whoAndWhere', { operator: met, gateway: change.gateway })}</bdi>
          </Fact>
        </dl>
      </header>
      <div className={classes['sides']}>
        <Side title={t('hostKeys.was')} keys={change.trusted} icon={<IconShieldCheck size={17} aria-hidden />} tone="was" />
        <Side title={t('hostKeys.now')} keys={[change.offered]} icon={<IconShieldX size={17} aria-hidden />} tone="now" />
      </div>
      <footer className={classes['foot']}>
        <Text size="xs" className="quiet">
          {t('hostKeys.advice')}
        </Text>
        <Group gap="xs" wrap="nowrap" className={classes['acts'] ?? ''}>
          <Button variant="default" disabled={decide.isPending} onClick={() => decide.mutate('refuse')} data-testid="refuse-key">
            {t('hostKeys.refuse')}
          </Button>
          <Button color="red" variant="light" loading={decide.isPending} onClick={askTrust} data-testid="trust-changed-key">
            {t('hostKeys.trust')}
          </Button>
        </Group>
      </footer>
    </article>
  )
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Side({ title, keys, icon, tone }: { title: string; keys: readonly HostKey[]; icon: React.ReactNode; tone: 'was' | 'now' }) {
  return (
    <section className={classes['side']} data-tone={tone}>
      <h2>
        {icon}
        {title}
      </h2>
      {keys.map((key) => (
        <div key={key.key} className={classes['key']}>
          <Code>{key.type}</Code>
          <Fingerprint value={key.fingerprint} />
        </div>
      ))}
    </section>
  )
}
