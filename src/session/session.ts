// One live session: what the host says is accepted by the tap before the person sees it, what the person types reaches the host in order, and whatever ends it ends all of it.
//
//   Far --output--> [tap accepts] --> Owner, then watchers        Near --input, resize--> Input --> Far
//   The Far stands still while the tap is full, the owner's credit is spent or what passed is fetched for them, or an owner who is away has had their share.
import type { EndReason } from '#domain/end-reason.ts'
import { isFailure } from '#domain/failure.ts'
import type { SessionEnd } from '#domain/session.ts'
import type { TransferState } from '#domain/terminal-transfer.ts'
import { AwayPace } from './away-pace.ts'
import type { Clock } from './clock.ts'
import type { SessionEvent, Size } from './event.ts'
import { FanOut } from './fan-out.ts'
import type { Far, FarExit } from './far.ts'
import type { OutputHistory } from './history.ts'
import { Input } from './input.ts'
import { Limits, type SessionLimits } from './limits.ts'
import { type EndWish, type LiveSession, wordsOf } from './live-sessions.ts'
import type { Near, NearControls, Place, WatchControls, WatchNear } from './near.ts'
import { leastWindow } from './output-window.ts'
import { Owner } from './owner.ts'
import type { ScreenSource } from './screens.ts'
import type { Tap } from './tap.ts'
import { TypingMarks } from './typing-marks.ts'

export type SessionReport = { id: string; end: SessionEnd; bytesIn: number; bytesOut: number }

export type SessionParts = {
  id: string
  far: Far
  /** Who asked for the session; hears how it ended when it ends before `begin`. */
  near: Near
  tap: Tap
  history: OutputHistory
  screens: ScreenSource
  clock: Clock
  /** At the beginning. */
  size: Size
  /** `clock.nowMs()` when the tap was opened: session time begins there. */
  startedMs: number
  limits: SessionLimits
  /** Called once, after the end stands in the tap, or cannot. */
  onEnded: (report: SessionReport) => void
}

const statsEveryMs = 5000
// A tap that does not take the end event in this time will not take it: the person is told and the connection is closed all the same.
const endWithinMs = 1000
const maxMessageChars = 2000
const maxMarkChars = 1000
export const defaultGraceMs = 15 * 60_000

type Standstill = 'tap' | 'owner' | 'away'

export class Session implements LiveSession {
  readonly id: string
  readonly whenEnded: Promise<void>
  readonly #parts: SessionParts
  readonly graceMs: number
  readonly #owner: Owner
  readonly #away: AwayPace
  readonly #watchers: FanOut
  readonly #input: Input
  readonly #limits: Limits
  readonly #typing = new TypingMarks()
  readonly #standstills = new Set<Standstill>(['owner'])
  #size: Size
  #accepted = 0
  #markEnded = () => {}
  #bytesOut = 0
  #end: SessionEnd | undefined
  #isFinished = false
  #isTapLost = false
  #hasBegun = false
  #stats: { cancel(): void } | undefined
  #endTimer: { cancel(): void } | undefined
  #transfer: TransferState | undefined

