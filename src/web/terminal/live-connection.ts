// What joins one xterm to one session: how it begins (a new session, one taken over, one kept over a reload, one watched), what comes of it, and its true end.
import type { Terminal } from '@xterm/xterm'
import { asFailure } from '#client/failure-answer.ts'
import type { TerminalEvents, TerminalStart } from '#client/terminal-events.ts'
import { TerminalStream } from '#client/terminal-stream.ts'
import type { TransferAct, TransferState } from '#domain/terminal-transfer.ts'
import { terminalPath } from '#wire/api.ts'
import type { Notice, Welcome } from '#wire/terminal.ts'
import { api } from '../api.ts'
import { howItEnded } from './how-it-ended.ts'
import { dropKey, keepKey, keyOf } from './kept-tabs.ts'
import type { Goal, Tab, TabEnd } from './open-tabs.ts'
import { TerminalWriter } from './terminal-writer.ts'

export interface LiveConnectionAsks {
  change(change: Partial<Tab>): void
  notice(notice: Notice): void
  /** Somebody began to watch. */
  watched(names: string[]): void
  transfer(state: TransferState): void
  proxySuspected(afterSeconds: number): void
}
export type LiveConnectionParts = {
  tab: Tab
  terminal: Terminal
  asks: LiveConnectionAsks
  silence: (silent: boolean) => void
  /** The shell is open. */
  begun: () => void
  /** A screen was drawn in the session's own size, or the size of what is watched has changed. */
  sized: () => void
  over: (end: TabEnd) => void
}

/** While nobody answers, control may know that the session has ended: asked no more often than this. */
const askControlEveryMs = 5000
const askControlFromAttempt = 3

