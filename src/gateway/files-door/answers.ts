// Answers about files that are no file: JSON, and refusals in the shape of the API's errors.
import type { ServerResponse } from 'node:http'
import { Failure, type FailureCode, isFailure } from '#domain/failure.ts'
import { refuse } from '../browser-door/refuse.ts'
import { securityHeaders } from '../browser-door/security-headers.ts'

const statuses: Readonly<Partial<Record<FailureCode, number>>> = {
  unauthenticated: 401,
  forbidden: 403,
  not_granted: 403,
  csrf_header_missing: 403,
  origin_not_allowed: 403,
  file_refused: 403,
  file_denied: 403,
  not_found: 404,
  session_not_found: 404,
  file_not_found: 404,
  transfer_not_found: 404,
  asset_not_found: 404,
  account_not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  file_exists: 409,
  file_changed: 409,
  file_digest_differs: 409,
  offset_wrong: 409,
  credential_missing: 409,
  host_key_changed: 409,
  host_key_unknown: 409,
  too_large: 413,
  file_too_large: 413,
  unsupported_media_type: 415,
  range_not_satisfiable: 416,
  host_not_allowed: 421,
  rate_limited: 429,
  too_many_sessions: 429,
  too_many_files: 429,
  internal: 500,
  // The host behind Sallyport failed, not the asking.
  host_file_error: 502,
  host_unreachable: 502,
  host_refused: 502,
  host_not_ssh: 502,
  host_banner_too_large: 502,
  host_protocol_error: 502,
  channel_refused: 502,
  auth_failed: 502,
  host_timeout: 504,
  control_unreachable: 503,
  gateway_unavailable: 503,
  shutting_down: 503,
  disk_full: 507,
  host_disk_full: 507,
}
/** What is not in the map is a fault of the request: 400. */
export const fileStatusOf = (code: FailureCode): number => statuses[code] ?? 400

/** Two seconds are what a person hardly notices, and a program need not be told twice. */
const retryAfterSeconds: Readonly<Partial<Record<FailureCode, number>>> = { rate_limited: 1, gateway_unavailable: 2, control_unreachable: 2 }

export function answerJson(response: ServerResponse, status: number, value: unknown, secure: boolean): void {
  if (response.destroyed || response.headersSent) return
  const body = JSON.stringify(value)
  response
    .writeHead(status, {
      ...securityHeaders('data', secure),
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
    })
    .end(body)
}

/** `{"error":{code,message,detail?}}`. An answer that has begun is cut: whoever reads it must not take it for whole. */
export function answerFailure(response: ServerResponse, failure: Failure, secure: boolean): void {
  if (response.headersSent) return void response.destroy()
  const after = retryAfterSeconds[failure.code]
  refuse(
    response,
    {
      status: fileStatusOf(failure.code),
      code: failure.code,
      message: failure.message,
      ...(failure.detail ? { detail: failure.detail } : {}),
      ...(after === undefined ? {} : { retryAfterSeconds: after }),
    },
    secure,
  )
}

/** A fault of this program tells nothing of itself. */
export const failureOf = (error: unknown): Failure =>
  isFailure(error) ? error : new Failure('internal', 'The gateway failed at this request. The fault is in its log.', { cause: error })
