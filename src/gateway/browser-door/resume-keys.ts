// The right to come back to a session after a lost connection, without asking control: a key that changes with every WELCOME, of which only digests are kept.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { Failure } from '#domain/failure.ts'
import type { SessionEnd } from '#domain/session.ts'
import type { Clock } from '#session/clock.ts'
import type { Session } from '#session/session.ts'

/** Ends that nobody has heard, kept for who comes back in the grace time; beyond this the oldest is forgotten. */
const mostUnheardEnds = 1000

type Kept = {
  /** Its end, once it has ended: a session holds buffers and sockets, and nobody needs them any more. */
  held: { session: Session } | { end: SessionEnd }
  digest: Buffer
  /** Of the key that the last resume showed, until the newer one is known to have arrived. */
  before: Buffer | undefined
  cookie: Buffer | undefined
  isHeard: boolean
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

  /** The key of a new session, or of one that is taken over: no other key is good from here on. `cookie`: that of the sign-in which shows itself now, if any; a resume must show the same one. */
  issue(session: Session, cookie: string | undefined): string {
    const { key, digest } = makeKey()
    const bound = { digest, before: undefined, cookie: cookie === undefined ? undefined : digestOf(cookie) }
    const known = this.#kept.get(session.id)
    if (known) Object.assign(known, bound)
    else {
      this.#kept.set(session.id, { held: { session }, ...bound, isHeard: false, forget: undefined })
      void session.whenEnded.then(() => this.#ended(session))
    }
    return key
  }

  /** The key of who came back with `shown`, which stays good until the new one is `confirmed`: WELCOMEs may be lost on the wire, also several in a row. */
  renew(session: Session, shown: string): string {
    const { key, digest } = makeKey()
    const known = this.#kept.get(session.id)
    if (known) Object.assign(known, { before: digestOf(shown), digest })
    return key
  }

  /** The client has the newest key: the one before is void. */
  confirmed(session: string): void {
    const kept = this.#kept.get(session)
    if (kept) kept.before = undefined
  }

  /** How the session ended has arrived, or its owner has left and need not hear. */
  heard(session: string): void {
    const kept = this.#kept.get(session)
    if (kept && 'end' in kept.held) this.#forget(session)
    else if (kept) kept.isHeard = true
  }

  /** The live session of this key, or how it ended and was not `heard`. Throws `Failure('session_not_found')`, the same for all that may be wrong. */
  find(session: string, key: string, cookie: string | undefined): { session: Session } | { end: SessionEnd } {
    const kept = this.#kept.get(session)
    const digest = digestOf(key)
    // Each comparison is made whatever the others said: an answer's time tells nothing.
    const known = [kept !== undefined && timingSafeEqual(digest, kept.digest), kept?.before !== undefined && timingSafeEqual(digest, kept.before)].includes(
      true,
    )
    const isSamePerson = kept?.cookie === undefined || (cookie !== undefined && timingSafeEqual(kept.cookie, digestOf(cookie)))
    if (!kept || !known || !isSamePerson) throw new Failure('session_not_found', 'This session is not live any more, or is not yours. Open a new one.')
    // A session that is ending has its end already.
    const end = 'end' in kept.held ? kept.held.end : kept.held.session.end
    return end ? { end } : kept.held
  }

  /** Whether this cookie or token is that of the live session's present owner. False when its owner showed none: then nobody can be known by it. */
  isOwner(session: string, shown: string): boolean {
    const kept = this.#kept.get(session)
    const bound = kept && 'session' in kept.held && !kept.held.session.end ? kept.cookie : undefined
    // A comparison is made whether there is such a session: an answer's time tells nothing.
    return timingSafeEqual(digestOf(shown), bound ?? nobodys) && bound !== undefined
  }

  /** The process leaves. */
  close(): void {
    for (const id of [...this.#kept.keys()]) this.#forget(id)
  }

  #ended(session: Session): void {
    const kept = this.#kept.get(session.id)
    if (!kept || !session.end) return
    if (kept.isHeard) return this.#forget(session.id)
    kept.held = { end: session.end }
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

function makeKey(): { key: string; digest: Buffer } {
  const key = randomBytes(32).toString('base64url')
  return { key, digest: digestOf(key) }
}

const nobodys = Buffer.alloc(32)
const digestOf = (text: string) => createHash('sha256').update(text).digest()
