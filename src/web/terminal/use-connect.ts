import { useNavigate } from '@tanstack/react-router'
import { Failure } from '#domain/failure.ts'
import type { SessionView } from '#wire/api/sessions.ts'
import { rememberAccount } from '../hosts/last-account.ts'
import { notifyFailure } from '../parts/failure-notice.tsx'
import type { Goal, OpenTabOptions } from './open-tabs.ts'
import { listTabs, openTab } from './open-tabs.ts'

function useOpen(): (goal: Goal, options?: OpenTabOptions) => void {
  const navigate = useNavigate()
  return (goal, options) => {
    const tab = openTab(goal, options)
    if (tab === undefined) notifyFailure(new Failure('too_many_sessions', 'Too many terminals are open.'))
    else void navigate({ to: '/terminals', search: { tab } })
  }
}

/** One click: a tab opens and connects. */
export function useConnect(): (goal: Goal) => void {
  const open = useOpen()
  return (goal) => {
    if (goal.kind === 'asset') rememberAccount(goal.asset, goal.account)
    open(goal)
  }
}

type Row = Pick<SessionView, 'id' | 'asset' | 'assetId' | 'account' | 'address' | 'operator' | 'startedAt'>

/** Where the session's terminal goes, so that a later connection finds there again: the saved host if there still is one, else its address. */
const goalOf = ({ asset, assetId, account, address }: Row): Goal =>
  assetId === undefined ? { kind: 'address', address: `${account}@${address}`, account, host: asset } : { kind: 'asset', asset: assetId, account, host: asset }

/** Goes on here with one's own live session, wherever it was; a tab that has it already is shown. */
export function useTakeOver(): (row: Row) => void {
  const open = useOpen()
  const navigate = useNavigate()
  return (row) => {
    const here = listTabs().find((tab) => tab.session === row.id && tab.state !== 'ended' && tab.goal.kind !== 'watch')
    if (here) void navigate({ to: '/terminals', search: { tab: here.id } })
    else open(goalOf(row), { attach: row.id, openedAtMs: Date.parse(row.startedAt) })
  }
}

/** Looks at a live session, read-only; a tab that does already is shown. */
export function useWatch(): (row: Row) => void {
  const open = useOpen()
  const navigate = useNavigate()
  return ({ id, operator, account, asset }) => {
    const here = listTabs().find((tab) => tab.goal.kind === 'watch' && tab.goal.session === id && tab.state !== 'ended')
    if (here) void navigate({ to: '/terminals', search: { tab: here.id } })
    else open({ kind: 'watch', session: id, operator, account, host: asset })
  }
}
