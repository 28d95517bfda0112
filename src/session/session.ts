// One live session: what the host says is accepted by the tap before the person sees it, what the person types reaches the host in order, and whatever ends it ends all of it.
//
//   Far --output--> [tap accepts] --> Near        Near --input, resize--> Input --> Far
//   The Far stands still while the tap is full, the person's credit is spent, or nobody has begun.
import type { EndReason } from '#domain/end-reason.ts'
import { isFailure } from '#domain/failure.ts'
import type { SessionEnd } from '#domain/session.ts'
import type { Clock } from './clock.ts'
import { Credit } from './credit.ts'
import type { SessionEvent } from './event.ts'
import type { Far, FarExit } from './far.ts'
import { Input } from './input.ts'
import { Limits } from './limits.ts'
import { type EndWish, type LiveSession, wordsOf } from './live-sessions.ts'
import type { Near, NearControls } from './near.ts'
import type { Tap } from './tap.ts'

export type SessionReport = { id: string; end: SessionEnd; bytesIn: number; bytesOut: number }

export type SessionParts = {
  id: string
  far: Far
  near: Near
  tap: Tap
  clock: Clock
  /** `clock.nowMs()` when the tap was opened: session time begins there. */
  startedMs: number
  limits: { idleMs: number; maxMs?: number | undefined }
  /** Called once, after the end stands in the tap, or cannot. */
  onEnded: (report: SessionReport) => void
}

const statsEveryMs = 5000
// A tap that does not take the end event in this time will not take it: the person is told and the connection is closed all the same.
const endWithinMs = 1000
const maxMessageChars = 2000

type Standstill = 'not-begun' | 'tap' | 'credit'

export class Session implements LiveSession {
  readonly id: string
  readonly whenEnded: Promise<void>
  readonly #parts: SessionParts
  readonly #near: Near
  readonly #credit = new Credit()
  readonly #input: Input
  readonly #limits: Limits
  readonly #standstills = new Set<Standstill>(['not-begun'])
  #markEnded = () => {}
  #bytesOut = 0
  #end: SessionEnd | undefined
  #isFinished = false
  #isTapLost = false
  #isOwnerGone = false
  #stats: { cancel(): void } | undefined
  #endTimer: { cancel(): void } | undefined
  #controls: NearControls | undefined

  constructor(parts: SessionParts) {
    this.id = parts.id
    this.#parts = parts
    this.#near = parts.near
    this.whenEnded = new Promise((resolve) => (this.#markEnded = resolve))
    const { far, tap, clock } = parts
    this.#limits = new Limits(parts.limits, clock, {
      warn: (text) => this.#tell((near) => near.notice('warning', text)),
      reached: (reason, text) => this.#finishWith(reason, text),
    })
    this.#input = new Input(
      {
        write: (bytes) => far.write(bytes),
        resize: (size) => {
          this.#record({ kind: 'resize', atMs: this.#atMs(), offset: this.#bytesOut, size })
          far.resize(size)
        },
        taken: (offset) => this.#tell((near) => near.taken(offset)),
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

  /** Lets output flow to the Near and gives it its controls. Call it once, when the person has been told that the session stands (WELCOME). */
  begin(): NearControls {
    if (this.#controls) throw new Error('the session has begun already')
    this.#controls = {
      input: (offset, bytes) => {
        this.#limits.touched()
        return this.#input.push(offset, bytes)
      },
      onRoom: undefined,
      resize: (size) => this.#input.resize(size),
      acknowledged: (offset) => {
        this.#credit.acknowledged(offset)
        this.#move('credit', this.#credit.isSpent)
      },
      gone: () => {
        this.#isOwnerGone = true
        this.#finishWith('owner_gone', 'The connection to the person was lost.')
      },
    }
    const controls = this.#controls
    this.#input.onRoom = () => controls.onRoom?.()
    this.#tellStats()
    this.#move('not-begun', false)
    return controls
  }

  terminate(wish: EndWish): void {
    this.#finishWith(wish.reason, wordsOf(wish))
  }

  #output(bytes: Uint8Array): void {
    if (this.#end) return
    const offset = this.#bytesOut
    this.#bytesOut += bytes.length
    this.#limits.touched()
    this.#credit.produced(this.#bytesOut)
    this.#record({ kind: 'output', atMs: this.#atMs(), offset, bytes }, () => {
      // Shown only now: nothing is seen that the recording may lose.
      this.#credit.shown(offset + bytes.length)
      this.#tell((near) => near.output(offset, bytes))
    })
    this.#move('credit', this.#credit.isSpent)
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
    this.#tell((near) => near.ended(end))
    this.#isFinished = true
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

  #tell(act: (near: Near) => void): void {
    if (!this.#isOwnerGone && !this.#isFinished) act(this.#near)
  }

  #tellStats(): void {
    if (this.#end) return
    this.#stats = this.#parts.clock.after(statsEveryMs, () => {
      const { rttMs } = this.#parts.far
      this.#tell((near) => near.stats({ ...(rttMs === undefined ? {} : { rttHostMs: rttMs }), queuedBytes: this.#credit.outstanding }))
      this.#tellStats()
    })
  }

  #atMs(): number {
    return this.#parts.clock.nowMs() - this.#parts.startedMs
  }
}
