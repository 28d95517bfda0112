// For tests: a session between a host and a person over memory, with a tap that fails on command and a clock that is moved by hand.
import { Failure } from '#domain/failure.ts'
import type { SessionEnd } from '#domain/session.ts'
import type { TransferState } from '#domain/terminal-transfer.ts'
import type { Clock } from './clock.ts'
import type { SessionEvent, Size } from './event.ts'
import type { Far, FarExit, FarListener } from './far.ts'
import type { OutputHistory } from './history.ts'
import type { Near, NearControls, NoticeAbout, WatchNear } from './near.ts'
import type { Screen, ScreenSource } from './screens.ts'
import type { SessionLimits } from './limits.ts'
import { Session, type SessionReport } from './session.ts'
import type { Tap } from './tap.ts'

export class HandClock implements Clock {
  #now = 0
  #timers = new Set<{ at: number; call: () => void }>()
  nowMs(): number {
    return this.#now
  }
  wallMs(): number {
    return 1_800_000_000_000 + this.#now
  }
  after(delayMs: number, call: () => void): { cancel(): void } {
    const timer = { at: this.#now + delayMs, call }
    this.#timers.add(timer)
    return { cancel: () => void this.#timers.delete(timer) }
  }
  get timers(): number {
    return this.#timers.size
  }
  forward(ms: number): void {
    const until = this.#now + ms
    for (;;) {
      const [next] = [...this.#timers].filter((timer) => timer.at <= until).toSorted((left, right) => left.at - right.at)
      if (!next) break
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.call()
    }
    this.#now = until
  }
}

/** Gives what it is told to give, as long as it is not paused; the rest waits, as in a closed window. */
export class ScriptedFar implements Far {
  on: FarListener = { output: () => {}, room: () => {}, closed: () => {} }
  rttMs: number | undefined = 5
  written: (string | Size)[] = []
  takes = true
  paused = true
  closes = 0
  waiting: Uint8Array[] = []
  #exit: { exit: FarExit | undefined; cause?: unknown } | undefined

  write(bytes: Uint8Array): boolean {
    this.written.push(Buffer.from(bytes).toString('latin1'))
    return this.takes
  }
  resize(size: Size): void {
    this.written.push(size)
  }
  pause(): void {
    this.paused = true
  }
  resume(): void {
    this.paused = false
    this.#flow()
  }
  close(): void {
    this.closes += 1
    this.waiting = []
  }
  say(bytes: Uint8Array | string): void {
    this.waiting.push(typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
    this.#flow()
  }
  exit(exit: FarExit | undefined, cause?: unknown): void {
    this.#exit = { exit, cause }
    this.#flow()
  }
  #flow(): void {
    while (!this.paused && this.waiting.length > 0) this.on.output(this.waiting.shift() ?? new Uint8Array(0))
    if (this.waiting.length > 0 || !this.#exit) return
    const { exit, cause } = this.#exit
    this.#exit = undefined
    this.on.closed(exit, cause)
  }
}

/** Accepts at `turn()`, as a journal does once per turn of the event loop. */
export class ScriptedTap implements Tap {
  onRoom: (() => void) | undefined
  onFailed: ((cause: unknown) => void) | undefined
  isFull = false
  closes = 0
  events: SessionEvent[] = []
  #waiting: (() => void)[] = []
  #broken = false

  accept(event: SessionEvent, accepted: () => void): void {
    if (this.#broken) return
    this.events.push(event)
    this.#waiting.push(accepted)
  }
  turn(): void {
    for (const accepted of this.#waiting.splice(0)) accepted()
  }
  fail(cause: unknown = new Failure('recording_failed', 'the device is gone')): void {
    this.#broken = true
    this.#waiting = []
    this.onFailed?.(cause)
  }
  room(): void {
    this.isFull = false
    this.onRoom?.()
  }
  close(): void {
    this.closes += 1
  }
}

export class ScriptedNear implements Near, WatchNear {
  chunks: { offset: number; bytes: Uint8Array }[] = []
  taken_: number[] = []
  notices: string[] = []
  told: { rttHostMs?: number; queuedBytes: number }[] = []
  ends: SessionEnd[] = []
  output(offset: number, bytes: Uint8Array): void {
    if (this.ends.length > 0) throw new Error('output after the end')
    this.chunks.push({ offset, bytes })
  }
  taken(inputOffset: number): void {
    this.taken_.push(inputOffset)
  }
  notice(level: string, text: string, about?: NoticeAbout): void {
    this.notices.push(`${level}: ${text}`)
    if (about) this.abouts.push(about)
  }
  stats(stats: { rttHostMs?: number; queuedBytes: number }): void {
    this.told.push(stats)
  }
  screens: Screen[] = []
  sizes: Size[] = []
  watching: string[][] = []
  takeovers = 0
  transfers: TransferState[] = []
  abouts: NoticeAbout[] = []
  screen(screen: Screen): void {
    this.screens.push(screen)
  }
  size(size: Size): void {
    this.sizes.push(size)
  }
  watchers(names: string[]): void {
    this.watching.push(names)
  }
  transfer(state: TransferState): void {
    this.transfers.push(state)
  }
  takenOver(): void {
    this.takeovers += 1
  }
  ended(end: SessionEnd): void {
    this.ends.push(end)
  }
  get text(): string {
    return Buffer.concat(this.chunks.map((chunk) => chunk.bytes)).toString('utf8')
  }
  get shown(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.bytes.length, 0)
  }
}

/** Reads back what the tap was given, as far as `keeps` bytes; screens are one letter per state. Answers when told to. */
export class ScriptedPast implements OutputHistory, ScreenSource {
  keeps = 1024 * 1024
  broken = false
  asked: string[] = []
  readonly #tap: ScriptedTap
  constructor(tap: ScriptedTap) {
    this.#tap = tap
  }
  get said(): Buffer {
    return Buffer.concat(this.#tap.events.flatMap((event) => (event.kind === 'output' ? [event.bytes] : [])))
  }
  async read(_session: string, from: number, to: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
    this.asked.push(`read ${from}-${to}`)
    await new Promise((resolve) => setImmediate(resolve))
    signal.throwIfAborted()
    const all = this.said
    return from < all.length - this.keeps ? undefined : all.subarray(from, to)
  }
  async screen(_session: string, atLeast: number, signal: AbortSignal): Promise<Screen> {
    this.asked.push(`screen ${atLeast}`)
    await new Promise((resolve) => setImmediate(resolve))
    signal.throwIfAborted()
    if (this.broken) throw new Failure('screen_unavailable', 'the worker is gone')
    return { offset: atLeast, cols: 80, rows: 24, text: Buffer.from(`screen at ${atLeast}`) }
  }
}

/** Lets what was scripted to take a turn of the event loop take it. */
export const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 6; turn++) await new Promise((resolve) => setImmediate(resolve))
}

export type Pair = {
  past: ScriptedPast
  session: Session
  far: ScriptedFar
  near: ScriptedNear
  tap: ScriptedTap
  clock: HandClock
  reports: SessionReport[]
  controls: NearControls
}

export function joinPair(limits: SessionLimits = { idleMs: 1_800_000 }, id = 'se_test'): Pair {
  const [far, near, tap, clock] = [new ScriptedFar(), new ScriptedNear(), new ScriptedTap(), new HandClock()]
  const reports: SessionReport[] = []
  const past = new ScriptedPast(tap)
  const size = { cols: 80, rows: 24 }
  const session = new Session({
    id,
    far,
    near,
    tap,
    clock,
    size,
    history: past,
    screens: past,
    startedMs: clock.nowMs(),
    limits,
    onEnded: (report) => reports.push(report),
  })
  return { past, session, far, near, tap, clock, reports, controls: session.begin() }
}
