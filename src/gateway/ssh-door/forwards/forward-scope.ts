// The session that the forwarded connections of one ssh client belong to: begun with the first, ended with the client or with the connection to the host, and everything it carries ends with it.
import type { DoorAdmitted } from '#wire/door.ts'
import type { Clock } from '#session/clock.ts'
import type { LiveSessions } from '#session/live-sessions.ts'
import { Passage } from '#session/passage.ts'
import type { PassageFar, PassageNear } from '#session/passage-ends.ts'
import { Failure, isFailure } from '#domain/failure.ts'
import type { SessionEnd } from '#domain/session.ts'
import type { SessionReport } from '#session/session.ts'
import type { HostConnection } from '../../far/host-connection.ts'
import type { Held } from '../../far/host-connections.ts'
import { failedOpening } from '../../failed-opening.ts'
import type { Acts } from '../../acts.ts'

type Admitted = Extract<DoorAdmitted, { state: 'admitted' }>
type End = Pick<SessionEnd, 'reason' | 'message' | 'failure'>
export type ScopeRequest = {
  admitted: Admitted
  acts: Acts
  clock: Clock
  liveSessions: LiveSessions
  /** The connection to the host that the client's sessions share. Throws `Failure`, or the signal's reason. */
  connect(signal: AbortSignal): Promise<Held>
  /** Once, after its acts were handed over. */
  onEnded: (report: SessionReport) => void
}

// What was said before the client, or the host, went is still brought, when the other side takes it.
const lastInputWithinMs = 2000
const lastOutputWithinMs = 10_000

export class ForwardScope {
  readonly id: string
  readonly acts: Acts
  /** Aborted when nothing new is begun in it any more: it has ended, or is about to. */
  readonly signal: AbortSignal
  readonly whenEnded: Promise<void>
  readonly #over = new AbortController()
  readonly #ownEnd = new AbortController()
  readonly #request: ScopeRequest
  readonly #passage: Passage
  readonly #carried = new Set<{ destroy(): void }>()
  #held: Held | undefined
  /** It ends so when nothing is carried any more. */
  #leaving: End | undefined
  #timer: { cancel(): void } | undefined

  private constructor(request: ScopeRequest) {
    const { session, limits } = request.admitted.admission
    this.id = session
    this.acts = request.acts
    this.signal = this.#over.signal
    this.#request = request
    this.#passage = new Passage({
      id: session,
      kind: 'forward',
      near: nowhere,
      acts: request.acts,
      clock: request.clock,
      startedMs: request.clock.nowMs(),
      limits,
      onEnded: (report) => this.#ended(report),
    })
    this.whenEnded = this.#passage.whenEnded
  }

  /** Throws `Failure` after the end has been reported. */
  static async begin(request: ScopeRequest): Promise<ForwardScope> {
    const scope = new ForwardScope(request)
    const passage = scope.#passage
    try {
      if (!request.liveSessions.add(passage)) throw new Failure('too_many_sessions', 'This gateway holds as many sessions as it can. Try again later.')
      const held = await request.connect(passage.signal)
      // It was ended while it was dialled: nobody else lets go of what came of it.
      if (passage.end) held.release()
      else scope.#begun(held)
    } catch (cause) {
      const end = failedOpening(cause)
      passage.abandon(end)
      if (passage.end?.failure === end.failure) throw isFailure(cause) ? cause : new Failure('internal', end.message, { cause })
    }
    if (passage.end) throw new Failure('forward_refused', passage.end.message)
    return scope
  }

  /** Nothing new is begun in it. */
  get isOver(): boolean {
    return this.signal.aborted
  }
  get host(): HostConnection {
    if (!this.#held) throw new Error('a session that was never begun has no host')
    return this.#held.connection
  }

  carried(way: 'input' | 'output', bytes: number): void {
    this.#passage.carried(way, bytes)
  }

  /** It is destroyed with the session. Returns how to let go of it. */
  hold(connection: { destroy(): void }): () => void {
    this.#carried.add(connection)
    return () => {
      this.#carried.delete(connection)
      if (this.#leaving && this.#carried.size === 0) this.#passage.abandon(this.#leaving)
    }
  }

  /** The client is gone. */
  end(): void {
    this.#leave({ reason: 'owner_gone', message: 'The client closed the connection.' }, lastInputWithinMs)
  }

  #begun(held: Held): void {
    this.#held = held
    this.#passage.begin(nowhere)
    const { gone } = held.connection
    const lost = () => this.#leave({ reason: 'host_lost', message: 'The connection to the host was lost.' }, lastOutputWithinMs)
    if (gone.aborted) lost()
    // The connection may outlive this session: others share it.
    else gone.addEventListener('abort', lost, { once: true, signal: this.#ownEnd.signal })
  }

  #leave(end: End, withinMs: number): void {
    if (this.#leaving || this.#passage.end) return
    this.#leaving = end
    this.#over.abort()
    if (this.#carried.size === 0) return this.#passage.abandon(end)
    this.#timer = this.#request.clock.after(withinMs, () => this.#passage.abandon(end))
  }

  /** What it carried ends first, and is told before the end is. */
  #ended(report: SessionReport): void {
    this.#timer?.cancel()
    this.#over.abort()
    this.#ownEnd.abort()
    for (const each of [...this.#carried]) each.destroy()
    this.acts.flush()
    this.#held?.release()
    this.#request.onEnded(report)
  }
}

/** Bytes of forwarded connections do not pass here. */
const nowhere: PassageNear & PassageFar = {
  write: () => true,
  pause: () => undefined,
  resume: () => undefined,
  end: () => undefined,
  destroy: () => undefined,
  exit: () => undefined,
  close: () => undefined,
  signal: () => undefined,
}
