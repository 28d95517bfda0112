// The files of each terminal, as long as its tab is open: a panel that is closed and opened again shows what it showed.
import { useSyncExternalStore } from 'react'
import { listTabs, subscribeTabs } from '../terminal/open-tabs.ts'
import type { HostPlace } from './open-panels.ts'
import { showFiles } from './open-panels.ts'
import { FilesStore } from './files-store.ts'
import type { FilesState } from './files-state.ts'

const stores = new Map<string, FilesStore>()

subscribeTabs(() => {
  const open = new Set(listTabs().map(({ id }) => id))
  for (const [id, store] of stores) {
    if (open.has(id)) continue
    store.dispose()
    stores.delete(id)
    showFiles(id, false)
  }
})

/** Undefined for a tab that is gone, or only watches. */
export function storeOfTab(id: string): FilesStore | undefined {
  const known = stores.get(id)
  if (known) return known
  const tab = listTabs().find((one) => one.id === id)
  if (!tab || tab.goal.kind === 'watch') return undefined
  const { goal } = tab
  const store = new FilesStore({
    session: () => {
      const now = listTabs().find((one) => one.id === id)
      return now && (now.state === 'open' || now.state === 'reconnecting') ? now.session : undefined
    },
    ...(goal.kind === 'asset' ? { asset: goal.asset } : {}),
    account: goal.account,
    host: goal.host,
  })
  stores.set(id, store)
  return store
}

const hostStores = new Map<string, FilesStore>()
let whose: string | undefined
/** Of a host without a terminal; what is on its way arrives also while another page is shown. */
export function storeOfHost({ asset, account, host }: HostPlace, person: string): FilesStore {
  // Somebody else has signed in: nothing of the one before is shown.
  if (whose !== person) {
    for (const store of hostStores.values()) store.dispose()
    hostStores.clear()
    whose = person
  }
  const key = `${asset}/${account}`
  const known = hostStores.get(key)
  if (known) return known
  const store = new FilesStore({ session: () => undefined, asset, account, host })
  hostStores.set(key, store)
  return store
}

export const useFiles = (store: FilesStore): FilesState => useSyncExternalStore(store.subscribe, store.snapshot)
