// Which hosts are selected, over all pages of the list.
import { useState } from 'react'
import type { AssetView } from '#wire/api/assets.ts'
import { api } from '../api.ts'
import { notifyFailure } from '../parts/failure-notice.tsx'
import type { ChosenHost } from './bulk-change.ts'
import { mostChosen } from './bulk-change.ts'
import type { HostsQuery } from './hosts-search.ts'

/** As many as the API gives at once. */
const gatherSize = 200

export function useChosen(rows: readonly AssetView[] | undefined) {
  const [chosen, setChosen] = useState<ReadonlyMap<string, ChosenHost>>(new Map())
  const [isGathering, setGathering] = useState(false)
  const shown = new Map((rows ?? []).map((row) => [row.id, row]))
  const choose = (ids: ReadonlySet<string>) =>
    setChosen(
      new Map(
        [...ids].flatMap((id) => {
          const host = shown.get(id) ?? chosen.get(id)
          return host ? [[id, { id, name: host.name, tags: host.tags }] as const] : []
        }),
      ),
    )
  /** Everything that matches, at most `mostChosen`. */
  const chooseAll = async (query: HostsQuery) => {
    setGathering(true)
    try {
      const found = new Map<string, ChosenHost>()
      for (let page = 1; page <= mostChosen / gatherSize; page++) {
        const { items, total } = await api.assets.list({ ...query, page, size: gatherSize })
        for (const { id, name, tags } of items) found.set(id, { id, name, tags })
        if (items.length === 0 || page * gatherSize >= total) break
      }
      setChosen(found)
    } catch (error) {
      notifyFailure(error)
    } finally {
      setGathering(false)
    }
  }
  // What a shown row says of itself now is truer than what it said when it was chosen.
  const hosts = [...chosen.values()].map(({ id, name, tags }) => ({ id, name: shown.get(id)?.name ?? name, tags: shown.get(id)?.tags ?? tags }))
  return { ids: new Set(chosen.keys()), hosts, choose, chooseAll, isGathering, clear: () => setChosen(new Map()) }
}
