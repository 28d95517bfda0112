// The right to come back to a session after a lost connection, without asking control: a key that changes with every WELCOME, of which only digests are kept.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { Failure } from '#domain/failure.ts'
import type { SessionEnd } from '#domain/session.ts'
import type { Clock } from '#session/clock.ts'
import type { Session } from '#session/session.ts'

/** Ends that nobody has heard, kept for who comes back in the grace time; beyond this the oldest is forgotten. */
const mostUnheardEnds = 1000

type Kept = {
  session: Session
  digest: Buffer
  /** Of the key before, until the newer one is known to have arrived. */
  before: Buffer | undefined
  cookie: Buffer | undefined
  forget: { cancel(): void } | undefined
}

export class ResumeKeys {
  readonly #clock: Clock
  readonly #kept = new Map<string, Kept>()
  readonly #unheard = new Set<string>()

  constructor(clock: Clock) {
    this.#clock = clock
  }
  get size(): number {
    return this.#kept.size
  }

  /** A new key for the session's next WELCOME. `cookie`: that of the sign-in which shows itself now; a resume must show the same one. Undefined keeps what is known. */
  issue(session: Session, cookie: string | undefined): string {
    const key = randomBytes(32).toString('base64url')
    const digest = digestOf(key)
    const known = this.#kept.get(session.id)
    if (known) {
      known.before = known.digest
      known.digest = digest
      if (cookie !== undefined) known.cookie = digestOf(cookie)
      return key
    }
    this.#kept.set(session.id, { session, digest, before: undefined, cookie: cookie === undefined ? undefined : digestOf(cookie), forget: undefined })
    void session.whenEnded.then(() => this.#ended(session))
    return key
  }

  /** The client has the newest key: the one before is void. */
  confirmed(session: string): void {
    const kept = this.#kept.get(session)
    if (kept) kept.before = undefined
  }

  /** The live session of this key, or how it ended while nobody was attached (told once). Throws `Failure('session_not_found')`, the same for all that may be wrong. */
  find(session: string, key: string, cookie: string | undefined): { session: Session } | { end: SessionEnd } {
    const kept = this.#kept.get(session)
    const digest = digestOf(key)
    // Each comparison is made whatever the others said: an answer's time tells nothing.
    const known = [kept !== undefined && timingSafeEqual(digest, kept.digest), kept?.before !== undefined && timingSafeEqual(digest, kept.before)].includes(
      true,
    )
    const isSamePerson = kept?.cookie === undefined || (cookie !== undefined && timingSafeEqual(kept.cookie, digestOf(cookie)))
    if (!kept || !known || !isSamePerson) throw new Failure('session_not_found', 'This session is not live any more, or is not yours. Open a new one.')
    if (!kept.session.end) return { session: kept.session }
    this.#forget(session)
    return { end: kept.session.end }
  }

  /** The process leaves. */
  close(): void {
    for (const id of [...this.#kept.keys()]) this.#forget(id)
  }

  #ended(session: Session): void {
    const kept = this.#kept.get(session.id)
    if (!kept) return
    if (session.endWasTold) return this.#forget(session.id)
    this.#unheard.add(session.id)
    kept.forget = this.#clock.after(session.graceMs, () => this.#forget(session.id))
    const oldest = this.#unheard.size > mostUnheardEnds ? this.#unheard.values().next().value : undefined
    if (oldest !== undefined) this.#forget(oldest)
  }

  #forget(id: string): void {
    this.#kept.get(id)?.forget?.cancel()
    this.#kept.delete(id)
    this.#unheard.delete(id)
  }
}

const digestOf = (text: string) => createHash('sha256').update(text).digest()
