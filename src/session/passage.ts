// A live session without a terminal: bytes pass both ways as they are, stdout and stderr apart, each direction with an end of its own; status and signal as the host says them.
//
//   near --data--> [observer] --> far          far --data--> [the beginning: tap accepts] or [observer] --> near
//   A side stands still while the other takes no more, while its beginning is being accepted, or while too many acts wait to be told.
import type { EndReason } from '#domain/end-reason.ts'
import { isFailure } from '#domain/failure.ts'
import type { SessionEnd } from '#domain/session.ts'
import type { SessionKind } from '#domain/session-kind.ts'
import type { Clock } from './clock.ts'
import type { SessionEvent } from './event.ts'
import { KeptOutput } from './kept-output.ts'
import { Limits, type SessionLimits } from './limits.ts'
import { type EndWish, type LiveSession, wordsOf } from './live-sessions.ts'
import type { ActSink, ObserverLines, PassageExit, PassageFar, PassageFarEvents, PassageNear, PassageNearEvents, PassageObserver } from './passage-ends.ts'
import type { SessionReport } from './session.ts'
import type { Tap } from './tap.ts'

export type PassageParts = {
  id: string
  kind: SessionKind
  near: PassageNear
  /** Where the beginning of the output is recorded; without one nothing is. */
  tap?: Tap
  kept?: { outputBytes: number; digests: boolean }
  observe?: (lines: ObserverLines) => PassageObserver
  acts: ActSink
  clock: Clock
  /** `clock.nowMs()` when the tap was opened: session time begins there. */
  startedMs: number
  limits: SessionLimits
  /** Called once, after the end stands in the tap, or cannot. */
  onEnded: (report: SessionReport) => void
}

// A tap that does not take the end event in this time will not take it, and a client that takes nothing more has had this long to read why.
const endWithinMs = 1000
// What a client sent before it went is still brought to the host, when the host takes it.
const lastInputWithinMs = 2000
// What has closed its output may go on for a while before it exits; nobody hears anything of it any more.
const exitWithinMs = 30_000
const maxMessageChars = 2000

type Standstill = 'opening' | 'tap' | 'other side' | 'answers' | 'observer' | 'acts'

export class Passage implements LiveSession {
  readonly id: string
  readonly watchers = 0
  readonly isAway = false
  readonly whenEnded: Promise<void>
  /** Aborted when it ends before `begin`: what is being dialled for it stops. */
  readonly signal: AbortSignal
  readonly #parts: PassageParts
  readonly #abort = new AbortController()
  readonly #limits: Limits
  readonly #kept: KeptOutput | undefined
  readonly #observer: PassageObserver | undefined
  readonly #holdsNear = new Set<Standstill>(['opening'])
  readonly #holdsFar = new Set<Standstill>(['opening'])
  #far: PassageFar | undefined
  #markEnded = () => {}
  #bytesIn = 0
  #bytesOut = 0
  #hasNearEnded = false
  #hasFarEnded = false
  #exit: PassageExit | undefined
  /** Events of which the tap has not said that it took them. */
  #pending = 0
  /** What waits for them: it happens in order. */
  #afterPending: (() => void)[] = []
  #end: SessionEnd | undefined
  #isFinished = false
  #isTapLost = false
  #timer: { cancel(): void } | undefined

