// The lists of hosts that the page keeps: changed in place where the answer is known, asked again where it is not.
import type { AssetView } from '#wire/api/assets.ts'
import { queries } from '../api.ts'

type List = { items: AssetView[]; total: number; of: number }

/** Changes the hosts with these ids wherever a list shows them, until the list is asked again. */
export function changeKept(ids: readonly string[], change: (host: AssetView) => Partial<AssetView>): void {
  const wanted = new Set(ids)
  queries.setQueriesData<List>({ queryKey: ['assets', 'list'] }, (kept) =>
    kept ? { ...kept, items: kept.items.map((host) => (wanted.has(host.id) ? { ...host, ...change(host) } : host)) } : kept,
  )
}

/** Everything about hosts is asked again: lists, one host, tags, and the credentials that count their hosts. */
export async function renewHosts(): Promise<void> {
  await Promise.all([queries.invalidateQueries({ queryKey: ['assets'] }), queries.invalidateQueries({ queryKey: ['credentials'] })])
}
