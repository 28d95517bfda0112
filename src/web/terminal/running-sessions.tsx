// One's own live sessions that no tab of this page has: opened on another device, or left behind by a browser that was closed.
import { ActionIcon, Button, Menu, Text, Title, Tooltip } from '@mantine/core'
import { IconArrowBackUp, IconPlugConnected } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { SessionView } from '#wire/api/sessions.ts'
import { api } from '../api.ts'
import { Moment } from '../parts/moment.tsx'
import classes from './live-state.module.css'
import { useTakeOver } from './use-connect.ts'
import { useTabs } from './use-tabs.ts'

const askEveryMs = 10_000
/** More than anybody works in at once; the page of sessions has them all. */
const most = 50

function useRunning(): SessionView[] {
  const tabs = useTabs()
  const live = useQuery({
    queryKey: ['sessions', 'live', 'running'],
    queryFn: ({ signal }) => api.sessions.list({ state: 'live', mine: 'true', sort: '-startedAt', page: 1, size: most }, { signal }),
    refetchInterval: askEveryMs,
  }).data
  const here = new Set(tabs.filter(({ state, end }) => state !== 'ended' || end?.takenOver).map(({ session, attach }) => session ?? attach))
  return (live?.items ?? []).filter(({ id }) => !here.has(id))
}

/** On the empty page of terminals. */
export function RunningSessions() {
  const { t } = useTranslation()
  const running = useRunning()
  const takeOver = useTakeOver()
  if (running.length === 0) return null
  return (
    <section className={classes['running']} aria-labelledby="running-title" data-testid="running">
      <Title order={3} id="running-title" fz="md">
        {t('live.running.title')}
      </Title>
      <Text size="sm" className="quiet">
        {t('live.running.text')}
      </Text>
      {running.map((row) => (
        <div key={row.id} className={classes['runningRow']}>
          <div className={classes['runningText']}>
            <Text size="sm" fw={600}>
              {row.account}@{row.asset}
            </Text>
            <Text size="xs" className="quiet">
              <Moment at={row.startedAt} />
            </Text>
          </div>
          <Button size="xs" variant="light" leftSection={<IconArrowBackUp size={15} />} onClick={() => takeOver(row)}>
            {t('live.running.take')}
          </Button>
        </div>
      ))}
    </section>
  )
}

/** Beside the tabs, when there are some. */
export function RunningMenu() {
  const { t } = useTranslation()
  const running = useRunning()
  const takeOver = useTakeOver()
  if (running.length === 0) return null
  const label = t('live.running.menu', { count: running.length })
  return (
    <Menu position="bottom-end" shadow="md" width={300}>
      <Menu.Target>
        <Tooltip label={label}>
          <ActionIcon variant="subtle" color="gray" size={28} className={classes['menu']} aria-label={label} data-testid="running-menu">
            <IconPlugConnected size={16} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('live.running.title')}</Menu.Label>
        {running.map((row) => (
          <Menu.Item key={row.id} leftSection={<IconArrowBackUp size={16} />} onClick={() => takeOver(row)}>
            {row.account}@{row.asset}
            <Text size="xs" className="quiet">
              <Moment at={row.startedAt} />
            </Text>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
