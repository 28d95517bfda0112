// Which terminals have their files beside them, and which host is looked at without one. Small, because pages need it before the panel is ever loaded.
import { useSyncExternalStore } from 'react'

/** A host whose files are shown without a terminal. */
export type HostPlace = { asset: string; account: string; host: string }
let hostPlace: HostPlace | undefined

let open: ReadonlySet<string> = new Set()
const listeners = new Set<() => void>()
function set(next: ReadonlySet<string>): void {
  open = next
  for (const listener of listeners) listener()
}
const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

export const showFiles = (tab: string, shown: boolean): void => {
  if (open.has(tab) === shown) return
  const next = new Set(open)
  if (shown) next.add(tab)
  else next.delete(tab)
  set(next)
}
export const areFilesShown = (tab: string): boolean => open.has(tab)
export const useFilesShown = (tab: string | undefined): boolean => useSyncExternalStore(subscribe, () => tab !== undefined && open.has(tab))

export function showHostFiles(place: HostPlace | undefined): void {
  hostPlace = place
  for (const listener of listeners) listener()
}
export const useHostFiles = (): HostPlace | undefined => useSyncExternalStore(subscribe, () => hostPlace)
