import { useNavigate } from '@tanstack/react-router'
import { Failure } from '#domain/failure.ts'
import { rememberAccount } from '../hosts/last-account.ts'
import { notifyFailure } from '../parts/failure-notice.tsx'
import type { Goal } from './open-tabs.ts'
import { openTab } from './open-tabs.ts'

/** One click: a tab opens and connects. */
export function useConnect(): (goal: Goal) => void {
  const navigate = useNavigate()
  return (goal) => {
    if (goal.kind === 'asset') rememberAccount(goal.asset, goal.account)
    const tab = openTab(goal)
    if (tab === undefined) notifyFailure(new Failure('too_many_sessions', 'Too many terminals are open.'))
    else void navigate({ to: '/terminals', search: { tab } })
  }
}
