import { queryOptions } from '@tanstack/react-query'
import { api } from '../api.ts'

/** Where the SSH door is and what keys it shows; it changes when Sallyport is started anew. */
export const doorQuery = queryOptions({ queryKey: ['door'], queryFn: ({ signal }) => api.door.get(undefined, { signal }), staleTime: 60_000 })
