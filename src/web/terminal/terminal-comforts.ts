// Everything about a terminal that is not its stream: how it looks, what it may answer, copying, searching, links, bell, title.
import { WebLinksAddon } from '@xterm/addon-web-links'
import type { IDisposable, ITerminalOptions, Terminal } from '@xterm/xterm'
import { hostText } from '../parts/format.ts'
import { BellLimit, soundBell } from './bell.ts'
import { copyText } from './clipboard.ts'
import { offerClipboard } from './clipboard-consent.ts'
import { HostAnswers } from './host-answers.ts'
import { changeSettings, currentSettings, isNarrow, subscribeSettings } from './kept-settings.ts'
import type { LinkQuestion } from './links.ts'
import { linkQuestion, refuseLongLinks } from './links.ts'
import type { Tab } from './open-tabs.ts'
import { followShellFolder } from './shell-folder.ts'
import { shownTheme, subscribeScheme } from './shown-theme.ts'
import { terminalAct } from './terminal-keys.ts'
import { TerminalSearch } from './terminal-search.ts'
import { fontFamilyOf, zoomed } from './terminal-settings.ts'
import { paletteColor } from './themes.ts'
import { hasQuickWebgl, leaseWebgl } from './webgl-drawing.ts'
import type { WebglLease } from './webgl-lease.ts'

export interface ComfortAsks {
  change(change: Partial<Tab>): void
  /** Resolves true when the person wants it. */
  mayOpen(question: LinkQuestion): Promise<boolean>
  /** The size of a character may have changed: the terminal has to be fitted again. */
  fit(): void
}

/** As the person's settings say. */
function settingsOptions(): ITerminalOptions {
  const settings = currentSettings()
  return {
    fontFamily: fontFamilyOf(settings),
    fontSize: settings.fontSize,
    lineHeight: settings.lineHeight,
    theme: shownTheme(settings.theme).colors,
    minimumContrastRatio: settings.readable ? 4.5 : 1,
    cursorStyle: settings.cursor,
    cursorBlink: settings.cursorBlink,
    scrollback: settings.scrollback,
    screenReaderMode: settings.screenReader,
  }
}

/** What a terminal begins with. */
export const terminalOptions = (): ITerminalOptions => ({
  // The Unicode API that the graphemes addon needs counts as proposed.
  allowProposedApi: true,
  macOptionIsMeta: true,
  // Nothing about the window is answered or obeyed.
  windowOptions: {},
  ...settingsOptions(),
})

const isMac = /Mac|iPhone|iPad/.test(navigator.platform)
/** A program that sets its title a thousand times a second costs the page four changes. */
const titleEveryMs = 250

export class TerminalComforts {
  readonly answers: HostAnswers
  #terminal: Terminal
  #asks: ComfortAsks
  #search: TerminalSearch | undefined
  #webgl: WebglLease
  #bell = new BellLimit()
  #seen = false
  #title: string | undefined
  #titleTimer: ReturnType<typeof setTimeout> | undefined
  #undo: IDisposable[]

