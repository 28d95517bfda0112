// Which terminals have their files beside them. Small, because the terminals need it before the panel is ever loaded.
import { useSyncExternalStore } from 'react'

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
