// One session's end of the journal: what it may still write, and what it was told.
import type { Failure } from '#domain/failure.ts'
import type { SessionEvent } from '#session/event.ts'
import type { Tap } from '#session/tap.ts'

/** What a tap asks of its journal. */
export interface TapHome {
  readonly isFull: boolean
  accept(tap: JournalTap, event: SessionEvent, accepted: () => void): void
  failSoon(tap: JournalTap, cause: Failure): void
  abandon(tap: JournalTap): void
  waits(tap: JournalTap): void
}

export class JournalTap implements Tap {
  readonly number: number
  readonly #journal: TapHome
  failure: Failure | undefined
  /** After `onFailed` no `accepted` follows. */
  isTold = false
  isClosed = false
  #hasEnd = false
  onRoom: (() => void) | undefined
  onFailed: ((cause: unknown) => void) | undefined

  constructor(journal: TapHome, number: number) {
    this.#journal = journal
    this.number = number
  }

  get hasFailed(): boolean {
    return this.failure !== undefined
  }

  accept(event: SessionEvent, accepted: () => void): void {
    if (this.hasFailed || this.isClosed || this.#hasEnd) return
    if (event.kind === 'end') this.#hasEnd = true
    this.#journal.accept(this, event, accepted)
  }

  get isFull(): boolean {
    const isFull = this.#journal.isFull
    if (isFull) this.#journal.waits(this)
    return isFull
  }

  failSoon(cause: Failure): void {
    if (this.hasFailed || this.isClosed) return
    this.failure = cause
    this.#journal.failSoon(this, cause)
  }

  tell(cause: Failure): void {
    this.isTold = true
    this.onFailed?.(cause)
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    if (!this.#hasEnd && !this.hasFailed) this.#journal.abandon(this)
  }
}
