// One xterm joined to one terminal stream. What the host says is shown, never obeyed: no clipboard, no window operations, links only after a question.
import { FitAddon } from '@xterm/addon-fit'
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes'
import { Terminal } from '@xterm/xterm'
import { asFailure } from '#client/failure-answer.ts'
import { TerminalStream } from '#client/terminal-stream.ts'
import { terminalPath } from '#wire/api.ts'
import type { Notice, Prompt } from '#wire/terminal.ts'
import { api } from '../api.ts'
import type { LinkQuestion } from './links.ts'
import type { Goal, Tab, TabEnd } from './open-tabs.ts'
import { cleanPaste, controlOf, entersLines, hasUnseen, mostPastedBytes, pastedLines } from './paste.ts'
import { offerForInspection } from './screen-reading.ts'
import { takeSpanStylesThroughCssom } from './span-styles.ts'
import { TerminalComforts, terminalOptions } from './terminal-comforts.ts'

export interface LiveTerminalAsks {
  change(change: Partial<Tab>): void
  notice(notice: Notice): void
  /** Resolves true when the person wants it. */
  mayPaste(text: string, lines: number): Promise<boolean>
  mayOpen(question: LinkQuestion): Promise<boolean>
  refused(why: 'paste' | 'input'): void
}

takeSpanStylesThroughCssom()

const encoder = new TextEncoder()

export class LiveTerminal {
  readonly terminal: Terminal
  readonly comforts: TerminalComforts
  #asks: LiveTerminalAsks
  #goal: Goal
  #fit = new FitAddon()
  #stream: TerminalStream | undefined
  #stop = new AbortController()
  #undo: (() => void)[] = []
  #control = false
  #inspection: ReturnType<typeof offerForInspection>

  constructor(element: HTMLElement, tab: Tab, label: string, asks: LiveTerminalAsks) {
    this.#asks = asks
    this.#goal = tab.goal
    this.terminal = new Terminal(terminalOptions())
    this.terminal.loadAddon(this.#fit)
    this.terminal.loadAddon(new UnicodeGraphemesAddon())
    this.terminal.open(element)
    this.terminal.textarea?.setAttribute('aria-label', label)
    this.comforts = new TerminalComforts(this.terminal, element, {
      change: (change) => asks.change(change),
      mayOpen: (question) => asks.mayOpen(question),
      fit: () => this.fit(),
    })
    this.#undo.push(() => this.comforts.dispose())
    this.#listen(element)
    this.#inspection = offerForInspection(tab.id, this.terminal)
    this.#undo.push(this.#inspection.undo)
    this.#fit.fit()
    void this.#connect()
  }

  /** Fits the room and tells the host, in order with what was typed. */
  fit(): void {
    if (this.terminal.element?.offsetParent) this.#fit.fit()
  }
  focus(): void {
    this.terminal.focus()
  }
  answer(id: number, answers: string[] | null): void {
    this.#asks.change({ prompt: undefined, state: 'connecting' })
    this.#stream?.answer(id, answers)
  }
  /** As if typed: for keys that a phone does not have. */
  type(text: string): void {
    this.terminal.input(text)
    this.focus()
  }
  /** The next key counts as with Ctrl. */
  holdControl(held: boolean): void {
    this.#control = held
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
    this.#stream?.close()
    for (const undo of this.#undo.toReversed()) undo()
    this.terminal.dispose()
  }

  async #connect(): Promise<void> {
    try {
      // One turn later, so that a terminal that is disposed at once has asked for nothing.
      await Promise.resolve()
      this.#stop.signal.throwIfAborted()
      const goal = this.#goal
      const asked =
        goal.kind === 'asset'
          ? { kind: 'shell' as const, asset: goal.asset, account: goal.account }
          : goal.kind === 'watch'
            ? { kind: 'watch' as const, session: goal.session }
            : { kind: 'shell' as const, address: goal.address }
      const { ticket } = await api.tickets.create(asked, { signal: this.#stop.signal })
      this.#stop.signal.throwIfAborted()
      this.#asks.change({ state: 'connecting' })
      this.#open(ticket)
    } catch (error) {
      if (this.#stop.signal.aborted) return
      this.#end({ failure: asFailure(error).code })
    }
  }

  #open(ticket: string): void {
    const url = new URL(terminalPath, location.href)
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
    const { cols, rows } = this.terminal
    this.#asks.change({ cols, rows })
    const stream = new TerminalStream({
      url: url.href,
      ticket,
      cols,
      rows,
      term: 'xterm-256color',
      makeSocket: (address, subprotocol) => new WebSocket(address, subprotocol),
      events: {
        welcome: ({ session }) => {
          this.#asks.change({ state: 'open', session, openedAtMs: Date.now(), prompt: undefined, notice: undefined })
          this.focus()
        },
        // Acknowledged when xterm has parsed it, not when it arrived: a slow page slows the host.
        output: (bytes, end) => this.terminal.write(bytes, () => stream.parsed(end)),
        prompt: (prompt: Prompt) => this.#asks.change({ prompt, state: 'prompting' }),
        notice: (notice) => this.#asks.notice(notice),
        stats: ({ rttHostMs }) => this.#asks.change({ hostMs: rttHostMs }),
        latency: (clientMs) => this.#asks.change({ clientMs }),
        ended: (ended) => this.#end(ended),
        closed: ({ clean }) => {
          if (!clean && !this.#stop.signal.aborted) this.#end({ cut: true })
        },
      },
    })
    this.#stream = stream
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
    if (this.#stream?.state === 'open' && !this.#stream.input(bytes)) this.#asks.refused('input')
  }

  #listen(element: HTMLElement): void {
    const { terminal } = this
    terminal.onData((text) => {
      const control = this.#control && text.length === 1 ? controlOf(text) : undefined
      if (control !== undefined) this.#control = false
      this.#send(encoder.encode(control ?? text))
    })
    // Mouse reports of the old kind are bytes, not characters.
    terminal.onBinary((text) => this.#send(Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff)))
    terminal.onResize(({ cols, rows }) => {
      this.#asks.change({ cols, rows })
      this.#stream?.resize(cols, rows)
    })
    const onPaste = (event: ClipboardEvent) => {
      event.preventDefault()
      event.stopImmediatePropagation()
      void this.paste(event.clipboardData?.getData('text/plain') ?? '')
    }
    element.addEventListener('paste', onPaste, { capture: true })
    const onVisibility = () => this.#stream?.hidden(document.hidden)
    document.addEventListener('visibilitychange', onVisibility)
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
      document.removeEventListener('visibilitychange', onVisibility)
      element.removeEventListener('paste', onPaste, { capture: true })
    })
  }
}