  constructor(parts: SessionParts) {
    this.id = parts.id
    this.#parts = parts
    this.#size = parts.size
    this.graceMs = parts.limits.graceMs ?? defaultGraceMs
    this.whenEnded = new Promise((resolve) => (this.#markEnded = resolve))
    const { far, tap, clock, history, screens } = parts
    this.#owner = new Owner({
      session: this.id,
      clock,
      history,
      screens,
      graceMs: this.graceMs,
      size: () => this.#size,
      changed: () => this.#judge(),
      abandoned: () => this.#finishWith('owner_gone', `Nobody came back within ${Math.round(this.graceMs / 1000)} seconds.`),
    })
    this.#owner.expect(parts.near)
    this.#away = new AwayPace(clock, () => this.#judge())
    this.#watchers = new FanOut({
      session: this.id,
      clock,
      screens,
      accepted: () => this.#accepted,
      changed: (names) => this.#owner.tell((near) => near.watchers(names)),
    })
    this.#limits = new Limits(parts.limits, clock, {
      warn: (text, about) => this.#owner.tell((near) => near.notice(about.code === 'grant_prolonged' ? 'info' : 'warning', text, about)),
      reached: (reason, text) => this.#finishWith(reason, text),
    })
    this.#input = new Input(
      {
        write: (bytes) => {
          const mark = this.#typing.of(bytes)
          // Noted before the host can answer to it.
          if (mark !== undefined) this.#record({ kind: 'typing', atMs: this.#atMs(), offset: this.#bytesOut, mark })
          return far.write(bytes)
        },
        resize: (size) => {
          this.#size = size
          this.#record({ kind: 'resize', atMs: this.#atMs(), offset: this.#bytesOut, size }, () => this.#watchers.size(size))
          far.resize(size)
        },
        taken: (offset) => this.#owner.tell((near) => near.taken(offset)),
      },
      clock,
    )
    tap.onRoom = () => this.#move('tap', tap.isFull)
    tap.onFailed = (cause) => this.#tapFailed(cause)
    far.on = {
      output: (bytes) => this.#output(bytes),
      room: () => this.#input.room(),
      closed: (exit, cause) => this.#hostClosed(exit, cause),
    }
  }

  get bytesIn(): number {
    return this.#input.given
  }
  get bytesOut(): number {
    return this.#bytesOut
  }
  get idleMs(): number {
    return this.#limits.idleForMs
  }

  get size(): Size {
    return this.#size
  }
  /** Nobody is attached. */
  get isAway(): boolean {
    return this.#hasBegun && !this.#owner.isAttached
  }
  get watchers(): number {
    return this.#watchers.count
  }
  /** When its permission ends, ms since the epoch; undefined when no end is known. */
  get endsAt(): number | undefined {
    return this.#limits.endsAt
  }
  set endsAt(endsAt: number | undefined) {
    if (!this.#end) this.#limits.endsAt = endsAt
  }
  /** How it ended, once it has. */
  get end(): SessionEnd | undefined {
    return this.#end
  }

  /** Lets output flow to the first Near. Call it once, when that person has been told that the session stands (WELCOME). */
  begin(): NearControls {
    if (this.#hasBegun) throw new Error('the session has begun already')
    this.#tellStats()
    return this.attach(this.#parts.near, 0).controls
  }

  /**
   * The newest Near owns the session; one before it is told. `from`: the output that its terminal has, at most what was accepted. What passed since follows after this turn,
   * so the caller says WELCOME with `place` at once. Without effect on a session that has ended: look at `end` first.
   */
  attach(near: Near, from: number): { controls: NearControls; place: Place } {
    this.#hasBegun = true
    const outputOffset = Math.min(from, this.#accepted)
    const controls = this.#controlsOf(near)
    this.#input.onRoom = () => controls.onRoom?.()
    const place = { outputOffset, inputOffset: this.#input.received, parsedOffset: this.#owner.parsedTo }
    if (this.#end) return { controls, place }
    this.#owner.attach(near, outputOffset)
    const names = this.#watchers.names
    queueMicrotask(() => {
      if (!this.#owner.isOwnedBy(near) || this.#end) return
      if (names.length > 0) near.watchers(names)
      if (this.#transfer) near.transfer(this.#transfer)
      this.#limits.attached()
    })
    return { controls, place }
  }

  /** `name` is shown to the owner. The screen comes after this turn. Throws `Failure('too_many_watchers')`. */
  watch(near: WatchNear, name: string): WatchControls {
    return this.#watchers.add(near, name)
  }

  terminate(wish: EndWish): void {
    this.#finishWith(wish.reason, wordsOf(wish))
  }

  deny(rule: string): void {
    if (this.#end || !this.#hasBegun) return
    const name = rule.slice(0, 100)
    this.#record({ kind: 'marker', atMs: this.#atMs(), offset: this.#bytesOut, label: `Ctrl-C was sent: the rule “${name}” denies this command.` })
    this.#parts.far.write(Uint8Array.of(0x03))
    this.#owner.tell((near) => near.notice('warning', `The rule “${name}” denies this command. Ctrl-C was sent.`, { code: 'command_denied', rule: name }))
  }

  /** How a transfer in this terminal stands; `isOver`: the last word about it. It counts as use. */
  transfer(state: TransferState, isOver: boolean): void {
    if (this.#end) return
    this.#limits.touched('output')
    this.#limits.touched('input')
    this.#transfer = isOver ? undefined : state
    if (this.#hasBegun) this.#owner.tell((near) => near.transfer(state))
  }

  /** A mark in the recording, of which nobody is told. Returns the session's time, ms. */
  mark(label: string): number {
    const atMs = this.#atMs()
    if (!this.#end) this.#record({ kind: 'marker', atMs, offset: this.#bytesOut, label: label.slice(0, maxMarkChars) })
    return atMs
  }

  #output(bytes: Uint8Array): void {
    if (this.#end) return
    const offset = this.#bytesOut
    this.#bytesOut += bytes.length
    this.#limits.touched('output')
    this.#owner.produced(this.#bytesOut)
    if (this.#owner.isAway) this.#away.produced(bytes.length)
    this.#record({ kind: 'output', atMs: this.#atMs(), offset, bytes }, () => {
      // Shown only now: nothing is seen that the recording may lose.
      this.#accepted = offset + bytes.length
      this.#owner.accepted(offset, bytes)
      this.#watchers.output(offset, bytes)
    })
    this.#judge()
  }

  #controlsOf(near: Near): NearControls {
    const owns = () => this.#owner.isOwnedBy(near) && !this.#end
    const controls: NearControls = {
      input: (offset, bytes) => {
        if (!owns()) return true
        this.#limits.touched('input')
        return this.#input.push(offset, bytes)
      },
      onRoom: undefined,
      resize: (size) => {
        if (owns()) this.#input.resize(size)
      },
      acknowledged: (offset) => {
        if (owns()) this.#owner.acknowledged(offset)
      },
      hidden: (hidden) => {
        if (owns()) this.#owner.hidden(hidden)
      },
      gone: () => {
        if (!owns()) return
        // What is lost with the line counts as written while nobody is there: so the owner is given the exact bytes for as long as with the least window.
        const lost = this.#owner.queuedBytes - leastWindow
        if (lost > 0) this.#away.produced(lost)
        this.#owner.detach()
      },
      left: () => {
        if (owns()) this.#finishWith('owner_gone', 'The person closed the terminal.')
      },
    }
    return controls
  }

  /** Whether the owner, present or away, lets the host go on. */
  #judge(): void {
    if (!this.#owner.isAway) this.#away.stop()
    this.#move('owner', this.#owner.holds)
    this.#move('away', this.#away.holds)
  }

  #hostClosed(exit: FarExit | undefined, cause: unknown): void {
    if (!exit)
      return this.#finishWith(
        'host_lost',
        `The connection to the host was lost${cause instanceof Error ? `: ${cause.message}` : '.'}`,
        isFailure(cause) ? { failure: cause.code } : {},
      )
    if (exit.signal !== undefined) return this.#finishWith('signaled', `The shell was ended by signal ${exit.signal}.`, { signal: exit.signal.slice(0, 32) })
    const { exitStatus } = exit
    this.#finishWith(
      'exited',
      exitStatus === undefined ? 'The shell ended.' : `The shell ended with status ${exitStatus}.`,
      exitStatus === undefined ? {} : { exitStatus },
    )
  }

  #tapFailed(cause: unknown): void {
    this.#isTapLost = true
    if (this.#end) return this.#finish()
    const failure = isFailure(cause) && cause.code === 'disk_full' ? 'disk_full' : 'recording_failed'
    this.#finishWith('recording_failed', 'This session must be recorded and its recording cannot be written, so it ends here.', { failure })
  }

  /** The first reason wins. Output that was handed over is accepted and shown before the end is told. */
  #finishWith(reason: EndReason, message: string, more: { exitStatus?: number; signal?: string; failure?: string | undefined } = {}): void {
    if (this.#end) return
    const { failure, ...exit } = more
    const end: SessionEnd = {
      reason,
      message: message.slice(0, maxMessageChars),
      ...exit,
      ...(failure === undefined ? {} : { failure }),
      at: this.#parts.clock.wallMs(),
    }
    this.#end = end
    this.#limits.stop()
    this.#stats?.cancel()
    this.#away.stop()
    this.#input.close()
    this.#parts.far.close()
    if (this.#isTapLost) return this.#finish()
    this.#endTimer = this.#parts.clock.after(endWithinMs, () => this.#finish())
    this.#record({ kind: 'end', atMs: this.#atMs(), offset: this.#bytesOut, end }, () => this.#finish())
  }

  #finish(): void {
    if (this.#isFinished || !this.#end) return
    this.#endTimer?.cancel()
    const end = this.#end
    this.#isFinished = true
    this.#owner.ended(end)
    this.#watchers.ended(end)
    this.#parts.tap.close()
    this.#parts.onEnded({ id: this.id, end, bytesIn: this.bytesIn, bytesOut: this.#bytesOut })
    this.#markEnded()
  }

  #record(event: SessionEvent, accepted: () => void = () => {}): void {
    if (this.#isTapLost) return
    const { tap } = this.#parts
    tap.accept(event, accepted)
    this.#move('tap', tap.isFull)
  }

  /** The Far runs when nothing holds it. */
  #move(why: Standstill, holds: boolean): void {
    const stood = this.#standstills.size > 0
    if (holds) this.#standstills.add(why)
    else this.#standstills.delete(why)
    if (this.#end) return
    const stands = this.#standstills.size > 0
    if (stands && !stood) this.#parts.far.pause()
    else if (!stands && stood) this.#parts.far.resume()
  }

  #tellStats(): void {
    if (this.#end) return
    this.#stats = this.#parts.clock.after(statsEveryMs, () => {
      const { rttMs } = this.#parts.far
      this.#owner.tell((near) => near.stats({ ...(rttMs === undefined ? {} : { rttHostMs: rttMs }), queuedBytes: this.#owner.queuedBytes }))
      this.#tellStats()
    })
  }

  #atMs(): number {
    return this.#parts.clock.nowMs() - this.#parts.startedMs
  }
}
