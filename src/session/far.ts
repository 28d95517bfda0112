import type { Size } from './event.ts'

export type FarExit = { exitStatus?: number; signal?: string }

/** The host's side of a session: a channel with a PTY. Calls after `close` do nothing. */
export interface Far {
  /** Returns false when the host takes no more for now; `onRoom` follows. */
  write(bytes: Uint8Array): boolean
  resize(size: Size): void
  /** Stops reading the host, so that its window closes and the program blocks; nothing is dropped. */
  pause(): void
  resume(): void
  /** Round trip to the host in ms, by a keepalive; undefined until measured. */
  readonly rttMs: number | undefined
  /** Closes the channel and the connection; idempotent. */
  close(): void
  on: FarListener
}

/** Set by the session before the first byte is read. At most 64 KiB of output are handed over at once, and 128 KiB per turn of the event loop. */
export type FarListener = {
  output: (bytes: Uint8Array) => void
  room: () => void
  /** The channel is closed and every output byte has been handed over; `exit` is absent when the connection was lost, `cause` says how. */
  closed: (exit: FarExit | undefined, cause?: unknown) => void
}