const terminalUrl = () => {
  const url = new URL(terminalPath, location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  return url.href
}

export class LiveConnection {
  readonly #parts: LiveConnectionParts
  readonly #stop = new AbortController()
  readonly #writer: TerminalWriter
  #stream: TerminalStream | undefined
  #session: string | undefined
  #graceSeconds = 0
  #names: readonly string[] = []
  #askedAtMs = -Infinity
  #keptUntilMs: number | undefined
  #isOver = false
  /** While a screen gives the terminal the session's size: that is not the person's wish. */
  #isAdopting = false

  constructor(parts: LiveConnectionParts) {
    this.#parts = parts
    const { tab, terminal } = parts
    this.#session = tab.session ?? tab.attach ?? (tab.goal.kind === 'watch' ? tab.goal.session : undefined)
    const sized = {
      write: (data: string | Uint8Array, parsed?: () => void) => terminal.write(data, parsed),
      resize: (cols: number, rows: number) => this.#adopt(cols, rows),
    }
    this.#writer = new TerminalWriter(sized, parts.silence, this.isWatching)
    const retry = () => this.#stream?.tryNow()
    const look = () => {
      // A pane behind another tab of ours is not hidden: it parses as fast as any. A hidden page does not, since its timers sleep.
      this.#stream?.hidden(document.hidden)
      if (!document.hidden) retry()
    }
    window.addEventListener('online', retry, { signal: this.#stop.signal })
    document.addEventListener('visibilitychange', look, { signal: this.#stop.signal })
    void this.#begin()
  }

  get isWatching(): boolean {
    return this.#parts.tab.goal.kind === 'watch'
  }
  /** False when the session lives and this was not taken: too much waits for the host. */
  input(bytes: Uint8Array): boolean {
    const stream = this.#stream
    if (!stream || this.isWatching) return true
    const isTaken = stream.input(bytes)
    return isTaken || (stream.state !== 'open' && stream.state !== 'reconnecting')
  }
  resize(cols: number, rows: number): void {
    if (!this.#isAdopting) this.#stream?.resize(cols, rows)
  }
  answer(id: number, answers: string[] | null): void {
    this.#stream?.answer(id, answers)
  }
  /** False: the connection is gone just now. */
  transfer(act: TransferAct): boolean {
    return this.#stream?.transfer(act) ?? false
  }
  tryNow(): void {
    this.#stream?.tryNow()
  }
  /** Leaves: one's own session ends. */
  dispose(): void {
    this.#stop.abort()
    this.#writer.dispose()
    this.#stream?.close()
  }

  async #begin(): Promise<void> {
    const { signal } = this.#stop
    try {
      // One turn later, so that a terminal that is disposed at once has asked for nothing.
      await Promise.resolve()
      signal.throwIfAborted()
      const { tab } = this.#parts
      const kept = tab.attempt === 1 ? keyOf(tab.id) : undefined
      if (kept) return this.#open({ resume: { ...kept, outputOffset: 0 } })
      // Kept over a reload without its key: it went elsewhere before.
      if (tab.session !== undefined && tab.attempt === 1 && !this.isWatching) return this.#parts.over(await howItEnded(tab.session, signal))
      const { goal, attach } = tab
      const ticket = await this.#ticket(goal, attach)
      signal.throwIfAborted()
      this.#parts.asks.change({ state: 'connecting' })
      const session = attach ?? (goal.kind === 'watch' ? goal.session : undefined)
      this.#open({ ticket, ...(session === undefined ? {} : { session }), ...(this.isWatching ? { renew: () => this.#ticket(goal) } : {}) })
    } catch (error) {
      if (signal.aborted) return
      const failure = asFailure(error).code
      this.#parts.over(failure === 'session_not_found' && this.#session !== undefined ? await this.#trueEnd(this.#session) : { failure })
    }
  }

  async #ticket(goal: Goal, attach?: string): Promise<string> {
    const { reason } = this.#parts.tab
    const said = reason === undefined ? {} : { reason }
    const asked =
      attach !== undefined
        ? { kind: 'attach' as const, session: attach }
        : goal.kind === 'watch'
          ? { kind: 'watch' as const, session: goal.session }
          : goal.kind === 'asset'
            ? { kind: 'shell' as const, asset: goal.asset, account: goal.account, ...said }
            : { kind: 'shell' as const, address: goal.address, ...said }
    return (await api.tickets.create(asked, { signal: this.#stop.signal })).ticket
  }

  #open(start: TerminalStart): void {
    const { terminal, asks } = this.#parts
    const { cols, rows } = terminal
    if (!this.isWatching) asks.change({ cols, rows })
    const parsed = (offset: number) => stream.parsed(offset)
    let isNew = true
    const events: Partial<TerminalEvents> = {
      welcome: (welcome) => {
        // The writer silences what was answered before this page was here; what its own terminal has, it answered itself.
        if (isNew) this.#writer.begin(welcome.outputOffset, welcome.parsedOffset)
        this.#welcomed(welcome, isNew)
        isNew = false
      },
      // Acknowledged when xterm has parsed it, not when it arrived: a slow page slows the host.
      output: (bytes, end) => this.#writer.output(bytes, end, parsed),
      screen: (screen) => this.#writer.screen(screen, parsed, () => this.#parts.sized()),
      size: (wide, high) =>
        this.#writer.act(() => {
          this.#adopt(wide, high)
          this.#parts.sized()
        }),
      prompt: (prompt) => asks.change({ prompt, state: 'prompting' }),
      notice: (notice) => asks.notice(notice),
      transfer: (state) => asks.transfer(state),
      stats: ({ rttHostMs }) => asks.change({ hostMs: rttHostMs }),
      latency: (clientMs) => asks.change({ clientMs }),
      watchers: (names) => this.#watchedBy(names),
      reconnecting: ({ attempt, nextInMs }) => this.#waiting(attempt, nextInMs),
      resumed: () => asks.change({ state: 'open', again: undefined }),
      proxySuspected: ({ afterSeconds }) => asks.proxySuspected(afterSeconds),
      takenOver: () => this.#over({ takenOver: true, alive: true }),
      ended: (ended) => {
        if (ended.failure === 'session_not_found' && this.#session !== undefined) void this.#trueEnd(this.#session).then((end) => this.#over(end))
        else this.#over(ended)
      },
      closed: ({ clean, code }) => {
        if (clean || code === 1000 || code === 4001) return
        if (this.#session === undefined) this.#over({ cut: true })
        else void this.#trueEnd(this.#session).then((end) => this.#over(end))
      },
    }
    const makeSocket = (address: string, subprotocol: string) => new WebSocket(address, subprotocol)
    const stream: TerminalStream = new TerminalStream({ ...start, url: terminalUrl(), cols, rows, term: 'xterm-256color', makeSocket, events })
    stream.hidden(document.hidden)
    this.#stream = stream
  }

  #welcomed({ session, key, graceSeconds }: Welcome, isNew: boolean): void {
    const { tab, asks, begun } = this.#parts
    this.#session = session
    this.#graceSeconds = graceSeconds
    if (key !== '') keepKey(tab.id, session, key)
    const first = isNew ? { openedAtMs: tab.openedAtMs ?? Date.now(), notice: undefined } : {}
    asks.change({ state: 'open', session, prompt: undefined, again: undefined, ...first })
    if (isNew) begun()
  }

  #waiting(attempt: number, nextInMs: number): void {
    const now = Date.now()
    if (attempt === 1) this.#keptUntilMs = this.#graceSeconds === 0 ? undefined : now + this.#graceSeconds * 1000
    this.#parts.asks.change({ state: 'reconnecting', again: { attempt, atMs: nextInMs === 0 ? 0 : now + nextInMs, keptUntilMs: this.#keptUntilMs } })
    if (attempt >= askControlFromAttempt && nextInMs > 0) void this.#askControl()
  }

  /** The gateway may be gone for good, and the session with it: then waiting is of no use. */
  async #askControl(): Promise<void> {
    const now = performance.now()
    if (this.#session === undefined || now - this.#askedAtMs < askControlEveryMs) return
    this.#askedAtMs = now
    const end = await this.#trueEnd(this.#session)
    if (end.alive !== undefined || end.cut || this.#stream?.state !== 'reconnecting') return
    this.#stream.abandon()
    this.#over(end)
  }

  /** What control says of it. Never throws; nothing is done with it once this is disposed. */
  async #trueEnd(session: string): Promise<TabEnd> {
    try {
      return await howItEnded(session, this.#stop.signal)
    } catch {
      return { cut: true } // disposed meanwhile
    }
  }

  #over(end: TabEnd): void {
    if (this.#stop.signal.aborted || this.#isOver) return
    this.#isOver = true
    if (end.takenOver) dropKey(this.#parts.tab.id)
    this.#parts.asks.change({ again: undefined, watchers: undefined })
    this.#writer.act(() => this.#parts.over(end))
  }

  #watchedBy(all: string[]): void {
    // Somebody may watch on two screens.
    const names = [...new Set(all)]
    const fresh = names.filter((name) => !this.#names.includes(name))
    this.#names = names
    this.#parts.asks.change({ watchers: names })
    if (fresh.length > 0) this.#parts.asks.watched(fresh)
  }

  #adopt(cols: number, rows: number): void {
    this.#isAdopting = true
    this.#parts.terminal.resize(cols, rows)
    this.#isAdopting = false
  }
}
