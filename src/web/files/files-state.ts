// What a panel shows, as one value that is never changed in place.
import type { FileRule } from '#domain/file-rule.ts'
import type { Failure } from '#domain/failure.ts'
import type { FileEntry, FileTransfer } from '#wire/files.ts'
import type { FileOrder } from './file-order.ts'
import type { Selection } from './file-selection.ts'
import { nothingChosen } from './file-selection.ts'
import type { Places } from './places.ts'
import type { UploadItem } from './upload-queue.ts'

/** `opening`: no session yet. `refused`: it cannot be had, `failure` says why. */
export type FilesPhase = 'opening' | 'refused' | 'ready'
export type FilesState = {
  phase: FilesPhase
  failure?: Failure | undefined
  home: string
  rules: readonly FileRule[]
  /** Undefined before the first folder. */
  places?: Places | undefined
  /** All that the host told of this folder so far. */
  entries: readonly FileEntry[]
  /** Of them those that are shown, in order. */
  rows: readonly FileEntry[]
  names: readonly string[]
  isLoading: boolean
  /** There are more than are told. */
  isTruncated: boolean
  listFailure?: Failure | undefined
  order: FileOrder
  hidden: boolean
  search: string
  selection: Selection
  /** The row whose name is being changed. */
  renaming?: string | undefined
  uploads: readonly UploadItem[]
  downloads: readonly FileTransfer[]
  /** An act under way that is not a transfer. */
  busy?: string | undefined
  /** For who does not see the page: said once. */
  spoken: string
}

export const emptyFiles = (order: FileOrder, hidden: boolean): FilesState => ({
  phase: 'opening',
  home: '/',
  rules: [],
  entries: [],
  rows: [],
  names: [],
  isLoading: true,
  isTruncated: false,
  order,
  hidden,
  search: '',
  selection: nothingChosen,
  uploads: [],
  downloads: [],
  spoken: '',
})