  /** After `terminal.open(element)`. */
  constructor(terminal: Terminal, element: HTMLElement, asks: ComfortAsks) {
    this.#terminal = terminal
    this.#asks = asks
    const { parser } = terminal
    const colors = () => shownTheme(currentSettings().theme).colors
    this.answers = new HostAnswers(terminal, {
      palette: (at) => paletteColor(colors(), at),
      foreground: () => colors().foreground,
      background: () => colors().background,
      cursor: () => colors().cursor,
    })
    terminal.options.linkHandler = {
      allowNonHttpProtocols: false,
      activate: (_event, address, range) => this.#openLink(address, this.#textAt(range.start, range.end)),
    }
    terminal.loadAddon(new WebLinksAddon((_event, address) => this.#openLink(address)))
    terminal.attachCustomKeyEventHandler((event) => this.#key(event))
    const copySelected = () => {
      if (currentSettings().copyOnSelect && terminal.hasSelection()) void copyText(terminal.getSelection())
    }
    // The button may be let go anywhere.
    const onPress = () => document.addEventListener('mouseup', copySelected, { once: true })
    element.addEventListener('mousedown', onPress)
    this.#webgl = leaseWebgl(terminal)
    this.#undo = [
      this.answers,
      // Output that was seen before, or that is only watched, offers nothing and rings no bell.
      offerClipboard(parser, (offer) => {
        if (!this.answers.silent) asks.change({ offer })
      }),
      refuseLongLinks(parser),
      followShellFolder(parser, (folder) => asks.change({ folder })),
      terminal.onTitleChange((title) => this.#titled(title)),
      terminal.onBell(() => this.#rang()),
      { dispose: subscribeSettings(() => this.#settingsChanged()) },
      { dispose: subscribeScheme(() => this.#settingsChanged()) },
      {
        dispose() {
          element.removeEventListener('mousedown', onPress)
          document.removeEventListener('mouseup', copySelected)
        },
      },
    ]
  }

  /** Whether the person sees this terminal now. */
  seen(seen: boolean): void {
    this.#seen = seen
    const { drawing } = currentSettings()
    this.#webgl.seen(seen && (drawing === 'webgl' || (drawing === 'automatic' && hasQuickWebgl())))
    if (seen) this.#asks.change({ rang: undefined })
  }

  get drawsByWebgl(): boolean {
    return this.#webgl.drawsByWebgl
  }

  /** Made when it is first wanted; lives as long as the terminal. */
  search(counted: ConstructorParameters<typeof TerminalSearch>[2]): TerminalSearch {
    this.#search?.dispose()
    this.#search = new TerminalSearch(this.#terminal, () => shownTheme(currentSettings().theme).dark, counted)
    return this.#search
  }

  async copy(): Promise<boolean> {
    return this.#terminal.hasSelection() && copyText(this.#terminal.getSelection())
  }

  dispose(): void {
    clearTimeout(this.#titleTimer)
    this.#webgl.dispose()
    for (const undo of this.#undo.toReversed()) undo.dispose()
  }

  #settingsChanged(): void {
    const terminal = this.#terminal
    const next = settingsOptions()
    // An ended terminal's cursor stands still.
    if (terminal.options.disableStdin) delete next.cursorBlink
    Object.assign(terminal.options, next)
    this.seen(this.#seen)
    this.#asks.fit()
  }

  #key(event: KeyboardEvent): boolean {
    const { controlCCopies } = currentSettings()
    const act = terminalAct(event, { mac: isMac, selected: this.#terminal.hasSelection(), controlCCopies })
    if (act === undefined) return true
    if (act === 'browser') return false
    event.preventDefault()
    if (event.type !== 'keydown') return false
    if (act === 'copy' || act === 'copyThenForget') void this.copy()
    if (act === 'copyThenForget') this.#terminal.clearSelection()
    if (act === 'search') this.#asks.change({ searching: performance.now() })
    if (act === 'larger' || act === 'smaller' || act === 'usualSize')
      changeSettings(zoomed(currentSettings(), act === 'larger' ? 1 : act === 'smaller' ? -1 : 0, isNarrow()))
    return false
  }

  #titled(title: string): void {
    this.#title = hostText(title, 128)
    this.#titleTimer ??= setTimeout(() => {
      this.#titleTimer = undefined
      this.#asks.change({ hostTitle: this.#title })
    }, titleEveryMs)
  }

  #rang(): void {
    const { bell } = currentSettings()
    if (bell === 'off' || this.answers.silent || !this.#bell.mayRing(performance.now())) return
    if (bell === 'sound') soundBell()
    this.#asks.change({ rangAtMs: Date.now(), ...(this.#seen ? {} : { rang: true }) })
  }

  #textAt(start: { x: number; y: number }, end: { x: number; y: number }): string {
    const line = (y: number) => this.#terminal.buffer.active.getLine(y - 1)
    return start.y === end.y ? (line(start.y)?.translateToString(true, start.x - 1, end.x) ?? '') : ''
  }

  #openLink(address: string, shown?: string): void {
    const question = linkQuestion(address, shown)
    if (!question) return
    void this.#asks.mayOpen(question).then((yes) => {
      // What was shown is what is opened.
      if (yes) window.open(question.address, '_blank', 'noopener,noreferrer')
    })
  }
}
