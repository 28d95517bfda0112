import { ActionIcon, Menu, Tooltip, UnstyledButton } from '@mantine/core'
import {
  IconDots,
  IconHistory,
  IconLayoutSidebarLeftCollapse,
  IconLayoutSidebarLeftExpand,
  IconLogout,
  IconPlayerPlay,
  IconServer,
  IconSettings,
  IconTerminal2,
  IconUserCircle,
} from '@tabler/icons-react'
import { Link, useLocation } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import classes from './frame.module.css'
import { LanguageItems, ThemeItems } from './look-menus.tsx'
import { useMe } from './me.ts'
import { useSignOut } from './use-sign-out.ts'

const entries = [
  { to: '/hosts', word: 'hosts', icon: IconServer },
  { to: '/terminals', word: 'terminals', icon: IconTerminal2 },
  { to: '/sessions', word: 'sessions', icon: IconHistory },
  { to: '/recordings', word: 'recordings', icon: IconPlayerPlay },
] as const
const settings = { to: '/settings', word: 'settings', icon: IconSettings } as const
type Entry = (typeof entries)[number] | typeof settings

/** The rail; on a phone the bar at the bottom. */
export function Rail({ narrow, onNarrow, live }: { narrow: boolean; onNarrow: () => void; live: number }) {
  const { t } = useTranslation()
  const me = useMe()
  const Fold = narrow ? IconLayoutSidebarLeftExpand : IconLayoutSidebarLeftCollapse
  const fold = narrow ? t('frame.nav.expand') : t('frame.nav.collapse')
  const entry = ({ to, word, icon: Icon }: Entry, className?: string) => (
    <li key={to} className={className}>
      <Tooltip label={t(`frame.nav.${word}`)} position="right" disabled={!narrow}>
        <Link to={to} className={classes['entry']} activeProps={{ 'data-active': true }} aria-label={t(`frame.nav.${word}`)}>
          <Icon size={20} stroke={1.7} aria-hidden />
          <span>{t(`frame.nav.${word}`)}</span>
          {word === 'terminals' && live > 0 ? <b className={classes['count']}>{live}</b> : null}
        </Link>
      </Tooltip>
    </li>
  )
  return (
    <nav className={classes['rail']} aria-label={t('frame.nav.main')}>
      <Link to="/hosts" className={classes['brand']} aria-label={t('frame.product')}>
        <img src="/mark.svg" alt="" width={28} height={28} />
        <span>{t('frame.product')}</span>
      </Link>
      <ul className={classes['entries']}>
        {entries.map((one) => entry(one))}
        {me.role === 'admin' ? entry(settings, classes['onDesk']) : null}
        <li className={classes['onPhone']}>
          <More isAdmin={me.role === 'admin'} />
        </li>
      </ul>
      <Tooltip label={fold} position="right">
        <ActionIcon variant="subtle" color="gray" className={classes['fold'] ?? ''} onClick={onNarrow} aria-label={fold} size="lg">
          <Fold size={20} stroke={1.7} />
        </ActionIcon>
      </Tooltip>
    </nav>
  )
}

/** What has no room in the bar of a phone. */
function More({ isAdmin }: { isAdmin: boolean }) {
  const { t } = useTranslation()
  const { pathname } = useLocation()
  const { leave, isLeaving } = useSignOut()
  return (
    <Menu position="top-end" shadow="md" width={230}>
      <Menu.Target>
        <UnstyledButton className={classes['entry'] ?? ''} data-active={['/account', '/settings'].includes(pathname) || undefined} data-testid="more">
          <IconDots size={20} stroke={1.7} aria-hidden />
          <span>{t('frame.nav.more')}</span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} to="/account" leftSection={<IconUserCircle size={16} />}>
          {t('frame.nav.account')}
        </Menu.Item>
        {isAdmin ? (
          <Menu.Item component={Link} to="/settings" leftSection={<IconSettings size={16} />}>
            {t('frame.nav.settings')}
          </Menu.Item>
        ) : null}
        <Menu.Divider />
        <Menu.Label>{t('frame.language.label')}</Menu.Label>
        <LanguageItems />
        <Menu.Label>{t('frame.theme.label')}</Menu.Label>
        <ThemeItems />
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={leave} disabled={isLeaving}>
          {t('frame.me.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
