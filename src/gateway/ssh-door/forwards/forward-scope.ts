// The session that the forwarded connections of one ssh client belong to: begun with the first, ended with the client, and everything it carries ends with it.
import type { DoorAdmitted } from '#wire/door.ts'
import type { Clock } from '#session/clock.ts'
import type { LiveSessions } from '#session/live-sessions.ts'
import { Passage } from '#session/passage.ts'
import type { PassageFar, PassageNear } from '#session/passage-ends.ts'
import { Failure } from '#domain/failure.ts'
import type { SessionReport } from '#session/session.ts'
import type { HostConnection } from '../../far/host-connection.ts'
import type { Acts } from '../acts.ts'

type Admitted = Extract<DoorAdmitted, { state: 'admitted' }>
export type ScopeRequest = {
  admitted: Admitted
  acts: Acts
  clock: Clock
  liveSessions: LiveSessions
  /** The connection to the host that the client's sessions share. Throws `Failure`. */
  connect(signal: AbortSignal): Promise<HostConnection>
  onEnded: (report: SessionReport) => void
}

export class ForwardScope {
  readonly id: string
  readonly host: HostConnection
  readonly acts: Acts
  readonly #passage: Passage
  readonly #carried = new Set<{ destroy(): void }>()

  private constructor(request: ScopeRequest, passage: Passage, host: HostConnection) {
    this.id = request.admitted.admission.session
    this.host = host
    this.acts = request.acts
    this.#passage = passage
    void passage.whenEnded.then(() => {
      for (const each of [...this.#carried]) each.destroy()
      // What the last of them did is told after the end, and is kept all the same.
      request.acts.flush()
    })
  }

  /** Throws `Failure` after the end has been reported. */
  static async begin(request: ScopeRequest): Promise<ForwardScope> {
    const { admitted, acts, clock, liveSessions, onEnded } = request
    const { admission } = admitted
    const passage = new Passage({
      id: admission.session,
      kind: 'forward',
      near: nowhere,
      acts,
      clock,
      startedMs: clock.nowMs(),
      limits: admission.limits,
      onEnded,
    })
    try {
      if (!liveSessions.add(passage)) throw new Failure('too_many_sessions', 'This gateway holds as many sessions as it can. Try again later.')
      const host = await request.connect(passage.signal)
      passage.begin(nowhere)
      const { end } = passage
      if (end) throw new Failure('gateway_unavailable', end.message)
      return new ForwardScope(request, passage, host)
    } catch (cause) {
      const failure = cause instanceof Failure ? cause : new Failure('internal', 'The gateway failed at this connection.', { cause })
      passage.abandon({ reason: 'host_unreachable', message: failure.message, failure: failure.code })
      throw failure
    }
  }

  get isOver(): boolean {
    return this.#passage.end !== undefined
  }
  get whenEnded(): Promise<void> {
    return this.#passage.whenEnded
  }

  carried(way: 'input' | 'output', bytes: number): void {
    this.#passage.carried(way, bytes)
  }

  /** It is destroyed with the session. Returns how to let go of it. */
  hold(connection: { destroy(): void }): () => void {
    this.#carried.add(connection)
    return () => void this.#carried.delete(connection)
  }

  /** The client is gone. */
  end(): void {
    this.#passage.abandon({ reason: 'owner_gone', message: 'The client closed the connection.' })
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
