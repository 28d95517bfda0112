import type { SessionEnd } from '#domain/session.ts'

/** Control's wish that a session end: why, by whom, and what the person reads. */
export type EndWish = { reason: SessionEnd['reason']; by: string; text: string }

/** What the person reads. */
export function wordsOf({ reason, by, text }: EndWish): string {
  return reason === 'terminated' ? `Terminated by ${by}${text ? `: ${text}` : ''}` : text || `Ended by ${by}`
}

/** One session that this process holds, from its admission to its end. */
export interface LiveSession {
  readonly id: string
  readonly bytesIn: number
  readonly bytesOut: number
  /** Since the last byte that counts as use. */
  readonly idleMs: number
  readonly watchers: number
  /** Nobody is attached. */
  readonly isAway: boolean
  /** When its permission ends, ms since the epoch; undefined when no end is known. Moved by control. */
  endsAt: number | undefined
  /** Ends it within a second, also while it is still being opened; idempotent. */
  terminate(wish: EndWish): void
  /** A command was told that a rule of this name denies: the host is sent Ctrl-C, and the person a word. */
  deny(rule: string): void
  /** Resolves when it has ended and its end is in the journal. */
  readonly whenEnded: Promise<void>
}

/** All sessions of this process, opening ones too. Bounded: `add` refuses at `limit`. */
export class LiveSessions {
  readonly limit: number
  readonly #sessions = new Map<string, LiveSession>()
  constructor(limit = 2000) {
    this.limit = limit
  }
  get size(): number {
    return this.#sessions.size
  }
  get isFull(): boolean {
    return this.#sessions.size >= this.limit
  }
  get(id: string): LiveSession | undefined {
    return this.#sessions.get(id)
  }
  all(): LiveSession[] {
    return [...this.#sessions.values()]
  }
  /** Returns false when the limit is reached or the id is already there. The entry leaves by itself when the session has ended. */
  add(session: LiveSession): boolean {
    if (this.isFull || this.#sessions.has(session.id)) return false
    this.#sessions.set(session.id, session)
    void session.whenEnded.then(() => this.#remove(session))
    return true
  }
  /** An opening entry gives its place to the live one. */
  replace(opening: LiveSession, live: LiveSession): void {
    if (this.#sessions.get(opening.id) !== opening) return
    this.#sessions.set(live.id, live)
    void live.whenEnded.then(() => this.#remove(live))
  }
  #remove(session: LiveSession): void {
    if (this.#sessions.get(session.id) === session) this.#sessions.delete(session.id)
  }
  /** Ends every session as `drained` and waits until each has ended. */
  async drain(text: string): Promise<void> {
    const sessions = this.all()
    for (const session of sessions) session.terminate({ reason: 'drained', by: 'Sallyport', text })
    await Promise.all(sessions.map((session) => session.whenEnded))
  }
}
