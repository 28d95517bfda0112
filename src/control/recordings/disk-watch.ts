// Looks at the disk of the data folder: warns early, then refuses new sessions, last lets recordings wait on their gateways.
import { statfs } from 'node:fs/promises'
import type { Reserve } from '../store/reserve.ts'

export type DiskRoom = { freeBytes: number; diskBytes: number; usedShare: number }
export type DiskState = 'ok' | 'warning' | 'refusing'
export type DiskWatchParts = {
  folder: string
  /** Made again when there is room; the store gives it up. */
  reserve: Reserve | undefined
  /** Shares of the disk, 0 to 1. */
  warnAt: number
  refuseAt: number
  /** Called when it gets worse, for the ledger; and when it gets better. */
  onChange(state: DiskState, before: DiskState, room: DiskRoom): Promise<void>
  log(level: 'info' | 'warn' | 'error', event: string, facts: Record<string, unknown>): void
  room?: (folder: string) => Promise<DiskRoom>
}

/** How often control looks. At 200 MB/s a disk loses 1 GB in between. */
export const lookEveryMs = 5_000
/** How far it must fall below a mark to count as better: without it a disk at the mark would fill the ledger. */
const slack = 0.01
/** Below this no block is put on the shelf: the rest, and the store's reserve, are for people who make room. SQLite's write-ahead log alone may want 4 MiB. */
const lowBytes = 8 * 1024 * 1024
const lowShare = 0.005

/** Used as `df` counts it: what ordinary users may still write against what they could. */
export async function roomOf(folder: string): Promise<DiskRoom> {
  const { blocks, bfree, bavail, bsize } = await statfs(folder)
  const used = blocks - bfree
  return { freeBytes: bavail * bsize, diskBytes: blocks * bsize, usedShare: used + bavail === 0 ? 0 : used / (used + bavail) }
}

export class DiskWatch {
  readonly #parts: DiskWatchParts
  readonly #roomOf: (folder: string) => Promise<DiskRoom>
  #room: DiskRoom = { freeBytes: 0, diskBytes: 0, usedShare: 0 }
  #state: DiskState = 'ok'
  #low = false
  #looking: Promise<void> | undefined

  constructor(parts: DiskWatchParts) {
    this.#parts = parts
    this.#roomOf = parts.room ?? roomOf
  }

  get state(): DiskState {
    return this.#state
  }
  get usedShare(): number {
    return this.#room.usedShare
  }
  /** Nothing but what people do to make room may write now; blocks of recordings wait on their gateways. */
  get isLow(): boolean {
    return this.#low
  }
  /** The sentence for people whose session is refused; undefined when it is not. */
  get refusing(): string | undefined {
    if (this.#state !== 'refusing') return undefined
    return `The disk for recordings is ${Math.floor(this.#room.usedShare * 100)} % full, so no session can be opened. Ask an administrator to delete recordings or to add space.`
  }

  /** One look; never throws, and joins one that is under way. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined))
    return this.#looking
  }

  async #look(): Promise<void> {
    try {
      const room = await this.#roomOf(this.#parts.folder)
      this.#room = room
      this.#low = room.freeBytes < Math.min(lowBytes, room.diskBytes * lowShare)
      this.#parts.reserve?.restore()
      const before = this.#state
      this.#state = next(before, room.usedShare, this.#parts)
      if (this.#state !== before) await this.#parts.onChange(this.#state, before, room)
    } catch (error) {
      this.#parts.log('error', 'disk.look_failed', { error })
    }
  }
}

function next(before: DiskState, share: number, marks: { warnAt: number; refuseAt: number }): DiskState {
  if (share >= marks.refuseAt || (before === 'refusing' && share > marks.refuseAt - slack)) return 'refusing'
  if (share >= marks.warnAt || (before !== 'ok' && share > marks.warnAt - slack)) return 'warning'
  return 'ok'
}
