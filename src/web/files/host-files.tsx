// The files of a host over the list of hosts: for who wants a file and no terminal.
import { useMe } from '../frame/me.ts'
import { FilesView } from './files-panel.tsx'
import classes from './files.module.css'
import type { HostPlace } from './open-panels.ts'
import { showHostFiles } from './open-panels.ts'
import { storeOfHost } from './store-of-tab.ts'

export function HostFiles({ place }: { place: HostPlace }) {
  const me = useMe()
  return (
    <div className={classes['overPage']}>
      <FilesView
        key={`${place.asset}/${place.account}`}
        store={storeOfHost(place, me.id)}
        title={`${place.account}@${place.host}`}
        onClose={() => showHostFiles(undefined)}
      />
    </div>
  )
}
