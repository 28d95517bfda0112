// The terminal of a replay. It answers nothing, opens nothing, asks for nothing: what the host once said is only drawn.
import '@xterm/xterm/css/xterm.css'
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes'
import { type ITheme, Terminal } from '@xterm/xterm'
import { mostCols, mostRows } from './cast-line.ts'
import { takeSpanStylesThroughCssom } from '../terminal/span-styles.ts'
import { terminalFont } from '../terminal/terminal-font.ts'
import type { Drawing } from './playback.ts'

takeSpanStylesThroughCssom()

const usualFont = 15
const smallestFont = 3
const largestFont = 26

export class PlayTerminal implements Drawing {
  readonly terminal: Terminal
  readonly #place: HTMLElement
  readonly #observer: ResizeObserver
  #due: ReturnType<typeof setTimeout> | undefined

  constructor(place: HTMLElement, label: string, theme: ITheme) {
    this.#place = place
    this.terminal = new Terminal({
      disableStdin: true,
      allowProposedApi: true,
      scrollback: 0,
      cursorBlink: false,
      cursorInactiveStyle: 'block',
      fontFamily: terminalFont,
      fontSize: usualFont,
      theme,
      // Without it xterm asks the person and then opens the address.
      linkHandler: { activate: () => undefined, allowNonHttpProtocols: false },
    })
    this.terminal.loadAddon(new UnicodeGraphemesAddon())
    this.terminal.open(place)
    // No links (8) and no window titles to keep; both would be the host's words in places that are ours.
    for (const code of [0, 1, 2, 8, 52]) this.terminal.parser.registerOscHandler(code, () => true)
    // The dialog has the keys; the terminal is a picture with text.
    const { textarea } = this.terminal
    if (textarea) {
      textarea.tabIndex = -1
      textarea.setAttribute('aria-label', label)
    }
    this.terminal.attachCustomKeyEventHandler(() => false)
    this.#observer = new ResizeObserver(() => {
      clearTimeout(this.#due)
      this.#due = setTimeout(() => this.fit(), 40)
    })
    this.#observer.observe(place)
  }

  write(text: string): Promise<void> {
    return new Promise((resolve) => this.terminal.write(text, resolve))
  }

  resize(cols: number, rows: number): void {
    this.terminal.resize(Math.min(cols, mostCols), Math.min(rows, mostRows))
    this.fit()
  }

  /** The letters as large as the place allows for the size of the recording; what would be too small to see is cut off by the place. */
  fit(): void {
    const { terminal } = this
    const drawn = terminal.element?.querySelector('.xterm-screen')
    if (!drawn || this.#place.clientWidth === 0) return
    const present = terminal.options.fontSize ?? usualFont
    const [width, height] = [drawn.clientWidth / present, drawn.clientHeight / present]
    if (width === 0 || height === 0) return
    const wanted = Math.min(this.#place.clientWidth / width, this.#place.clientHeight / height, largestFont)
    const size = Math.max(smallestFont, Math.floor(wanted * 8) / 8)
    if (Math.abs(size - present) >= 0.125) terminal.options.fontSize = size
  }

  /** What is on the screen, without blanks at the ends of lines and below the last. */
  text(): string {
    const { terminal } = this
    const buffer = terminal.buffer.active
    const lines = Array.from({ length: terminal.rows }, (_, row) => buffer.getLine(buffer.baseY + row)?.translateToString(true) ?? '')
    return lines.join('\n').trimEnd()
  }
  set theme(theme: ITheme) {
    this.terminal.options.theme = theme
  }

  dispose(): void {
    clearTimeout(this.#due)
    this.#observer.disconnect()
    this.terminal.dispose()
  }
}
