// The settings of whoever is signed in, for every open terminal at once and for this person's other windows.
import { useSyncExternalStore } from 'react'
import type { TerminalSettings } from './terminal-settings.ts'
import { defaultSettings, readSettings, writeSettings } from './terminal-settings.ts'

export const isNarrow = (): boolean => matchMedia('(max-width: 760px)').matches
const keyOf = (operator: string) => `sallyport.terminal.${operator}`

let operator: string | undefined
let settings: TerminalSettings | undefined
const listeners = new Set<() => void>()
const tell = () => {
  for (const listener of listeners) listener()
}

/** From now on the settings are this operator's. */
export function settingsAreOf(id: string): void {
  if (operator === id) return
  operator = id
  settings = undefined
}

export function currentSettings(): TerminalSettings {
  if (operator === undefined) return (settings ??= defaultSettings(isNarrow()))
  settings ??= readSettings(localStorage.getItem(keyOf(operator)), isNarrow())
  return settings
}

export function changeSettings(change: Partial<TerminalSettings>): void {
  settings = { ...currentSettings(), ...change }
  try {
    if (operator !== undefined) localStorage.setItem(keyOf(operator), writeSettings(settings, isNarrow()))
  } catch {
    // Storage is full or switched off: the settings hold until the page is left.
  }
  tell()
}
export const resetSettings = (): void => changeSettings(defaultSettings(isNarrow()))

function heardStorage(event: StorageEvent): void {
  if (operator === undefined || (event.key !== keyOf(operator) && event.key !== null)) return
  settings = undefined
  tell()
}

/** Calls at every change, in this window or another. Returns what ends it. */
export function subscribeSettings(listener: () => void): () => void {
  if (listeners.size === 0) addEventListener('storage', heardStorage)
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) removeEventListener('storage', heardStorage)
  }
}

export const useSettings = (): TerminalSettings => useSyncExternalStore(subscribeSettings, currentSettings)
