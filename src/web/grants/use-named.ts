// How many people and hosts a grant names as things stand now.
import { useQueries, useQuery } from '@tanstack/react-query'
import { api } from '../api.ts'
import type { GrantDraft } from './grant-draft.ts'

/** `isLeast`: there are more than were asked for. */
export type Named = { count: number; isLeast: boolean } | undefined
/** Of one tag; more would be a slow answer to a small question. */
const mostHosts = 200

/** Undefined while it is being asked, and when it cannot be known. */
export function useNamed({ people, groups, allHosts, hosts, tags }: GrantDraft): { people: Named; hosts: Named } {
  const members = useQueries({
    queries: groups.map(({ id }) => ({
      queryKey: ['groups', 'one', id],
      queryFn: ({ signal }: { signal: AbortSignal }) => api.groups.get({ id }, { signal }),
    })),
  })
  const all = useQuery({
    queryKey: ['assets', 'count'],
    queryFn: async ({ signal }) => (await api.assets.list({ page: 1, size: 1 }, { signal })).of,
    enabled: allHosts,
  })
  const tagged = useQueries({
    queries: (allHosts ? [] : tags).map((tag) => ({
      queryKey: ['assets', 'tagged', tag],
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        const { items, total } = await api.assets.list({ tag, page: 1, size: mostHosts }, { signal })
        return { ids: items.map(({ id }) => id), isLeast: total > items.length }
      },
    })),
  })
  const everybody = members.every(({ data }) => data !== undefined)
    ? new Set([...people.map(({ id }) => id), ...members.flatMap(({ data }) => data?.members.map(({ id }) => id) ?? [])])
    : undefined
  const meant = tagged.every(({ data }) => data !== undefined)
    ? new Set([...hosts.map(({ id }) => id), ...tagged.flatMap(({ data }) => data?.ids ?? [])])
    : undefined
  return {
    people: everybody && { count: everybody.size, isLeast: false },
    hosts: allHosts
      ? all.data === undefined
        ? undefined
        : { count: all.data, isLeast: false }
      : meant && { count: meant.size, isLeast: tagged.some(({ data }) => data?.isLeast) },
  }
}
