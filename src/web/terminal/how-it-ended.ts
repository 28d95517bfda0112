// What became of a session whose connection cannot say so any more: control is asked.
import type { SessionView } from '#wire/api/sessions.ts'
import { asFailure } from '#client/failure-answer.ts'
import { api } from '../api.ts'
import type { TabEnd } from './open-tabs.ts'

/** The end as the session's row tells it; undefined while it lives. */
export function endOf(row: SessionView): TabEnd | undefined {
  if (row.state !== 'ended') return undefined
  return { reason: row.endReason, message: row.endMessage, failure: row.failure, exitStatus: row.exitStatus }
}

/** The true end of a session, or where it goes on. Never throws but for the signal. */
export async function howItEnded(session: string, signal: AbortSignal): Promise<TabEnd> {
  try {
    const row = await api.sessions.get({ id: session }, { signal })
    return endOf(row) ?? { alive: row.mine }
  } catch (error) {
    signal.throwIfAborted()
    const { code } = asFailure(error)
    return code === 'control_unreachable' || code === 'gateway_unavailable' ? { cut: true } : { failure: code }
  }
}
