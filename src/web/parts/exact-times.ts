// Whether lists show times exact instead of relative: one choice for all lists, kept in the browser.
import { useSyncExternalStore } from 'react'

const key = 'sallyport.times'
const listeners = new Set<() => void>()

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  // Another tab of the same person.
  globalThis.addEventListener('storage', listener)
  return () => {
    listeners.delete(listener)
    globalThis.removeEventListener('storage', listener)
  }
}
const isExact = () => localStorage.getItem(key) === 'exact'

export function setExactTimes(exact: boolean): void {
  if (exact) localStorage.setItem(key, 'exact')
  else localStorage.removeItem(key)
  for (const call of listeners) call()
}
export const useExactTimes = (): boolean => useSyncExternalStore(subscribe, isExact)
