import { ActionIcon, Tooltip } from '@mantine/core'
import { IconHistory, IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand, IconPlayerPlay, IconServer, IconTerminal2 } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import classes from './frame.module.css'

const entries = [
  { to: '/hosts', word: 'hosts', icon: IconServer },
  { to: '/terminals', word: 'terminals', icon: IconTerminal2 },
  { to: '/sessions', word: 'sessions', icon: IconHistory },
  { to: '/recordings', word: 'recordings', icon: IconPlayerPlay },
] as const

/** The rail; on a phone the bar at the bottom. */
export function Rail({ narrow, onNarrow, live }: { narrow: boolean; onNarrow: () => void; live: number }) {
  const { t } = useTranslation()
  const Fold = narrow ? IconLayoutSidebarLeftExpand : IconLayoutSidebarLeftCollapse
  const fold = narrow ? t('frame.nav.expand') : t('frame.nav.collapse')
  return (
    <nav className={classes['rail']} aria-label={t('frame.nav.main')}>
      <Link to="/hosts" className={classes['brand']} aria-label={t('frame.product')}>
        <img src="/mark.svg" alt="" width={28} height={28} />
        <span>{t('frame.product')}</span>
      </Link>
      <ul className={classes['entries']}>
        {entries.map(({ to, word, icon: Icon }) => (
          <li key={to}>
            <Tooltip label={t(`frame.nav.${word}`)} position="right" disabled={!narrow}>
              <Link to={to} className={classes['entry']} activeProps={{ 'data-active': true }} aria-label={t(`frame.nav.${word}`)}>
                <Icon size={20} stroke={1.7} aria-hidden />
                <span>{t(`frame.nav.${word}`)}</span>
                {word === 'terminals' && live > 0 ? <b className={classes['count']}>{live}</b> : null}
              </Link>
            </Tooltip>
          </li>
        ))}
      </ul>
      <Tooltip label={fold} position="right">
        <ActionIcon variant="subtle" color="gray" className={classes['fold']} onClick={onNarrow} aria-label={fold} size="lg">
          <Fold size={20} stroke={1.7} />
        </ActionIcon>
      </Tooltip>
    </nav>
  )
}
