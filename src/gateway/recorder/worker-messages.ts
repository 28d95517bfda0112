// What the recorder's main thread and its worker say to each other.
import type { DenyRule } from '#domain/command-rule.ts'
import type { BlockHeader } from '#wire/link.ts'
import type { ResumePoint } from '#recording/block-maker.ts'
import type { Place } from '#recording/journal-record.ts'
import type { SessionEnd } from '#domain/session.ts'

/** Blocks between worker and shelf; at the mark the worker stops reading. */
export const maxBlocksAway = 32
/** A block is ended when its oldest line is this old (the look is each 500 ms: at most 5 s). */
export const blockAgeMs = 4500
export const lookEveryMs = 500

export type WorkerData = {
  folder: string
  firstSegment: number
  /** Sessions to go on with; of the others only numbers above `knownUpTo` are new. */
  resume: [number: number, point: ResumePoint][]
  knownUpTo: number
}

export type ToWorker =
  | { type: 'advanced'; place: Place }
  /** No more records follow after the place; the recording ends with this end, incomplete. */
  | { type: 'abandoned'; number: number; place: Place; atMs: number; end: SessionEnd }
  /** So many blocks were taken. */
  | { type: 'room'; blocks: number }
  | { type: 'forget'; number: number }
  | { type: 'deny'; rules: readonly DenyRule[] }

/** `denied`: a command has just begun that a rule of this name denies. */
export type FromWorker = ForShelf | { type: 'denied'; number: number; rule: string }

export type ForShelf =
  | { type: 'block'; number: number; header: BlockHeader; frame: Uint8Array; isAll: boolean; place: Place; fromSegment: number; castBytes: number }
  /** After the last block of a session. */
  | { type: 'sealed'; number: number; session: string; blocks: number; head: string; seconds: number; castBytes: number; incomplete: boolean }
