import type { SessionEnd } from '#domain/session.ts'
import type { Size } from './event.ts'

/** The person's side of a session: a browser's WebSocket now, a native ssh client later. The session calls these; they never throw. */
export interface Near {
  /** Accepted output; `offset` is the absolute offset of its first byte. The Near frames and sends it without keeping it. */
  output(offset: number, bytes: Uint8Array): void
  /** Input up to this absolute offset has been given to the host. */
  taken(inputOffset: number): void
  notice(level: 'info' | 'warning' | 'error', text: string): void
  stats(stats: { rttHostMs?: number; queuedBytes: number }): void
  /** The last call. */
  ended(end: SessionEnd): void
}

/** What the Near may do to its session; given to it when the session attaches it. */
export interface NearControls {
  /** `inputOffset` is the absolute offset of the first byte; bytes already taken are skipped. Returns false while the host takes no more: stop reading the person until `onRoom`. */
  input(inputOffset: number, bytes: Uint8Array): boolean
  onRoom: (() => void) | undefined
  resize(size: Size): void
  /** Absolute output offset that the terminal has parsed. Throws `Failure('ack_beyond_output')`. */
  acknowledged(outputOffset: number): void
  /** The person's connection is gone. Until resume exists the session ends as `owner_gone`. */
  gone(): void
}
