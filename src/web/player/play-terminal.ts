// The terminal of a replay. It answers nothing, opens nothing, asks for nothing: what the host once said is only drawn.
import '@xterm/xterm/css/xterm.css'
import { FitAddon } from '@xterm/addon-fit'
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes'
import { type ITheme, Terminal } from '@xterm/xterm'
import { boundCounts } from '#domain/screen-counts.ts'
import { mostCols, mostRows } from './cast-line.ts'
import { takeSpanStylesThroughCssom } from '../terminal/span-styles.ts'
import { terminalFont } from '../terminal/terminal-font.ts'
import type { Drawing } from './playback.ts'

takeSpanStylesThroughCssom()

const pieceLength = 2048
const usualFont = 15
/** Below it letters run into each other; a recording that is still too wide is scrolled. */
const smallestFont = 6
const largestFont = 26

export class PlayTerminal implements Drawing {
  readonly terminal: Terminal
  readonly #place: HTMLElement
  readonly #fit = new FitAddon()
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
    this.terminal.loadAddon(this.#fit)
    this.terminal.open(place)
    boundCounts(this.terminal)
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

  /** In small pieces: between two of them xterm lets the page draw, whatever a piece costs. */
  write(text: string): Promise<void> {
    return new Promise((resolve) => {
      for (let at = 0; at + pieceLength < text.length; at += pieceLength) this.terminal.write(text.slice(at, at + pieceLength))
      this.terminal.write(text.slice(Math.floor(Math.max(0, text.length - 1) / pieceLength) * pieceLength), resolve)
    })
  }

  resize(cols: number, rows: number): void {
    this.terminal.resize(Math.min(cols, mostCols), Math.min(rows, mostRows))
    this.fit()
  }

  /** The letters as large as the place allows for the size of the recording; what has no room at the smallest is scrolled to. */
  fit(): void {
    const { terminal } = this
    if (this.#place.clientWidth === 0) return
    terminal.options.fontSize = usualFont
    const room = this.#fit.proposeDimensions()
    if (!room) return
    let size = Math.floor(usualFont * Math.min((room.cols + 1) / terminal.cols, (room.rows + 1) / terminal.rows) * 4) / 4
    size = Math.max(smallestFont, Math.min(largestFont, size))
    terminal.options.fontSize = size
    // Letters do not grow evenly with their size: a little smaller until all of it has room.
    for (let tries = 0; tries < 16 && size > smallestFont && !this.#hasRoom(); tries += 1) terminal.options.fontSize = size -= 0.25
  }

  #hasRoom(): boolean {
    const room = this.#fit.proposeDimensions()
    return !room || (room.cols >= this.terminal.cols && room.rows >= this.terminal.rows)
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
