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
  'operator.removed',
  'operator.password_set',
  'operator.sessions_ended',
  'second_factor.set',
  'second_factor.removed',
  'second_factor.refused',
  'recovery_code.used',
  'recovery_codes.renewed',
  'token.created',
  'token.removed',
  'group.created',
  'group.changed',
  'group.removed',
  'grant.created',
  'grant.changed',
  'grant.removed',
  'command_rule.created',
  'command_rule.changed',
  'command_rule.removed',
  'operator_key.added',
  'operator_key.removed',
  'approval.asked',
  'approval.decided',
  'enrollment.asked',
  'enrollment.decided',
  'door_key.made',
  'door_key.read',
  'file.transferred',
  'file.changed',
  'forward.opened',
  'forward.refused',
  'agent.used',
  'request.dropped',
  'output.counted',
  'command.denied',
  'command.noticed',
  'vault.key_rotated',
  'audit.forwarding_failed',
  'audit.forwarding_resumed',
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

/** `intent` is written before an act on the world, `done` or `failed` after it; `unknown` at start-up for one that has neither. */
export const auditOutcomes = ['done', 'failed', 'refused', 'intent', 'unknown'] as const

export type AuditEvent = {
  code: AuditCode
  outcome: (typeof auditOutcomes)[number]
  operator?: string | undefined
  object?: string | undefined
  source?: string | undefined
  detail?: Record<string, unknown> | undefined
  /** Of the API request that asked for it. */
  requestId?: string | undefined
  /** What the act changed, as JSON could say it, without secrets: only its digest is kept. */
  before?: unknown
  after?: unknown
}
