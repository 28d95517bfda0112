// What the server finds, as entries of the palette.
import { IconDatabaseSearch, IconHistory, IconServer, IconTerminal, IconUser } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { formatAddress } from '#domain/asset.ts'
import type { AssetView } from '#wire/api/assets.ts'
import type { SessionView } from '#wire/api/sessions.ts'
import { api } from '../api.ts'
import { useMe } from '../frame/me.ts'
import { connectAccount } from '../hosts/last-account.ts'
import { useConnect, useTakeOver } from '../terminal/use-connect.ts'
import type { Item } from './items.ts'
import { begins } from './matching.ts'

/** Connects with the account that was used last; a host without one is shown in the list. */
export function useGoToHost(): (host: AssetView) => void {
  const me = useMe()
  const navigate = useNavigate()
  const connect = useConnect()
  return (host) => {
    const account = connectAccount(host)
    if (account) return connect({ kind: 'asset', asset: host.id, account: account.username, host: host.name })
    void navigate({ to: '/hosts', search: me.role === 'admin' ? { host: host.id } : { q: host.name } })
  }
}

function useGoToSession(): (session: SessionView) => void {
  const navigate = useNavigate()
  const takeOver = useTakeOver()
  return (session) => {
    if (session.mine && session.state === 'live' && session.kind === 'shell') return void takeOver(session)
    if (session.state === 'ended' && session.recording && session.recording.state !== 'expired')
      return void navigate({ to: '/recordings', search: { q: session.asset.slice(0, 200), play: session.id } })
    void navigate({ to: '/sessions', search: { q: session.asset.slice(0, 200), ...(session.state === 'ended' ? { state: 'ended' as const } : {}) } })
  }
}

export type Found = { items: Item[]; /** For exactly what was asked. */ isSettled: boolean; isAsking: boolean; hasFailed: boolean }

/** `asked`: words at rest. `onlyHosts`: the palette asks for a host; without words those used last. */
export function useFound(asked: string, onlyHosts: boolean): Found {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const goToHost = useGoToHost()
  const goToSession = useGoToSession()
  const everything = useQuery({
    queryKey: ['search', asked],
    queryFn: ({ signal }) => api.search({ q: asked.slice(0, 200) }, { signal }),
    enabled: asked !== '' && !onlyHosts,
    placeholderData: keepPreviousData,
    staleTime: 5000,
  })
  const hosts = useQuery({
    queryKey: ['assets', 'palette', asked],
    queryFn: ({ signal }) => api.assets.list({ ...(asked === '' ? {} : { q: asked.slice(0, 200) }), sort: '-myLastUsedAt', page: 1, size: 8 }, { signal }),
    enabled: onlyHosts,
    placeholderData: keepPreviousData,
  })
  const used = onlyHosts ? hosts : everything
  const data = onlyHosts ? { hosts: hosts.data?.items ?? [], people: [], sessions: [] } : asked === '' ? undefined : everything.data

  const hostItem = (host: AssetView): Item => {
    const account = connectAccount(host)
    const place = formatAddress(host.address, host.port)
    return {
      ...{ id: `host-${host.id}`, group: 'hosts', title: host.name, icon: IconServer, begins: begins(asked, host.name), isAnswer: true, isAddress: true },
      note: account ? `${account.username}@${place}` : `${place} · ${t('palette.noAccount')}`,
      run: () => goToHost(host),
      keep: { kind: 'host', id: host.id, name: host.name },
    }
  }
  const sessionItem = (session: SessionView): Item => ({
    ...{ id: `session-${session.id}`, group: 'sessions', icon: IconHistory, begins: false, isAnswer: true },
    title: `${session.operator} · ${session.account}@${session.asset}`,
    note: `${session.state === 'ended' ? t('palette.sessionEnded') : t('palette.sessionLive')} · ${new Date(session.startedAt).toLocaleString()}`,
    run: () => goToSession(session),
  })
  const items: Item[] = [
    ...(data?.hosts ?? []).map(hostItem),
    // The line for ssh, of the first alone: the others are a word away.
    ...(data?.hosts ?? []).slice(0, asked === '' ? 0 : 1).map(({ id, name }): Item => ({
      ...{ id: `ssh-${id}`, group: 'hosts', title: t('palette.ssh', { host: name }), icon: IconTerminal, begins: false, isAnswer: true },
      run: () => void navigate({ to: '/hosts', search: { ssh: id } }),
    })),
    ...((data?.hosts.length ?? 0) > 1 && asked !== ''
      ? [
          {
            ...{ id: 'all-hosts', group: 'hosts' as const, title: t('palette.allHosts'), icon: IconDatabaseSearch, begins: false, isAnswer: true },
            run: () => void navigate({ to: '/hosts', search: { q: asked.slice(0, 200) } }),
          },
        ]
      : []),
    ...(data?.people ?? []).map(({ id, username, name }): Item => ({
      ...{ id: `person-${id}`, group: 'people', title: name, icon: IconUser, isAnswer: true, begins: begins(asked, name) || begins(asked, username) },
      note: t('palette.person', { name: username }),
      run: () => void navigate({ to: '/sessions', search: { q: username } }),
      keep: { kind: 'person', username, name },
    })),
    ...(data?.sessions ?? []).map(sessionItem),
  ]
  return {
    items,
    isSettled: used.data !== undefined && !used.isPlaceholderData,
    isAsking: used.isFetching,
    hasFailed: used.isError && !used.isFetching,
  }
}
