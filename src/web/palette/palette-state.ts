// Whether the palette is open, for every place that opens it.
import { useSyncExternalStore } from 'react'

let isOpen = false
const listeners = new Set<() => void>()
function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

export function setPaletteOpen(open: boolean): void {
  if (isOpen === open) return
  isOpen = open
  for (const listener of listeners) listener()
}
export const usePaletteOpen = (): boolean => useSyncExternalStore(subscribe, () => isOpen)
