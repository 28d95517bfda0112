// What a failed request is answered with. The shape is `{"error":{"code","message","field"?,"detail"?}}` and nothing else; bugs tell only the id under which the log has them.
import { Failure, isFailure, type FailureCode } from '#domain/failure.ts'

export type ErrorBody = { error: { code: FailureCode; message: string; field?: string; detail?: Readonly<Record<string, unknown>> } }

/** A field's name comes from the request: at most this much of it is said back, without control characters. */
const maxFieldCharacters = 100
export const fieldName = (path: string): string => path.replace(/[^\x20-\x7e]/g, '?').slice(0, maxFieldCharacters)

export function errorBody(failure: Failure): ErrorBody {
  return {
    error: {
      code: failure.code,
      message: failure.message,
      ...(failure.field === undefined ? {} : { field: fieldName(failure.field) }),
      ...(failure.detail === undefined ? {} : { detail: failure.detail }),
    },
  }
}

type FrameworkError = { code?: unknown; statusCode?: unknown }
const framework: Readonly<Record<string, readonly [FailureCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['too_large', 'The request is larger than what is taken here.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', 'Send JSON, with the header Content-Type: application/json.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['bad_request', 'The body does not have the length that Content-Length says.'],
  FST_ERR_BAD_URL: ['not_found', 'There is nothing at this address.'],
  FST_ERR_MAX_PARAM_LENGTH: ['not_found', 'There is nothing at this address.'],
}

/** The failure that an error of a request stands for; undefined when it is a bug. Errors of the HTTP framework about the request itself become ours. */
export function failureOf(error: unknown): Failure | undefined {
  if (isFailure(error)) return error
  if (typeof error !== 'object' || error === null) return undefined
  const { code, statusCode } = error as FrameworkError
  const known = typeof code === 'string' ? framework[code] : undefined
  if (known) return new Failure(known[0], known[1], { cause: error })
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500)
    return new Failure('bad_request', 'The request could not be read.', { cause: error })
  return undefined
}
