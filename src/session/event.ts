// What happens in a session, in the order it happened. The journal, the fan-out and the recording all speak these.
import type { SessionEnd } from '#domain/session.ts'
import type { TypingMark } from './typing-marks.ts'

export type Size = { cols: number; rows: number }

/** Largest size accepted from anyone: beyond it emulators and players misbehave. */
export const maxCols = 1000
export const maxRows = 1000

/** `atMs` is milliseconds since the session began, by the monotonic clock, never falling. `offset` counts output bytes before this event. */
export type SessionEvent =
  | { kind: 'output'; atMs: number; offset: number; bytes: Uint8Array }
  | { kind: 'resize'; atMs: number; offset: number; size: Size }
  | { kind: 'marker'; atMs: number; offset: number; label: string }
  /** Somebody typed; never what. `offset`: what the host had said by then. */
  | { kind: 'typing'; atMs: number; offset: number; mark: TypingMark }
  | { kind: 'end'; atMs: number; offset: number; end: SessionEnd }

/** What the recording's header needs; known before the first event. `startedAt` is ms since the epoch. */
export type SessionOpening = {
  session: string
  startedAt: number
  size: Size
  term: string
  /** The account's shell is not known through SSH; written only when it is. */
  shell?: string
  title: string
}
