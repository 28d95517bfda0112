// What a host's row shows, a cell each.
import { ActionIcon, Text, Tooltip, UnstyledButton } from '@mantine/core'
import { IconArrowRampRight, IconRefresh, IconStar, IconStarFilled } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { formatAddress } from '#domain/asset.ts'
import type { AssetView } from '#wire/api/assets.ts'
import { api } from '../api.ts'
import { notifyFailure } from '../parts/failure-notice.tsx'
import { exactTime, relativeTime } from '../parts/format.ts'
import { Moment } from '../parts/moment.tsx'
import { StateWord } from '../parts/state-dot.tsx'
import { useLanguage } from '../parts/use-language.ts'
import { useNow } from '../parts/use-now.ts'
import { toggleFavourite } from './favourites.ts'
import { changeKept } from './kept-hosts.ts'
import { OldMark } from './old-mark.tsx'
import classes from './hosts.module.css'

type Row = { row: AssetView }
/** More are counted: a host with fifty tags is still one row. */
const mostTags = 3

export function HostName({ row, onTag }: Row & { onTag: (tag: string) => void }) {
  return (
    <div className={classes['name']}>
      <Star row={row} />
      <div className={classes['nameText']}>
        <Text fw={600} size="sm" title={row.name} className={classes['one']}>
          <bdi>{row.name}</bdi>
        </Text>
        {row.tags.length > 0 ? (
          <div className={classes['tags']}>
            {row.tags.slice(0, mostTags).map((tag) => (
              // The menu of tags does the same by keyboard, in fewer stops.
              <UnstyledButton key={tag} className={classes['tag']} title={tag} tabIndex={-1} onClick={() => onTag(tag)}>
                <bdi>{tag}</bdi>
              </UnstyledButton>
            ))}
            {row.tags.length > mostTags ? (
              <span className={classes['tag']} title={row.tags.slice(mostTags).join(', ')}>{`+${row.tags.length - mostTags}`}</span>
            ) : null}
          </div>
        ) : null}
        <OldMark until={row.legacyUntil} />
      </div>
    </div>
  )
}

function Star({ row }: Row) {
  const { t } = useTranslation()
  const label = t(row.favourite ? 'hosts.star.off' : 'hosts.star.on', { host: row.name })
  return (
    <ActionIcon
      variant="subtle"
      color={row.favourite ? 'yellow' : 'gray'}
      size={26}
      aria-label={label}
      title={label}
      aria-pressed={row.favourite}
      className={classes['star']}
      onClick={() => void toggleFavourite(row)}
    >
      {row.favourite ? <IconStarFilled size={15} /> : <IconStar size={15} />}
    </ActionIcon>
  )
}

export function HostAddressCell({ row }: Row) {
  const { t } = useTranslation()
  const address = formatAddress(row.address, row.port)
  return (
    <div>
      <span className={`mono ${classes['one'] ?? ''}`} title={address}>
        {address}
      </span>
      {row.via ? (
        <span className={`quiet ${classes['via'] ?? ''}`} title={`${row.via.username}@${row.via.assetName}`}>
          <IconArrowRampRight size={13} aria-hidden />
          <bdi>{t('hosts.via.through', { host: row.via.assetName })}</bdi>
        </span>
      ) : null}
    </div>
  )
}

export function HostAccounts({ row }: Row) {
  const { t } = useTranslation()
  if (row.accounts.length === 0) return <span className="quiet">{t('hosts.noAccount')}</span>
  const names = row.accounts.map(({ username }) => username).join(', ')
  return (
    <span className={`mono ${classes['one'] ?? ''} ${classes['logins'] ?? ''}`} title={names}>
      <bdi>{names}</bdi>
    </span>
  )
}

/** Trusted, not yet, changed (then it leads to where that is decided), or none kept because the host is made anew again and again. */
export function KeyState({ row, admin }: Row & { admin: boolean }) {
  const { t } = useTranslation()
  if (row.changedKeys > 0) {
    const word = <StateWord tone="bad">{t('hosts.keyState.changed')}</StateWord>
    if (!admin) return word
    return (
      <Link to="/host-keys" search={{ q: row.name }} className={classes['keyLink']} title={t('hosts.keyState.decide', { host: row.name })}>
        {word}
      </Link>
    )
  }
  if (row.hostKeys.length > 0) return <StateWord tone="live">{t('hosts.keyState.trusted')}</StateWord>
  if (row.hostKeyPolicy === 'ephemeral') return <StateWord tone="calm">{t('hosts.keyState.ephemeral')}</StateWord>
  return <StateWord tone="warn">{t('hosts.keyState.unknown')}</StateWord>
}

export function ReachState({ row, admin }: Row & { admin: boolean }) {
  const { t } = useTranslation()
  const language = useLanguage()
  const now = useNow(5000)
  const look = useMutation({
    mutationFn: () => api.assets.reach({ id: row.id }),
    onSuccess: (reach) => changeKept([row.id], () => ({ reach })),
    onError: notifyFailure,
  })
  const { reach } = row
  const ago = reach ? (relativeTime(reach.at, now, language) ?? t('time.now')) : ''
  const state = reach?.state ?? 'unknown'
  const why = reach?.state === 'unreachable' && reach.failure ? t(`failure.${reach.failure}`) : ''
  const told =
    reach === undefined
      ? t('hosts.reach.unknownText')
      : reach.state === 'reachable'
        ? reach.rttMs === undefined
          ? t('hosts.reach.looked', { ago })
          : t('hosts.reach.answered', { ago, ms: Math.max(1, Math.round(reach.rttMs)) })
        : t('hosts.reach.silent', { ago, why })
  const again = t('hosts.reach.look', { host: row.name })
  return (
    <span className={classes['reach']}>
      <Tooltip label={told} multiline maw={320}>
        <span tabIndex={-1} aria-label={`${t(`hosts.reach.${state}`)}. ${told}`} role="img" className={classes['reachWord']}>
          <StateWord tone={state === 'reachable' ? 'live' : state === 'unreachable' ? 'bad' : 'calm'}>{t(`hosts.reach.${state}`)}</StateWord>
        </span>
      </Tooltip>
      {admin ? (
        <ActionIcon
          variant="subtle"
          color="gray"
          size={22}
          aria-label={again}
          title={again}
          loading={look.isPending}
          onClick={() => look.mutate()}
          className={classes['look']}
        >
          <IconRefresh size={14} />
        </ActionIcon>
      ) : null}
    </span>
  )
}

/** When the person used it; anybody's use is told on hover. */
export function LastUsed({ row }: Row) {
  const { t } = useTranslation()
  const language = useLanguage()
  const anybody = row.lastUsedAt === undefined ? t('parts.never') : exactTime(row.lastUsedAt, language)
  return <Moment at={row.mine?.lastUsedAt} more={t('hosts.used.anybody', { when: anybody })} />
}
