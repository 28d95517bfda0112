import type { SessionEvent, SessionOpening } from './event.ts'

/**
 * Where a session's events are accepted (the journal). Accepted means that `write(2)` has returned.
 * `accepted` of each event is called in order, at the end of the same turn of the event loop; or `failed` once, after which nothing more is accepted.
 */
export interface Tap {
  accept(event: SessionEvent, accepted: () => void): void
  /** True while more than the tap's mark waits to be written: the session pauses its Far until `onRoom`. */
  readonly isFull: boolean
  onRoom: (() => void) | undefined
  /** Called once when events can no longer be written (disk full, spool full, device error). */
  onFailed: ((cause: unknown) => void) | undefined
  /** Lets go of the tap after the `end` event; idempotent. */
  close(): void
}

export interface TapSource {
  /** Writes the opening. Throws `Failure('recording_failed' | 'disk_full')` when it cannot be written. */
  open(opening: SessionOpening): Tap
}
