// What a passage stands between: the person's program on one side, the host on the other. Neither is a socket here.
import type { SessionAct } from '#domain/session-act.ts'

/** How what ran on the host ended, as the host said it. `said`: the rest of an exit by signal, passed on. */
export type PassageExit = { exitStatus: number } | { signal: string; isCoreDumped: boolean; said: string }

/** One side, written to. Begins paused; calls after `destroy` do nothing. */
export interface PassageEnd {
  /** Lent for the call. False when it takes no more for now: `room` follows. */
  write(bytes: Uint8Array, isStderr?: boolean): boolean
  pause(): void
  resume(): void
  /** Nothing more is written; the other direction stays. */
  end(): void
  /** At once; what waits is dropped, and it says nothing more. Idempotent. */
  destroy(): void
}

export interface PassageNear extends PassageEnd {
  /** After what was written before. */
  exit(exit: PassageExit): void
  /** After what was written before, once it is sent. */
  close(): void
}

export interface PassageFar extends PassageEnd {
  /** A name as RFC 4254 section 6.9 has it, without `SIG`. */
  signal(name: string): void
}

/** Called by whoever holds the two sides. Bytes are lent for the call, at most 64 KiB at once and 128 KiB per turn of the event loop. */
export interface PassageNearEvents {
  data(bytes: Uint8Array): void
  end(): void
  room(): void
  signal(name: string): void
  /** The other side has gone; what it said before may still be handed over. */
  hungUp(): void
  /** All that it said was handed over. */
  closed(): void
}
export interface PassageFarEvents {
  data(bytes: Uint8Array, isStderr: boolean): void
  end(): void
  room(): void
  exit(exit: PassageExit): void
  /** The last call, after everything was handed over; `isBroken`: the connection was lost, `cause` says how. */
  closed(isBroken: boolean, cause?: unknown): void
}

/** What an observer gives on. Bytes are lent for the call. */
export type ObserverLines = {
  toHost(bytes: Uint8Array): void
  toNear(bytes: Uint8Array): void
  /** To the client, in the host's stead: the client is not read while it does not take what it is answered. */
  answer(bytes: Uint8Array): void
  /** One line to the person, beside the stream: on stderr. Bounded by the caller. */
  say(text: string): void
  /** Reads the client no further, or goes on: at most the piece that is being read still comes. */
  holdNear(isHeld: boolean): void
  act(act: SessionAct): void
}

/**
 * Reads both directions of a stream, passes each on, and says what was done. It may keep bytes back, and answer in the host's stead. Throws `Failure` (`client_protocol_error`,
 * `host_protocol_error`) at what is malformed: the session ends.
 */
export interface PassageObserver {
  input(bytes: Uint8Array): void
  output(bytes: Uint8Array): void
  /** Nothing comes any more. `exit`: how it ended on the host, when it said so. */
  ended(exit: PassageExit | undefined): void
}

/** Where acts go. */
export interface ActSink {
  add(act: SessionAct): void
  /** More wait than should: the session stands still until `onRoom`. */
  readonly isFull: boolean
  onRoom: (() => void) | undefined
}
