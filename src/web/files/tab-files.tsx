// The files of one terminal's host, as the deck shows them beside it.
import { useEffect } from 'react'
import type { Tab } from '../terminal/open-tabs.ts'
import { tabTitle } from '../terminal/open-tabs.ts'
import { FilesView } from './files-panel.tsx'
import { storeOfTab } from './store-of-tab.ts'

export function TabFiles({ tab, onClose }: { tab: Tab; onClose: () => void }) {
  const store = storeOfTab(tab.id)
  const session = tab.state === 'open' ? tab.session : undefined
  // What was refused because no terminal was open is asked again when there is one.
  useEffect(() => {
    if (session !== undefined && store?.state.phase === 'refused') void store.open()
  }, [session, store])
  return store ? <FilesView key={tab.id} store={store} title={tabTitle(tab)} shellFolder={tab.folder} onClose={onClose} /> : null
}
