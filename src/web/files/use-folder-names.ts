import { useEffect, useState } from 'react'
import { listFolder } from '#client/files/list-folder.ts'
import { isFolder } from './file-order.ts'
import type { FilesStore } from './files-store.ts'
import { typedPath } from './places.ts'

/** More are not looked through. */
const mostKept = 5000

/** Folders that begin as what was typed. Of another folder than the present one the host is asked, once. */
export function useFolderNames(store: FilesStore, text: string): string[] {
  const [asked, setAsked] = useState<{ folder: string; names: readonly string[] }>()
  const typed = typedPath(text, store.folder, store.state.home)
  const parent = typed.slice(0, typed.lastIndexOf('/') + 1)
  const folder = parent.length > 1 ? parent.slice(0, -1) : parent
  const isHere = folder === store.folder
  useEffect(() => {
    if (isHere) return undefined
    const stop = new AbortController()
    const timer = setTimeout(() => {
      const names: string[] = []
      const take = () => setAsked({ folder, names })
      store.session
        .ask((at) =>
          listFolder(at, {
            path: folder,
            signal: stop.signal,
            onEntries(entries) {
              for (const entry of entries) if (isFolder(entry) && entry.isUsable && names.length < mostKept) names.push(entry.name)
            },
          }),
        )
        // A folder that cannot be read proposes nothing.
        .then(take, () => undefined)
    }, 200)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [store, folder, isHere])
  const names = isHere
    ? store.state.rows.filter((entry) => isFolder(entry) && entry.isUsable).map(({ name }) => name)
    : asked?.folder === folder
      ? asked.names
      : []
  return names.map((name) => `${parent}${name}`).filter((path) => path.toLowerCase().startsWith(typed.toLowerCase()) && path !== typed)
}
