// One request to the gateway about files (`wire/files.ts`). The answer's body is left to the caller; every refusal is a `Failure`.
import type { z } from 'zod'
import { Failure } from '#domain/failure.ts'
import { csrfHeader } from '#wire/api.ts'
import { readFailure } from '../failure-answer.ts'

export type FilesOrigin = {
  /** Where Sallyport answers, without a path: `https://bastion.example`, or the page's own origin. */
  origin: string
  /** Added to each request; a program puts `authorization` here. Cookies of the page's own origin travel by themselves. */
  headers?: (() => Record<string, string>) | undefined
  fetch?: typeof fetch | undefined
}

export type FileRequest = {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** With its query, from `/api/v1` on. */
  path: string
  /** Sent as JSON. */
  json?: unknown
  bytes?: Blob
  signal?: AbortSignal | undefined
}

/**
 * Rejects with the server's own `Failure`, with `gateway_unavailable` and `detail.lost` when nobody answers (the line, not a refusal), and with the reason of a signal
 * that is aborted.
 */
export async function askFiles(to: FilesOrigin, { method = 'GET', path, json, bytes, signal }: FileRequest): Promise<Response> {
  const type = json !== undefined ? 'application/json' : bytes ? 'application/octet-stream' : undefined
  let response: Response
  try {
    response = await (to.fetch ?? globalThis.fetch)(`${to.origin}${path}`, {
      method,
      headers: { [csrfHeader.toLowerCase()]: '1', ...(type === undefined ? {} : { 'content-type': type }), ...to.headers?.() },
      ...(json !== undefined ? { body: JSON.stringify(json) } : bytes ? { body: bytes } : {}),
      ...(signal ? { signal } : {}),
      credentials: 'same-origin',
      redirect: 'error',
      cache: 'no-store',
    })
  } catch (cause) {
    signal?.throwIfAborted()
    throw lost(cause)
  }
  if (response.ok) return response
  throw await readFailure(response)
}

/** The same, with the answer read as JSON of this shape. */
export async function askFilesJson<Shape extends z.ZodType>(to: FilesOrigin, shape: Shape, request: FileRequest): Promise<z.infer<Shape>> {
  const response = await askFiles(to, request)
  let body: unknown
  try {
    body = await response.json()
  } catch (cause) {
    request.signal?.throwIfAborted()
    throw lost(cause)
  }
  const parsed = shape.safeParse(body)
  if (!parsed.success) throw new Failure('internal', 'The server answered otherwise than expected. Load the page again.', { cause: parsed.error })
  return parsed.data
}

/** The line is gone, or was never there. */
export const lost = (cause?: unknown): Failure =>
  new Failure('gateway_unavailable', 'Sallyport does not answer. Check the connection and try again.', { cause, detail: { lost: true } })

/** Whether trying again may help: the line, a gateway that restarts or is busy. A refusal stays a refusal. */
export const mayPass = ({ code }: Failure): boolean =>
  code === 'gateway_unavailable' || code === 'control_unreachable' || code === 'rate_limited' || code === 'shutting_down'
