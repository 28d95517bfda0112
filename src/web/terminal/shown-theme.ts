import { useSyncExternalStore } from 'react'
import type { TerminalTheme, ThemeName } from './themes.ts'
import { themes } from './themes.ts'

const isLight = () => document.documentElement.dataset['mantineColorScheme'] === 'light'

/** Calls when the pages turn light or dark. Returns what ends it. */
export function subscribeScheme(listener: () => void): () => void {
  const observer = new MutationObserver(listener)
  observer.observe(document.documentElement, { attributeFilter: ['data-mantine-color-scheme'] })
  return () => observer.disconnect()
}

/** `page` is light or dark as the pages are now. */
export const shownTheme = (name: ThemeName | 'page'): TerminalTheme => (name === 'page' ? (isLight() ? themes.paper : themes.harbour) : themes[name])

export function useShownTheme(name: ThemeName | 'page'): TerminalTheme {
  useSyncExternalStore(subscribeScheme, isLight)
  return shownTheme(name)
}
