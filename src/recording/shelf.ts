// Where recordings rest: blocks and the signed head of each session. Disk now, an S3-compatible store later.
import type { BlockHeader, Keyframe } from '#wire/link.ts'

/** Facts signed at the end. `signature` is Ed25519 over the canonical JSON of all other fields, base64; `key` the ledger key's fingerprint. */
export type RecordingHead = {
  version: 1
  session: string
  blocks: number
  head: string
  seconds: number
  castBytes: number
  incomplete: boolean
  sealedAt: string
  key: string
  signature: string
}

export type ShelfBlock = { header: BlockHeader; frame: Uint8Array }

export interface Shelf {
  /** Appends one block durably (written and fdatasync'ed before it resolves). Putting the same index with the same digest again changes nothing; another digest, or a gap, throws `Failure('conflict')`. */
  put(header: BlockHeader, frame: Uint8Array): Promise<void>
  /** The same for blocks of one session that follow each other, with one wait for the disk. When one of them is refused, none is put. */
  putAll(blocks: readonly ShelfBlock[]): Promise<void>
  /** Where the recording stands; undefined when nothing was put. */
  state(session: string): Promise<{ blocks: number; last: BlockHeader; bytes: number; sealed: boolean } | undefined>
  seal(head: RecordingHead): Promise<void>
  head(session: string): Promise<RecordingHead | undefined>
  /** The index: the header of each block with the place of its frame in the file. */
  index(session: string): Promise<(BlockHeader & { at: number; frameBytes: number })[]>
  /** The first block whose output goes beyond this offset; undefined when there is none (yet). */
  blockAt(session: string, offset: number): Promise<ShelfBlock | undefined>
  /** Compressed frames in order, from the given block on. */
  frames(session: string, fromIndex?: number): AsyncIterable<Uint8Array>
  /** All bytes of the recording's frames as they lie in the store, whatever the index says; for verifying. */
  file(session: string): AsyncIterable<Uint8Array>
  /** Keeps a screen for seeking, as far as there is room for it; not durable. */
  addScreen(keyframe: Keyframe): Promise<void>
  /** JSON lines of the screens that were kept, see `readScreens`; empty when there are none. */
  screens(session: string): AsyncIterable<string>
  remove(session: string): Promise<void>
  /** Bytes of all recordings. */
  totalBytes(): Promise<number>
}
