import { useQuery } from '@tanstack/react-query'
import { api } from '../api.ts'

/** A key that has changed keeps people out: administrators learn of it within half a minute, whatever page they are on. */
const askEveryMs = 30_000

/** How many changed keys wait for a decision; 0 for those who may not decide. */
export function useChangedKeys(isAdmin: boolean): number {
  const answer = useQuery({
    queryKey: ['key-changes', 'count'],
    queryFn: ({ signal }) => api.keyChanges.list({ size: 1 }, { signal }),
    enabled: isAdmin,
    refetchInterval: askEveryMs,
    staleTime: askEveryMs / 2,
  })
  return isAdmin ? (answer.data?.total ?? 0) : 0
}
