// What the ledger says happened. Typed and coded: an audit event is for the customer and is never lost silently.
export const auditCodes = [
  'operator.claimed',
  'operator.created',
  'operator.changed',
  'operator.signed_in',
  'operator.sign_in_failed',
  'operator.signed_out',
  'operator.password_changed',
  'operator.sign_in_ended',
  'asset.created',
  'asset.changed',
  'asset.deleted',
  'account.created',
  'account.changed',
  'account.deleted',
  'host_key.scanned',
  'host_key.trusted',
  'host_key.refused',
  'host_key.pinned',
  'host_key.accepted',
  'host_key.decided',
  'credential.created',
  'credential.changed',
  'credential.deleted',
  'credential.checked',
  'ticket.issued',
  'ticket.refused',
  'session.admitted',
  'session.refused',
  'session.began',
  'session.attached',
  'session.watched',
  'session.ended',
  'session.terminate_asked',
  'session.terminated',
  'credential.released',
  'credential.signed',
  'recording.sealed',
  'recording.read',
  'recording.deleted',
  'recording.altered',
  'gateway.joined',
  'gateway.lost',
  'gateway.refused',
  'settings.changed',
  'list.exported',
  'disk.warned',
  'disk.refusing',
] as const
export type AuditCode = (typeof auditCodes)[number]

/** `outcome`: `intent` is written before an act on the world, `done` or `failed` after it. */
export type AuditEvent = {
  code: AuditCode
  outcome: 'done' | 'failed' | 'refused' | 'intent'
  operator?: string | undefined
  object?: string | undefined
  source?: string | undefined
  detail?: Record<string, unknown> | undefined
}
