import { ActionIcon, Menu, Tooltip, UnstyledButton } from '@mantine/core'
import {
  IconArrowsTransferUpDown,
  IconDots,
  IconHistory,
  IconKey,
  IconLayoutSidebarLeftCollapse,
  IconLayoutSidebarLeftExpand,
  IconListSearch,
  IconLogout,
  IconPlayerPlay,
  IconReportSearch,
  IconServer,
  IconSettings,
  IconShieldCheck,
  IconShieldX,
  IconTerminal,
  IconTerminal2,
  IconUserCircle,
  IconUsers,
  IconUsersGroup,
} from '@tabler/icons-react'
import { Link, useLocation } from '@tanstack/react-router'
import { Fragment } from 'react'
import { useTranslation } from 'react-i18next'
import { useChangedKeys } from '../host-keys/use-changed-keys.ts'
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
const transfers = { to: '/transfers', word: 'transfers', icon: IconArrowsTransferUpDown } as const
const commands = { to: '/commands', word: 'commands', icon: IconTerminal } as const
const audit = { to: '/audit', word: 'audit', icon: IconReportSearch } as const
const settings = { to: '/settings', word: 'settings', icon: IconSettings } as const
const operators = { to: '/operators', word: 'operators', icon: IconUsers } as const
const groups = { to: '/groups', word: 'groups', icon: IconUsersGroup } as const
const grants = { to: '/grants', word: 'grants', icon: IconShieldCheck } as const
const whoMay = { to: '/who-may', word: 'whoMay', icon: IconListSearch } as const
const credentials = { to: '/credentials', word: 'credentials', icon: IconKey } as const
/** What has room beside the pages of everybody on a desk, and in a menu on a telephone. */
const moreOf = {
  admin: [transfers, commands, operators, groups, grants, whoMay, credentials, audit, settings],
  auditor: [transfers, commands, whoMay, audit],
  member: [transfers, commands],
} as const
/** Stands under the hosts while there is something to decide. */
const hostKeys = { to: '/host-keys', word: 'hostKeys', icon: IconShieldX } as const
type Entry = (typeof entries)[number] | (typeof moreOf)['admin'][number] | typeof hostKeys

/** The rail; on a phone the bar at the bottom. */
export function Rail({ narrow, onNarrow, live }: { narrow: boolean; onNarrow: () => void; live: number }) {
  const { t } = useTranslation()
  const me = useMe()
  const isAdmin = me.role === 'admin'
  const changed = useChangedKeys(isAdmin)
  const Fold = narrow ? IconLayoutSidebarLeftExpand : IconLayoutSidebarLeftCollapse
  const fold = narrow ? t('frame.nav.expand') : t('frame.nav.collapse')
  const entry = ({ to, word, icon: Icon }: Entry, className?: string) => (
    <li key={to} className={className}>
      <Tooltip label={t(`frame.nav.${word}`)} position="right" disabled={!narrow}>
        <Link to={to} className={classes['entry']} activeProps={{ 'data-active': true }} aria-label={t(`frame.nav.${word}`)}>
          <Icon size={20} stroke={1.7} aria-hidden />
          <span>{t(`frame.nav.${word}`)}</span>
          {word === 'terminals' && live > 0 ? <b className={classes['count']}>{live}</b> : null}
          {word === 'hostKeys' ? (
            <b className={classes['count']} data-bad data-testid="changed-keys">
              {changed}
            </b>
          ) : null}
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
        {entries.map((one) => (
          <Fragment key={one.to}>
            {entry(one)}
            {one.word === 'hosts' && changed > 0 ? entry(hostKeys, classes['onDesk']) : null}
          </Fragment>
        ))}
        {moreOf[me.role].map((one) => entry(one, classes['onDesk']))}
        <li className={classes['onPhone']}>
          <More entries={moreOf[me.role]} changed={changed} />
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
function More({ entries: more, changed }: { entries: readonly Entry[]; changed: number }) {
  const { t } = useTranslation()
  const { pathname } = useLocation()
  const { leave, isLeaving } = useSignOut()
  return (
    <Menu position="top-end" shadow="md" width={230}>
      <Menu.Target>
        <UnstyledButton
          className={classes['entry'] ?? ''}
          data-active={['/account', '/host-keys', ...more.map(({ to }) => to)].includes(pathname) || undefined}
          data-testid="more"
        >
          <IconDots size={20} stroke={1.7} aria-hidden />
          <span>{t('frame.nav.more')}</span>
          {changed > 0 ? (
            <b className={classes['count']} data-bad>
              {changed}
            </b>
          ) : null}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} to="/account" leftSection={<IconUserCircle size={16} />}>
          {t('frame.nav.account')}
        </Menu.Item>
        {changed > 0 ? (
          <Menu.Item component={Link} to="/host-keys" leftSection={<IconShieldX size={16} />} rightSection={changed}>
            {t('frame.nav.hostKeys')}
          </Menu.Item>
        ) : null}
        {more.map(({ to, word, icon: Icon }) => (
          <Menu.Item key={to} component={Link} to={to} leftSection={<Icon size={16} />}>
            {t(`frame.nav.${word}`)}
          </Menu.Item>
        ))}
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
