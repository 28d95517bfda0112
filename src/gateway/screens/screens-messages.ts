// What the main thread and the worker of the screens say to each other.
import type { Checkpoint } from '#recording/checkpoints.ts'
import type { Place } from '#recording/journal-record.ts'
import type { HistoryAsk } from './history-reader.ts'
import type { ShelfBlock } from './shelf-block.ts'

export type WorkerData = {
  folder: string
  firstSegment: number
  /** Of the sessions with a number up to `knownUpTo` only these live. */
  alive: number[]
  knownUpTo: number
}

/** A screen for seeking; `frame` is the zstd frame of its string. */
export type MadeKeyframe = { session: string; offset: number; atMs: number; cols: number; rows: number; frame: Uint8Array }

export type ToWorker =
  /** Everything before the place has been accepted. */
  | { type: 'advanced'; place: Place }
  | { type: 'history'; id: number; ask: HistoryAsk }
  /** `tail` is where the last MiB of the session's output begins. */
  | { type: 'screen'; id: number; number: number; atLeast: number; place: Place; tail: Checkpoint | undefined }
  | { type: 'cancel'; id: number; number: number }
  /** The answer to `want-block`; without a block the shelf has none, or cannot be reached. */
  | { type: 'block'; number: number; block: ShelfBlock | undefined; tail: Checkpoint | undefined }
  | { type: 'forget'; number: number }

export type FromWorker =
  | { type: 'history'; id: number; bytes: Uint8Array<ArrayBuffer> | undefined }
  | { type: 'screen'; id: number; offset: number; cols: number; rows: number; text: Uint8Array }
  | { type: 'no-screen'; id: number }
  | ({ type: 'keyframe' } & MadeKeyframe)
  | { type: 'want-block'; number: number; session: string; atOffset: number }
  /** CPU of the worker since it began. */
  | { type: 'used'; cpuMs: number }
