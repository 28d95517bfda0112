// The error catalogue: every code that Sallyport says to the outside, with the words for people in `web` and `cli`.
export const failureCodes = [
  // asking
  'bad_request',
  'unknown_field',
  'too_large',
  'not_found',
  'method_not_allowed',
  'unsupported_media_type',
  'conflict',
  'rate_limited',
  // who
  'unauthenticated',
  'forbidden',
  'sign_in_failed',
  'sign_in_slowed',
  'csrf_header_missing',
  'origin_not_allowed',
  'host_not_allowed',
  'already_claimed',
  'claim_token_invalid',
  'password_too_weak',
  'name_taken',
  'name_invalid',
  'second_factor_needed',
  'second_factor_wrong',
  'second_factor_set',
  'token_not_allowed',
  'last_administrator',
  'own_right',
  // where
  'asset_not_found',
  'account_not_found',
  'credential_not_found',
  'operator_not_found',
  'group_not_found',
  'grant_not_found',
  'token_not_found',
  'operator_key_not_found',
  'operator_key_known',
  'approval_not_found',
  'number_wrong',
  'forward_refused',
  'file_refused',
  'file_not_found',
  'file_exists',
  'file_changed',
  'file_denied',
  'file_name_unsafe',
  'file_too_large',
  'file_digest_differs',
  'host_disk_full',
  'host_file_error',
  'too_many_files',
  'transfer_not_found',
  'offset_wrong',
  'command_denied',
  'rule_not_found',
  'reason_required',
  'access_not_now',
  'not_granted',
  'via_invalid',
  'session_not_found',
  'recording_not_found',
  'recording_pending',
  'recording_incomplete',
  'range_not_satisfiable',
  'address_invalid',
  'address_not_allowed',
  'key_not_a_key',
  'key_passphrase_needed',
  'key_passphrase_wrong',
  'key_type_unsupported',
  'public_key_invalid',
  'public_key_is_private',
  'public_key_unsupported',
  'host_key_unknown',
  'host_key_not_scanned',
  // tickets and the terminal protocol
  'ticket_invalid',
  'ticket_expired',
  'ticket_used',
  'hello_late',
  'hello_expected',
  'hello_repeated',
  'frame_malformed',
  'frame_unknown',
  'frame_too_large',
  'frame_unexpected',
  'ack_beyond_output',
  'input_too_fast',
  'read_only',
  'too_many_watchers',
  'screen_unavailable',
  'answer_unexpected',
  // dialling
  'host_unreachable',
  'host_refused',
  'host_timeout',
  'host_not_ssh',
  'host_banner_too_large',
  'host_protocol_error',
  'host_algorithms_old',
  'host_key_changed',
  'auth_failed',
  'credential_missing',
  'channel_refused',
  // an ssh client at the door
  'client_left',
  'client_lost',
  'client_protocol_error',
  // the house
  'control_unreachable',
  'gateway_unavailable',
  'too_many_sessions',
  'disk_full',
  'recording_failed',
  'shutting_down',
  'internal',
] as const
export type FailureCode = (typeof failureCodes)[number]

/** An expected refusal or a fault of the world, as a code of the catalogue, with a sentence that tells a person what to do next. */
export class Failure extends Error {
  readonly code: FailureCode
  readonly field: string | undefined
  /** Facts for the page and the ledger (both fingerprints of a changed key, say); never a secret. */
  readonly detail: Readonly<Record<string, unknown>> | undefined
  constructor(code: FailureCode, message: string, options: { field?: string; detail?: Record<string, unknown>; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'Failure'
    this.code = code
    this.field = options.field
    this.detail = options.detail
  }
}

export const isFailure = (value: unknown): value is Failure => value instanceof Failure
