// All that the palette shows at a moment, in its order.
import { IconBolt, IconServer, IconUser } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { asFailure } from '#client/failure-answer.ts'
import { formatAddress, parseTarget } from '#domain/asset.ts'
import { api } from '../api.ts'
import { useMe } from '../frame/me.ts'
import { notifyFailure } from '../parts/failure-notice.tsx'
import { useConnect } from '../terminal/use-connect.ts'
import { groups, type Item } from './items.ts'
import { useLocalItems, type LocalItem } from './local-items.ts'
import { begins, fits, inOrder } from './matching.ts'
import { recentOf, remember, withoutRecent, type RecentChoice } from './recent-choices.ts'
import { useFound, useGoToHost } from './use-found.ts'

type Asked = { /** As it is typed. */ text: string; /** The same at rest. */ asked: string; onlyHosts: boolean; newTerminal: () => void }

export function usePaletteItems({ text, asked, onlyHosts, newTerminal }: Asked) {
  const me = useMe()
  const local = useLocalItems(newTerminal)
  const recentItem = useRecentItem(local)
  const quick = useQuickConnect()
  const found = useFound(asked, onlyHosts)
  const isEmpty = text.trim() === ''
  const shown = onlyHosts
    ? [...quick(text), ...found.items]
    : isEmpty
      ? [...recentOf(me.id).flatMap(recentItem), ...local.map((item) => ({ ...item, begins: false }))]
      : [
          ...quick(text),
          ...found.items,
          ...local.filter((item) => fits(text, item.title, item.keywords)).map((item) => ({ ...item, begins: begins(text, item.title) })),
        ]
  return { ...found, items: isEmpty ? shown : inOrder(shown, groups) }
}

/** For administrators, `user@host:port` without saving anything. */
function useQuickConnect(): (text: string) => Item[] {
  const { t } = useTranslation()
  const me = useMe()
  const connect = useConnect()
  return (text) => {
    const target = me.role === 'admin' ? parseTarget(text.trim()) : undefined
    if (!target) return []
    const host = formatAddress(target.address, target.port)
    const run = () => connect({ kind: 'address', address: text.trim(), host, account: target.username })
    const title = t('palette.quick', { target: `${target.username}@${host}` })
    return [{ id: 'quick', group: 'connect', title, note: t('palette.quickHelp'), icon: IconBolt, begins: true, run }]
  }
}

/** What was chosen before, as it can be chosen again. A host is asked for anew: it may have changed, or be gone. */
function useRecentItem(local: readonly LocalItem[]): (choice: RecentChoice) => Item[] {
  const { t } = useTranslation()
  const me = useMe()
  const navigate = useNavigate()
  const goToHost = useGoToHost()
  const again = async (choice: RecentChoice & { kind: 'host' }) => {
    try {
      goToHost(await api.assets.get({ id: choice.id }))
    } catch (error) {
      if (asFailure(error).code === 'asset_not_found') remember(me.id, (before) => withoutRecent(before, choice))
      notifyFailure(error)
    }
  }
  return (choice) => {
    if (choice.kind === 'local') {
      const item = local.find(({ id }) => id === choice.id)
      return item ? [{ ...item, id: `recent-${item.id}`, group: 'recent', begins: false, keep: choice }] : []
    }
    const base = { group: 'recent' as const, title: choice.name, begins: false, keep: choice }
    if (choice.kind === 'host') return [{ ...base, id: `recent-${choice.id}`, icon: IconServer, run: () => void again(choice) }]
    const run = () => void navigate({ to: '/sessions', search: { q: choice.username.slice(0, 200) } })
    return [{ ...base, id: `recent-person-${choice.username}`, icon: IconUser, note: t('palette.person', { name: choice.username }), run }]
  }
}
