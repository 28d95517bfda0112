// What the main thread and the worker of the screens say to each other.
import type { Place } from '#recording/journal-record.ts'
import type { HistoryAsk } from './history-reader.ts'

export type WorkerData = { folder: string; firstSegment: number }

export type ToWorker =
  /** Everything before the place has been accepted. */
  { type: 'advanced'; place: Place } | { type: 'history'; id: number; ask: HistoryAsk }

export type FromWorker = { type: 'history'; id: number; bytes: Uint8Array<ArrayBuffer> | undefined }
