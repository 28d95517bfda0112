// The typed client of `/api/v1`, for pages and for Node. Every refusal arrives as a `Failure` with a code of the catalogue.
import { createORPCClient } from '@orpc/client'
import type { ContractRouterClient } from '@orpc/contract'
import type { JsonifiedClient } from '@orpc/openapi-client'
import { OpenAPILink } from '@orpc/openapi-client/fetch'
import { Failure } from '#domain/failure.ts'
import { contract, csrfHeader } from '#wire/api.ts'
import { readFailure } from './failure-answer.ts'

export type ApiClient = JsonifiedClient<ContractRouterClient<typeof contract>>

export type ApiClientOptions = {
  /** Where Sallyport answers, without a path: `https://bastion.example`, or the page's own origin. */
  origin: string
  /** Added to each request; a program puts `authorization` here. Cookies of the page's own origin travel by themselves. */
  headers?: () => Record<string, string>
  fetch?: typeof fetch
  /** Called for every refusal before it is thrown: a page goes back to its sign-in on `unauthenticated`. */
  onFailure?: (failure: Failure) => void
}

/**
 * Makes a client of `src/wire/api.ts`. Calls reject with `Failure`: the server's own, `control_unreachable` when nobody answers at all,
 * and with the `AbortError` of a given signal.
 */
export function makeApiClient(options: ApiClientOptions): ApiClient {
  const request = options.fetch ?? globalThis.fetch
  const refuse = (failure: Failure): never => {
    options.onFailure?.(failure)
    throw failure
  }
  const link = new OpenAPILink(contract, {
    url: `${options.origin}/api/v1`,
    headers: () => ({ [csrfHeader.toLowerCase()]: '1', ...options.headers?.() }),
    fetch: async (asked, init) => {
      let response: Response
      try {
        response = await request(asked, { ...init, credentials: 'same-origin', redirect: 'error', cache: 'no-store' })
      } catch (cause) {
        if (cause instanceof Error && cause.name === 'AbortError') throw cause
        return refuse(new Failure('control_unreachable', 'Sallyport does not answer. Check the connection and try again.', { cause }))
      }
      return response.ok ? response : refuse(await readFailure(response))
    },
  })
  return createORPCClient<ApiClient>(link)
}
