import { queryOptions } from '@tanstack/react-query'
import { api, queries } from '../api.ts'

export const grantQuery = (id: string) => queryOptions({ queryKey: ['grants', 'one', id], queryFn: ({ signal }) => api.grants.get({ id }, { signal }) })

/** Whatever says who may reach what: each of them changes the others. */
export async function renewAccess(): Promise<void> {
  await Promise.all(['grants', 'groups', 'operators', 'access', 'assets', 'sessions'].map((key) => queries.invalidateQueries({ queryKey: [key] })))
}
