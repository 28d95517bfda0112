import { useQuery } from '@tanstack/react-query'
import { api } from '../api.ts'

/** How many administrators can sign in; undefined while that is not known. */
export function useAdminCount(): number | undefined {
  return useQuery({
    queryKey: ['operators', 'admins'],
    queryFn: async ({ signal }) => (await api.operators.list({ role: 'admin', enabled: 'true', page: 1, size: 1 }, { signal })).total,
  }).data
}
