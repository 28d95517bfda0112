import { Tabs } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { Suspense, lazy } from 'react'
import { useTranslation } from 'react-i18next'
import { useMe } from '../frame/me.ts'
import { PageHead } from '../parts/page-head.tsx'
import { CommandLog } from './command-log.tsx'
import classes from './commands.module.css'

const route = getRouteApi('/frame/commands')
const CommandRules = lazy(async () => ({ default: (await import('./command-rules.tsx')).CommandRules }))

/** The log for everyone; for administrators the rules beside it. */
export function CommandsPage() {
  const { t } = useTranslation()
  const me = useMe()
  const { view } = route.useSearch()
  const navigate = route.useNavigate()
  const head = <PageHead title={t('commands.title')} text={t('commands.subtitle')} />
  if (me.role !== 'admin')
    return (
      <>
        {head}
        <CommandLog />
      </>
    )
  return (
    <>
      {head}
      <Tabs
        variant="pills"
        keepMounted={false}
        value={view ?? 'log'}
        onChange={(value) => void navigate({ search: value === 'rules' ? { view: 'rules' as const } : {} })}
      >
        <Tabs.List aria-label={t('commands.title')} className={classes['tabs']}>
          <Tabs.Tab value="log">{t('commands.tabs.log')}</Tabs.Tab>
          <Tabs.Tab value="rules">{t('commands.tabs.rules')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="log">
          <CommandLog />
        </Tabs.Panel>
        <Tabs.Panel value="rules">
          <Suspense fallback={null}>
            <CommandRules />
          </Suspense>
        </Tabs.Panel>
      </Tabs>
    </>
  )
}
