import type { TerminalTheme, ThemeName } from './themes.ts'
import { themes } from './themes.ts'

/** `page` is light or dark as the pages are now. */
export function shownTheme(name: ThemeName | 'page'): TerminalTheme {
  if (name !== 'page') return themes[name]
  return document.documentElement.dataset['mantineColorScheme'] === 'light' ? themes.paper : themes.harbour
}
