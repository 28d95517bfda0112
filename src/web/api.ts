// The one client and the one cache of the page.
import { QueryCache, QueryClient, queryOptions } from '@tanstack/react-query'
import { makeApiClient } from '#client/api.ts'
import { asFailure } from '#client/failure-answer.ts'
import { heardAnswer, heardFailure } from './reach.ts'

export const api = makeApiClient({ origin: globalThis.location?.origin ?? '' })

/** Tried again only when the world was at fault; a refusal stays a refusal. */
export function isWorthRetrying(failures: number, error: unknown): boolean {
  const { code } = asFailure(error)
  return failures < 2 && (code === 'control_unreachable' || code === 'gateway_unavailable')
}

export const queries = new QueryClient({
  queryCache: new QueryCache({
    onSuccess: heardAnswer,
    onError(error, query) {
      heardFailure(error)
      // Whoever finds out first that the sign-in has ended tells the frame, which asks `me` again and goes to the sign-in page.
      if (asFailure(error).code === 'unauthenticated' && query.queryKey[0] !== 'me') void queries.invalidateQueries({ queryKey: ['me'] })
    },
  }),
  defaultOptions: {
    // Asked even when the browser believes to be offline: it may be wrong, Sallyport may be this machine, and a failure is said where a paused question is not.
    queries: { retry: isWorthRetrying, staleTime: 2000, refetchOnWindowFocus: true, networkMode: 'always' },
    mutations: { retry: false, networkMode: 'always' },
  },
})

export const meQuery = queryOptions({ queryKey: ['me'], queryFn: ({ signal }) => api.me(undefined, { signal }), staleTime: 60_000 })
export const claimQuery = queryOptions({ queryKey: ['claim'], queryFn: ({ signal }) => api.claim.state(undefined, { signal }) })
