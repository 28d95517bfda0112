import { queryOptions } from '@tanstack/react-query'
import { api, queries } from '../api.ts'

export const credentialQuery = (id: string) =>
  queryOptions({ queryKey: ['credentials', 'one', id], queryFn: ({ signal }) => api.credentials.get({ id }, { signal }) })

/** Hosts say which credential they use, by its name. */
export async function renewCredentials(): Promise<void> {
  await Promise.all([queries.invalidateQueries({ queryKey: ['credentials'] }), queries.invalidateQueries({ queryKey: ['assets'] })])
}
