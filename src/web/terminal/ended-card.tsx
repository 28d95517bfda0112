import { Button, Code, Group, Text, Title } from '@mantine/core'
import { IconArrowBackUp, IconEye, IconPlugConnected, IconServer, IconUserCircle } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { hostText } from '../parts/format.ts'
import { terminatedBy } from '../sessions/end-message.ts'
import type { EndAct } from './ended-words.ts'
import { changedKey, endWords, hopOf } from './ended-words.ts'
import type { Tab, TabEnd } from './open-tabs.ts'
import { reconnectTab, takeBackTab } from './open-tabs.ts'
import classes from './terminal.module.css'

/** Why it ended, in words, and what can be done; below a screen that stays readable. */
export function EndedCard({ tab, end, onClose }: { tab: Tab; end: TabEnd; onClose: () => void }) {
  const { t } = useTranslation()
  const watching = tab.goal.kind === 'watch'
  const words = endWords(end, tab.openedAtMs !== undefined, watching)
  const keys = end.failure === 'host_key_changed' || end.reason === 'host_key_changed' ? changedKey(end.detail) : undefined
  const hop = hopOf(end.detail)
  // Only the administrator's reason and the server's own sentence about a failure add to what the catalogue says.
  const message = end.message === undefined ? '' : hostText(end.message, 600)
  const ender = end.reason === 'terminated' ? terminatedBy(message) : undefined
  const isOver = !end.takenOver && end.alive === undefined && !end.cut
  return (
    <div className={classes['ended']} role="status" data-testid="ended" data-reason={end.reason} data-failure={end.failure} data-act={words.act}>
      <div className={classes['endedText']}>
        <Title order={2} fz="sm" data-bad={words.failed || undefined} className={classes['endedTitle']}>
          {t(words.title)}
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
        {words.detail ? <Text size="sm">{t(words.detail)}</Text> : null}
        {hop === undefined ? null : <Text size="sm">{t('terminals.ended.hop', { hop: hostText(hop, 100) })}</Text>}
        {end.reason === 'terminated' && !ender && message !== '' ? (
          <Text size="sm" fw={600}>
            {t('terminals.ended.by', { message })}
          </Text>
        ) : null}
        {words.next ? (
          <Text size="sm" className="quiet">
            {t(words.next)}
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
        {isOver && tab.session !== undefined ? (
          <Button variant="default" size="xs" renderRoot={(props) => <Link {...props} to="/sessions" search={{ state: 'ended', play: tab.session ?? '' }} />}>
            {t('terminals.ended.replay')}
          </Button>
        ) : null}
        <Next tab={tab} end={end} act={words.act} watching={watching} />
      </Group>
    </div>
  )
}

function Next({ tab, end, act, watching }: { tab: Tab; end: TabEnd; act: EndAct | undefined; watching: boolean }) {
  const { t } = useTranslation()
  const { goal } = tab
  const again = (primary: boolean) => (
    <Button
      size="xs"
      variant={primary ? 'filled' : 'default'}
      leftSection={watching ? <IconEye size={15} /> : <IconPlugConnected size={15} />}
      onClick={() => reconnectTab(tab.id)}
    >
      {watching ? t('live.watch.again') : t('terminals.ended.reconnect')}
    </Button>
  )
  if (act === 'takeBack' && tab.session !== undefined)
    return (
      <>
        {end.cut ? again(false) : null}
        <Button size="xs" leftSection={<IconArrowBackUp size={15} />} onClick={() => takeBackTab(tab.id)}>
          {t('live.end.takeBack')}
        </Button>
      </>
    )
  if (act === 'signIn')
    return (
      <Button size="xs" renderRoot={(props) => <Link {...props} to="/sign-in" search={{ next: '/terminals' }} />}>
        {t('live.end.signIn')}
      </Button>
    )
  if (act === 'account')
    return (
      <Button size="xs" leftSection={<IconUserCircle size={15} />} renderRoot={(props) => <Link {...props} to="/account" />}>
        {t('frame.me.account')}
      </Button>
    )
  if (act === 'host' && goal.kind === 'asset')
    return (
      <>
        {again(false)}
        <Button size="xs" leftSection={<IconServer size={15} />} renderRoot={(props) => <Link {...props} to="/hosts" search={{ host: goal.asset }} />}>
          {t('live.end.host')}
        </Button>
      </>
    )
  // Whom an administrator sent away is to ask first.
  return act === undefined ? null : again(end.reason !== 'terminated')
}
