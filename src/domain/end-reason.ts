import { z } from 'zod'

export const endReasons = [
  'exited',
  'signaled',
  'idle',
  'max_duration',
  'grant_expired',
  'revoked',
  'terminated',
  'recording_failed',
  'host_unreachable',
  'host_key_changed',
  'auth_failed',
  'host_lost',
  'owner_gone',
  'gateway_lost',
  'agent_lost',
  'drained',
] as const
export const EndReason = z.enum(endReasons)
export type EndReason = z.infer<typeof EndReason>

/** A session that ended before its terminal opened: shown as failed, with its `failure`. */
export const beforeTerminal: ReadonlySet<EndReason> = new Set(['host_unreachable', 'host_key_changed', 'auth_failed'])
