import { Button, Code, Group, Text, Title } from '@mantine/core'
import { IconPlugConnected } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { hostText } from '../parts/format.ts'
import { terminatedBy } from '../sessions/end-message.ts'
import { changedKey, endWords } from './ended-words.ts'
import type { Tab, TabEnd } from './open-tabs.ts'
import { reconnectTab } from './open-tabs.ts'
import classes from './terminal.module.css'

/** Why it ended, in words, below a screen that stays readable. */
export function EndedCard({ tab, end, onClose }: { tab: Tab; end: TabEnd; onClose: () => void }) {
  const { t } = useTranslation()
  const words = endWords(end, tab.openedAtMs !== undefined)
  const keys = end.failure === 'host_key_changed' || end.reason === 'host_key_changed' ? changedKey(end.detail) : undefined
  // Only the administrator's reason and the server's own sentence about a failure add to what the catalogue says.
  const message = end.message === undefined ? '' : hostText(end.message, 600)
  const ender = end.reason === 'terminated' ? terminatedBy(message) : undefined
  return (
    <div className={classes['ended']} role="status" data-testid="ended" data-reason={end.reason} data-failure={end.failure}>
      <div className={classes['endedText']}>
        <Title order={2} fz="sm" data-bad={words.failed || undefined} className={classes['endedTitle']}>
          {words.failed ? t('terminals.ended.failedTitle') : t('terminals.ended.title')}
        </Title>
        <Text size="sm">
          {ender ? t('sessions.terminatedBy', { by: ender.by }) : t(words.reason)}
          {ender && ender.reason !== '' ? (
            <>
              {': '}
              <b>{ender.reason}</b>
            </>
          ) : null}
          {end.exitStatus === undefined ? '' : ` · ${t('terminals.ended.exit', { status: end.exitStatus })}`}
          {end.signal === undefined ? '' : ` · ${t('terminals.ended.signal', { signal: hostText(end.signal, 32) })}`}
        </Text>
        {words.advice ? <Text size="sm">{t(words.advice)}</Text> : null}
        {end.reason === 'terminated' && !ender && message !== '' ? (
          <Text size="sm" fw={600}>
            {t('terminals.ended.by', { message })}
          </Text>
        ) : null}
        {keys ? (
          <dl className={classes['keys']}>
            <dt>{t('hosts.key.known')}</dt>
            {keys.trusted.map((one) => (
              <dd key={one}>
                <Code>{one}</Code>
              </dd>
            ))}
            <dt>{t('hosts.key.now')}</dt>
            {keys.offered.map((one) => (
              <dd key={one}>
                <Code>{one}</Code>
              </dd>
            ))}
          </dl>
        ) : null}
      </div>
      <Group gap="xs">
        <Button variant="default" size="xs" onClick={onClose}>
          {t('terminals.ended.close')}
        </Button>
        {tab.session !== undefined ? (
          <Button variant="default" size="xs" renderRoot={(props) => <Link {...props} to="/sessions" search={{ state: 'ended', play: tab.session ?? '' }} />}>
            {t('terminals.ended.replay')}
          </Button>
        ) : null}
        <Button size="xs" leftSection={<IconPlugConnected size={15} />} onClick={() => reconnectTab(tab.id)}>
          {t('terminals.ended.reconnect')}
        </Button>
      </Group>
    </div>
  )
}
