// Where in the journal a live session's last output stands, so that whoever wants a part of it need not look through all of it.
import type { Place } from './journal-record.ts'

/** From this place on stands the output from `offset` on (or a record between two outputs there). */
export type Checkpoint = { offset: number; place: Place }

/** Output between two checkpoints of a session in one segment. */
export const checkpointBytes = 32 * 1024
/** Enough for 1 MiB and 64 KiB, and for the first record in each of some segments. */
const maxCheckpoints = 48

export class Checkpoints {
  #all: Checkpoint[] = []

  /** Called for records in order. Notes one in 32 KiB of output, and the first in each segment. */
  passed(offset: number, segment: number, at: number): void {
    const last = this.#all.at(-1)
    if (last !== undefined && last.place.segment === segment && offset - last.offset < checkpointBytes) return
    this.#all.push({ offset, place: { segment, at } })
    if (this.#all.length > maxCheckpoints) this.#all.shift()
  }

  /** The last checkpoint at or before `from`, and all that follow; undefined when there is none in a segment that `isKept`. */
  from(from: number, isKept: (segment: number) => boolean): Checkpoint[] | undefined {
    let first = this.#all.length - 1
    while (first >= 0 && (this.#all[first]?.offset ?? 0) > from) first -= 1
    const found = this.#all.slice(Math.max(first, 0))
    return first < 0 || !found.every(({ place }) => isKept(place.segment)) ? undefined : found
  }
}
