// Reads the error body of the API: `{"error":{code,message,field?,detail?}}`. Whatever else answers (a proxy's page, a cut line) becomes a `Failure` too.
import { z } from 'zod'
import { Failure, failureCodes } from '#domain/failure.ts'
import type { FailureCode } from '#domain/failure.ts'

const ErrorBody = z.object({
  error: z.object({
    code: z.string().max(64),
    message: z.string().max(4000),
    field: z.string().max(200).optional(),
    detail: z.record(z.string(), z.unknown()).optional(),
  }),
})
const known: ReadonlySet<string> = new Set(failureCodes)
export const isFailureCode = (code: string): code is FailureCode => known.has(code)

// No honest error body is larger; a proxy's page may be.
const mostBytes = 64 * 1024

function fromStatus(status: number): FailureCode {
  if (status === 401) return 'unauthenticated'
  if (status === 403) return 'forbidden'
  if (status === 404) return 'not_found'
  if (status === 413) return 'too_large'
  if (status === 429) return 'rate_limited'
  if (status === 502 || status === 503 || status === 504) return 'gateway_unavailable'
  return status < 500 ? 'bad_request' : 'internal'
}

/** The `Failure` that an answer with a status of 400 and above stands for. Never throws. */
export async function readFailure(response: Response): Promise<Failure> {
  let parsed: z.infer<typeof ErrorBody> | undefined
  try {
    const text = await response.text()
    parsed = text.length <= mostBytes ? ErrorBody.safeParse(JSON.parse(text)).data : undefined
  } catch {
    parsed = undefined // not JSON, or cut: the status says what can be said
  }
  if (!parsed) return new Failure(fromStatus(response.status), `The server answered with status ${response.status}.`, { detail: { status: response.status } })
  const { code, message, field, detail } = parsed.error
  return new Failure(isFailureCode(code) ? code : fromStatus(response.status), message, {
    ...(field === undefined ? {} : { field }),
    ...(detail === undefined ? {} : { detail }),
  })
}

/** Anything thrown, as a `Failure`: a bug becomes `internal` with its own message. */
export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error
  return new Failure('internal', error instanceof Error ? error.message : String(error), { cause: error })
}
