// One xterm joined to one terminal stream. What the host says is shown, never obeyed: no clipboard, no window operations, links only after a question.
import { FitAddon } from '@xterm/addon-fit'
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes'
import { Terminal } from '@xterm/xterm'
import { boundCounts } from '#domain/screen-counts.ts'
import type { TransferAct } from '#domain/terminal-transfer.ts'
import { currentSettings } from './kept-settings.ts'
import type { LinkQuestion } from './links.ts'
import type { LiveConnectionAsks } from './live-connection.ts'
import { LiveConnection } from './live-connection.ts'
import type { Tab, TabEnd } from './open-tabs.ts'
import { cleanPaste, controlOf, entersLines, hasUnseen, mostPastedBytes, pastedLines } from './paste.ts'
import { offerForInspection } from './screen-reading.ts'
import { takeSpanStylesThroughCssom } from './span-styles.ts'
import { TerminalComforts, terminalOptions } from './terminal-comforts.ts'

export interface LiveTerminalAsks extends LiveConnectionAsks {
  /** Resolves true when the person wants it. */
  mayPaste(text: string, lines: number): Promise<boolean>
  mayOpen(question: LinkQuestion): Promise<boolean>
  refused(why: 'paste' | 'input'): void
  /** The person typed something. */
  typed(): void
}

takeSpanStylesThroughCssom()

const encoder = new TextEncoder()
/** Of a terminal that is watched, in pixels. */
const smallestFont = 8

export class LiveTerminal {
  readonly terminal: Terminal
  readonly comforts: TerminalComforts
  #asks: LiveTerminalAsks
  #fit = new FitAddon()
  #connection: LiveConnection
  #stop = new AbortController()
  #undo: (() => void)[] = []
  #control: (() => void) | undefined
  #inspection: ReturnType<typeof offerForInspection>

  constructor(element: HTMLElement, tab: Tab, label: string, asks: LiveTerminalAsks) {
    this.#asks = asks
    const isWatching = tab.goal.kind === 'watch'
    const { cols, rows } = tab
    this.terminal = new Terminal({ ...terminalOptions(), disableStdin: isWatching, ...(cols === undefined || rows === undefined ? {} : { cols, rows }) })
    this.terminal.loadAddon(this.#fit)
    this.terminal.loadAddon(new UnicodeGraphemesAddon())
    // Goes with the terminal.
    boundCounts(this.terminal)
    this.terminal.open(element)
    this.terminal.textarea?.setAttribute('aria-label', label)
    this.comforts = new TerminalComforts(this.terminal, element, {
      change: (change) => asks.change(change),
      mayOpen: (question) => asks.mayOpen(question),
      fit: () => this.fit(),
    })
    this.#undo.push(() => this.comforts.dispose())
    this.#inspection = offerForInspection(tab.id, this.terminal)
    this.#undo.push(this.#inspection.undo)
    this.#connection = new LiveConnection({
      tab,
      terminal: this.terminal,
      asks,
      silence: (silent) => (this.comforts.answers.silent = silent),
      begun: () => this.focus(),
      sized: () => this.fit(),
      over: (end) => this.#end(end),
    })
    this.#listen(element)
    this.#fit.fit()
  }

  /** Fits the room and tells the host, in order with what was typed. A terminal that is watched keeps the session's size: its characters fit the room. */
  fit(): void {
    if (!this.terminal.element?.offsetParent) return
    if (this.#connection.isWatching) this.#fitCharacters()
    else this.#fit.fit()
  }
  focus(): void {
    this.terminal.focus()
  }
  answer(id: number, answers: string[] | null): void {
    this.#asks.change({ prompt: undefined, state: 'connecting' })
    this.#connection.answer(id, answers)
  }
  /** What the person says to `sz` or `rz`. False: the connection is gone just now. */
  transfer(act: TransferAct): boolean {
    return this.#connection.transfer(act)
  }
  tryNow(): void {
    this.#connection.tryNow()
  }
  /** As if typed: for keys that a phone does not have. */
  type(text: string): void {
    this.terminal.input(text)
    this.focus()
  }
  /** The next key counts as with Ctrl; `used` is told when it has come. */
  holdControl(held: boolean, used?: () => void): void {
    this.#control = held ? (used ?? (() => undefined)) : undefined
    this.focus()
  }
  async paste(text: string): Promise<void> {
    const clean = cleanPaste(text)
    if (clean === '') return
    if (encoder.encode(clean).length > mostPastedBytes) return this.#asks.refused('paste')
    const lines = pastedLines(clean)
    if (((entersLines(clean) && lines > 1) || hasUnseen(clean)) && !(await this.#asks.mayPaste(clean, lines))) return this.focus()
    if (this.#stop.signal.aborted) return
    this.terminal.paste(clean)
    this.focus()
  }

  dispose(): void {
    this.#stop.abort()
    this.#connection.dispose()
    for (const undo of this.#undo.toReversed()) undo()
    this.terminal.dispose()
  }

  #end(end: TabEnd): void {
    const endedAtMs = Date.now()
    this.terminal.options.disableStdin = true
    this.terminal.options.cursorBlink = false
    // What came last may not be parsed yet; and saying that it ended takes room from the terminal.
    this.terminal.write('', () => {
      this.#inspection.freeze()
      this.#asks.change({ state: 'ended', end, endedAtMs, prompt: undefined, clientMs: undefined, hostMs: undefined })
    })
  }

  #send(bytes: Uint8Array): void {
    if (!this.#connection.input(bytes)) this.#asks.refused('input')
    else this.#asks.typed()
  }

  /** As large as the person's own setting, or smaller, down to what can just be read; what is still too large scrolls. */
  #fitCharacters(): void {
    const { terminal } = this
    terminal.options.fontSize = currentSettings().fontSize
    const room = this.#fit.proposeDimensions()
    if (!room) return
    const share = Math.min(1, room.cols / terminal.cols, room.rows / terminal.rows)
    terminal.options.fontSize = Math.max(smallestFont, Math.floor(currentSettings().fontSize * share * 2) / 2)
  }

  #listen(element: HTMLElement): void {
    const { terminal } = this
    terminal.onData((text) => {
      if (this.comforts.answers.isUnwanted(text)) return
      const control = this.#control && text.length === 1 ? controlOf(text) : undefined
      if (control !== undefined) {
        this.#control?.()
        this.#control = undefined
      }
      this.#send(encoder.encode(control ?? text))
    })
    // Mouse reports of the old kind are bytes, not characters.
    terminal.onBinary((text) => this.#send(Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff)))
    terminal.onResize(({ cols, rows }) => {
      this.#asks.change({ cols, rows })
      this.#connection.resize(cols, rows)
    })
    const onPaste = (event: ClipboardEvent) => {
      event.preventDefault()
      event.stopImmediatePropagation()
      void this.paste(event.clipboardData?.getData('text/plain') ?? '')
    }
    element.addEventListener('paste', onPaste, { capture: true })
    let due: ReturnType<typeof setTimeout> | undefined
    const observer = new ResizeObserver(() => {
      clearTimeout(due)
      // Dragging a window's edge makes dozens of sizes; programs redraw for each.
      due = setTimeout(() => this.fit(), 60)
    })
    observer.observe(element)
    this.#undo.push(() => {
      clearTimeout(due)
      observer.disconnect()
      element.removeEventListener('paste', onPaste, { capture: true })
    })
  }
}
