// What is reported of a session that did not open, whichever door it was for.
import type { EndReason } from '#domain/end-reason.ts'
import { isFailure, type FailureCode } from '#domain/failure.ts'
import type { SessionEnd } from '#domain/session.ts'

const reasons: Partial<Record<FailureCode, EndReason>> = {
  host_key_changed: 'host_key_changed',
  host_key_unknown: 'host_key_changed',
  auth_failed: 'auth_failed',
  answer_unexpected: 'auth_failed',
  credential_missing: 'auth_failed',
  channel_refused: 'auth_failed',
  not_granted: 'auth_failed',
  recording_failed: 'recording_failed',
  disk_full: 'recording_failed',
  client_left: 'owner_gone',
  client_lost: 'owner_gone',
}

/** A fault of this program is told as one; both fingerprints of a changed key stand in the failure's message. */
export function failedOpening(cause: unknown): Pick<SessionEnd, 'reason' | 'message'> & { failure: FailureCode } {
  if (isFailure(cause)) return { reason: reasons[cause.code] ?? 'host_unreachable', failure: cause.code, message: cause.message.slice(0, 2000) }
  return { reason: 'host_unreachable', failure: 'internal', message: 'The session could not be opened because of a fault in Sallyport.' }
}
