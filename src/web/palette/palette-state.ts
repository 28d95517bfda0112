// Whether the palette is open, for every place that opens it.
import { useSyncExternalStore } from 'react'

let isOpen = false
/** What had the keyboard before. */
let before: Element | null = null
const listeners = new Set<() => void>()
function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

export function setPaletteOpen(open: boolean): void {
  if (isOpen === open) return
  if (open) before = document.activeElement
  isOpen = open
  for (const listener of listeners) listener()
}
/** Gives the keyboard back to what had it, or else to `otherwise`. */
export function returnFocus(otherwise: HTMLElement | null): void {
  const kept = before instanceof HTMLElement && before.isConnected && before !== document.body ? before : otherwise
  kept?.focus({ preventScroll: true })
  before = null
}
export const usePaletteOpen = (): boolean => useSyncExternalStore(subscribe, () => isOpen)
