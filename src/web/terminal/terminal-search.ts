// Searching what a terminal shows and has shown.
import type { ISearchOptions } from '@xterm/addon-search'
import { SearchAddon } from '@xterm/addon-search'
import type { Terminal } from '@xterm/xterm'

export type SearchWish = { text: string; matchCase: boolean; regex: boolean }
/** `at` counts from 1; 0 when it is not known, which is so past `mostMatches`. */
export type SearchCount = { at: number; count: number }

/** Beyond this the addon neither marks nor counts. */
export const mostMatches = 1000
/** A pattern is typed; longer is pasted by mistake. */
export const longestSearch = 200

const marks = {
  dark: {
    matchBackground: '#5c4a12',
    activeMatchBackground: '#a1660b',
    activeMatchBorder: '#ffb347',
    matchOverviewRuler: '#c79a2e',
    activeMatchColorOverviewRuler: '#ffb347',
  },
  light: {
    matchBackground: '#ffe9a3',
    activeMatchBackground: '#ffbf47',
    activeMatchBorder: '#8a5200',
    matchOverviewRuler: '#c79a2e',
    activeMatchColorOverviewRuler: '#8a5200',
  },
}

/** False when the browser cannot make it a pattern. */
export function isPattern(text: string): boolean {
  try {
    return Boolean(new RegExp(text, 'g'))
  } catch {
    return false // what is typed so far is not a pattern yet
  }
}

export class TerminalSearch {
  #addon: SearchAddon
  #isDark: () => boolean
  #asked = ''

  constructor(terminal: Terminal, isDark: () => boolean, counted: (count: SearchCount) => void) {
    this.#isDark = isDark
    this.#addon = new SearchAddon({ highlightLimit: mostMatches })
    terminal.loadAddon(this.#addon)
    this.#addon.onDidChangeResults(({ resultIndex, resultCount }) => counted({ at: resultIndex + 1, count: resultCount }))
  }

  /** False when nothing is found, or the pattern is none. `typing` stays at the present match while it still fits. */
  find({ text, matchCase, regex }: SearchWish, way: 'next' | 'previous' | 'typing'): boolean {
    if (text === '' || text.length > longestSearch || (regex && !isPattern(text))) {
      this.clear()
      return false
    }
    // The addon overlooks that only the options have changed, and would go on showing what it found before.
    const asked = `${matchCase} ${regex} ${this.#isDark()}`
    if (asked !== this.#asked) this.clear()
    this.#asked = asked
    const options: ISearchOptions = { caseSensitive: matchCase, regex, incremental: way === 'typing', decorations: this.#isDark() ? marks.dark : marks.light }
    return way === 'previous' ? this.#addon.findPrevious(text, options) : this.#addon.findNext(text, options)
  }

  clear(): void {
    this.#addon.clearDecorations()
  }
  dispose(): void {
    this.#addon.dispose()
  }
}