  constructor(parts: PassageParts) {
    this.id = parts.id
    this.#parts = parts
    this.signal = this.#abort.signal
    this.whenEnded = new Promise((resolve) => (this.#markEnded = resolve))
    const { tap, acts, clock, kept, observe } = parts
    this.#kept = kept && new KeptOutput(kept)
    this.#observer = observe?.({
      toHost: (bytes) => this.#toFar(bytes),
      toNear: (bytes) => this.#toNear(bytes, false),
      answer: (bytes) => {
        this.#toNear(bytes, false)
        if (this.#holdsFar.has('other side')) this.#holdNear('answers', true)
      },
      say: (text) => this.#toNear(new TextEncoder().encode(`[Sallyport] ${text}\r\n`), true),
      holdNear: (isHeld) => {
        this.#holdNear('observer', isHeld)
        this.#endFar()
      },
      act: (act) => this.#act(act),
    })
    // Nothing can be said into a stream of bytes before its end.
    this.#limits = new Limits(parts.limits, clock, { warn: () => {}, reached: (reason, text) => this.#finishWith(reason, text) })
    acts.onRoom = () => this.#actsMoved()
    if (tap) {
      tap.onRoom = () => this.#tapMoved()
      tap.onFailed = (cause) => this.#tapFailed(cause)
    }
  }

  get bytesIn(): number {
    return this.#bytesIn
  }
  get bytesOut(): number {
    return this.#bytesOut
  }
  get idleMs(): number {
    return this.#limits.idleForMs
  }
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

  /** What is asked for runs on the host, and the client has been told so: bytes flow. Without effect on a session that has ended, whose far side is destroyed. */
  begin(far: PassageFar): void {
    if (this.#far) throw new Error('the passage has begun already')
    this.#far = far
    if (this.#end) return far.destroy()
    this.#endFar()
    this.#holdNear('opening', false)
    this.#holdFar('opening', false)
  }

  /** It did not open, or what it stands on broke. */
  abandon(end: Pick<SessionEnd, 'reason' | 'message' | 'failure'>): void {
    this.#finishWith(end.reason, end.message, end.failure === undefined ? {} : { failure: end.failure })
  }

  terminate(wish: EndWish): void {
    this.#finishWith(wish.reason, wordsOf(wish))
  }

  /** What runs without a terminal says nothing that a rule could know. */
  deny(): void {}

  /** Bytes that went one way: what counts as use. Called from outside for what does not flow through here (forwards). */
  carried(way: 'input' | 'output', bytes: number): void {
    if (way === 'input') this.#bytesIn += bytes
    else this.#bytesOut += bytes
    this.#limits.touched(way)
  }

  readonly nearEvents: PassageNearEvents = {
    data: (bytes) => {
      if (this.#end) return
      this.carried('input', bytes.length)
      if (this.#observer) this.#carefully(() => this.#observer?.input(bytes))
      else this.#toFar(bytes)
    },
    end: () => {
      this.#hasNearEnded = true
      this.#endFar()
    },
    room: () => {
      this.#holdFar('other side', false)
      this.#holdNear('answers', false)
    },
    signal: (name) => {
      if (!this.#end) this.#far?.signal(name)
    },
    hungUp: () => {
      if (this.#end) return
      // It has all the output, and is told how it ended as soon as the host says so.
      const hasAll = this.#hasNearEnded && this.#hasFarEnded
      this.#timer ??= this.#parts.clock.after(hasAll ? exitWithinMs : lastInputWithinMs, () => this.#left())
    },
    closed: () => this.#left(),
  }

  readonly farEvents: PassageFarEvents = {
    data: (bytes, isStderr) => this.#output(bytes, isStderr),
    end: () => {
      this.#hasFarEnded = true
      this.#inOrder(() => this.#parts.near.end())
    },
    room: () => this.#holdNear('other side', false),
    exit: (exit) => {
      this.#exit = exit
      this.#inOrder(() => this.#parts.near.exit(exit))
    },
    closed: (isBroken, cause) => this.#inOrder(() => this.#hostClosed(isBroken, cause)),
  }

  #output(bytes: Uint8Array, isStderr: boolean): void {
    if (this.#end) return
    this.carried('output', bytes.length)
    this.#kept?.count(bytes, isStderr)
    if (this.#observer && !isStderr) return this.#carefully(() => this.#observer?.output(bytes))
    if (!this.#parts.tap || !this.#kept?.isRecording) {
      // What waits to be accepted goes first.
      if (this.#pending === 0) return this.#toNear(bytes, isStderr)
      const copy = Uint8Array.from(bytes)
      return this.#inOrder(() => this.#toNear(copy, isStderr))
    }
    const copy = Uint8Array.from(bytes)
    const events = this.#kept.eventsOf(copy, this.#atMs())
    // Shown only now: nothing is seen that the recording may lose.
    for (const [at, event] of events.entries()) this.#record(event, at === 0 ? () => this.#toNear(copy, isStderr) : () => {})
  }

  #toNear(bytes: Uint8Array, isStderr: boolean): void {
    if (!this.#isFinished && !this.#parts.near.write(bytes, isStderr)) this.#holdFar('other side', true)
  }

  #toFar(bytes: Uint8Array): void {
    if (this.#end || !this.#far) return
    if (!this.#far.write(bytes)) this.#holdNear('other side', true)
  }

  /** What an observer keeps back goes before the end. */
  #endFar(): void {
    if (this.#hasNearEnded && !this.#holdsNear.has('observer')) this.#far?.end()
  }

  #act(act: Parameters<ActSink['add']>[0]): void {
    this.#parts.acts.add(act)
    this.#actsMoved()
  }

  #actsMoved(): void {
    const { isFull } = this.#parts.acts
    this.#holdNear('acts', isFull)
    this.#holdFar('acts', isFull)
  }

  #tapMoved(): void {
    this.#holdFar('tap', this.#pending > 0 || (this.#parts.tap?.isFull === true && this.#kept?.isRecording === true))
  }

  /** After all that waits for the tap. */
  #inOrder(act: () => void): void {
    if (this.#pending === 0) act()
    else this.#afterPending.push(act)
  }

  #record(event: SessionEvent, accepted: () => void): void {
    const { tap } = this.#parts
    if (!tap || this.#isTapLost) return
    this.#pending += 1
    tap.accept(event, () => {
      this.#pending -= 1
      accepted()
      if (this.#pending === 0) for (const act of this.#afterPending.splice(0)) act()
      this.#tapMoved()
    })
    this.#tapMoved()
  }

  #hostClosed(isBroken: boolean, cause: unknown): void {
    const exit = this.#exit
    if (!exit && isBroken) {
      const text = `The connection to the host was lost${cause instanceof Error ? `: ${cause.message}` : '.'}`
      return this.#finishWith('host_lost', text, isFailure(cause) ? { failure: cause.code } : {})
    }
    if (exit && 'signal' in exit) return this.#finishWith('signaled', `What ran was ended by signal ${exit.signal}.`, { signal: exit.signal.slice(0, 32) })
    this.#finishWith('exited', exit ? `What ran ended with status ${exit.exitStatus}.` : 'What ran ended.', exit ? { exitStatus: exit.exitStatus } : {})
  }

  #left(): void {
    this.#finishWith('owner_gone', 'The client closed it.')
  }

  #tapFailed(cause: unknown): void {
    this.#isTapLost = true
    if (this.#end) return this.#finish()
    const failure = isFailure(cause) && cause.code === 'disk_full' ? 'disk_full' : 'recording_failed'
    this.#finishWith('recording_failed', 'This session must be recorded and its recording cannot be written, so it ends here.', { failure })
  }

  #carefully(read: () => void): void {
    try {
      read()
    } catch (cause) {
      if (!isFailure(cause)) throw cause
      const reason = cause.code === 'client_protocol_error' ? 'owner_gone' : 'host_lost'
      this.#finishWith(reason, cause.message, { failure: cause.code })
    }
  }

  /** The first reason wins. */
  #finishWith(reason: EndReason, message: string, more: { exitStatus?: number; signal?: string; failure?: string } = {}): void {
    if (this.#end) return
    const { near, clock, acts, tap } = this.#parts
    this.#observer?.ended(this.#exit)
    if (this.#kept) acts.add(this.#kept.act(clock.wallMs()))
    const end: SessionEnd = { reason, message: message.slice(0, maxMessageChars), ...more, at: clock.wallMs() }
    this.#end = end
    this.#limits.stop()
    this.#timer?.cancel()
    this.#far?.destroy()
    this.#abort.abort(new Error(message))
    const isNormal = reason === 'exited' || reason === 'signaled'
    const close = () => {
      if (!isNormal && this.#parts.kind !== 'forward') near.write(new TextEncoder().encode(`[Sallyport] ${end.message}\n`), true)
      near.close()
    }
    if (this.#isTapLost) close()
    else this.#inOrder(close)
    // A client that reads no more is not waited for.
    if (!isNormal) clock.after(endWithinMs, () => near.destroy())
    if (!tap || this.#isTapLost) return this.#finish()
    this.#timer = clock.after(endWithinMs, () => this.#finish())
    this.#record({ kind: 'end', atMs: this.#atMs(), offset: this.#kept?.offset ?? 0, end }, () => this.#finish())
  }

  #finish(): void {
    if (this.#isFinished || !this.#end) return
    this.#isFinished = true
    this.#timer?.cancel()
    this.#parts.tap?.close()
    this.#parts.onEnded({ id: this.id, end: this.#end, bytesIn: this.#bytesIn, bytesOut: this.#bytesOut })
    this.#markEnded()
  }

  #holdNear(why: Standstill, holds: boolean): void {
    if (moved(this.#holdsNear, why, holds) && !this.#end) this.#parts.near[this.#holdsNear.size > 0 ? 'pause' : 'resume']()
  }
  #holdFar(why: Standstill, holds: boolean): void {
    if (moved(this.#holdsFar, why, holds) && !this.#end) this.#far?.[this.#holdsFar.size > 0 ? 'pause' : 'resume']()
  }

  #atMs(): number {
    return this.#parts.clock.nowMs() - this.#parts.startedMs
  }
}

/** Whether it stands still now and did not before, or the other way round. */
function moved(holds: Set<Standstill>, why: Standstill, isHeld: boolean): boolean {
  const stood = holds.size > 0
  if (isHeld) holds.add(why)
  else holds.delete(why)
  return holds.size > 0 !== stood
}
