// Reads a part of one session's output out of the journal. Runs in the worker.
import type { Checkpoint } from '#recording/checkpoints.ts'
import { JournalReader } from '#recording/journal-reader.ts'
import type { Place } from '#recording/journal-record.ts'

/** The last MiB of a session, and what came while it was asked for. */
export const maxHistoryBytes = 1024 * 1024 + 64 * 1024

/** What others wrote between two checkpoints is jumped over when it is more than this. */
const jumpBytes = 512 * 1024

/** `checkpoints` rise, the first is at or before `from`; all that is asked for stands before `until`. */
export type HistoryAsk = { number: number; from: number; to: number; checkpoints: Checkpoint[]; until: Place }

export class HistoryReader {
  readonly #reader: JournalReader

  constructor(folder: string) {
    this.#reader = new JournalReader(folder, 1)
  }

  /** The bytes in a buffer of their own; undefined when a part is not in the journal (any more), or too much is asked for. */
  read({ number, from, to, checkpoints, until }: HistoryAsk): Uint8Array<ArrayBuffer> | undefined {
    if (to < from || to - from > maxHistoryBytes) return undefined
    const bytes = new Uint8Array(to - from)
    let next = from
    try {
      for (const [index, { place }] of checkpoints.entries()) {
        const legTo = Math.min(to, checkpoints[index + 1]?.offset ?? to)
        if (next >= legTo) continue
        if (index === 0 || isFar(this.#reader.place, place)) this.#reader.seek(place)
        let isHole = false
        const read = () =>
          this.#reader.read(until, (record) => {
            if (record.session !== number || record.kind !== 'output' || record.offset + record.payload.length <= next) return true
            isHole = record.offset > next
            if (isHole) return false
            const part = record.payload.subarray(next - record.offset, to - record.offset)
            bytes.set(part, next - from)
            next += part.length
            return next < legTo
          })
        while (next < legTo && !isHole) if (read()) break
        if (next < legTo) return undefined
      }
      return next === to ? bytes : undefined
    } finally {
      this.#reader.close()
    }
  }
}

const isFar = (from: Place, to: Place) => from.segment !== to.segment || to.at - from.at > jumpBytes
