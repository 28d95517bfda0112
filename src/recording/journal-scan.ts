// What a run that is over left behind: its sessions, how far each came, and how it ended.
import type { SessionEnd } from '#domain/session.ts'
import type { SessionOpening } from '#session/event.ts'
import { readEvent, readOpening } from './journal-event.ts'
import { JournalReader, segmentNumbers } from './journal-reader.ts'

export type LeftSession = { number: number; opening: SessionOpening; lastMs: number; offset: number; end?: SessionEnd }
export type LeftRun = { firstSegment: number; endSegment: number; sessions: LeftSession[] }

/** Reads all of a run's segments, a MiB per turn of the event loop. Throws what `readdir`, `open` and `read` throw, but not for a missing folder. */
export async function scanRun(folder: string): Promise<LeftRun> {
  const numbers = segmentNumbers(folder)
  const firstSegment = numbers[0] ?? 1
  const endSegment = (numbers.at(-1) ?? 0) + 1
  const sessions = new Map<number, LeftSession>()
  const reader = new JournalReader(folder, firstSegment)
  try {
    for (;;) {
      const isDone = reader.read({ segment: endSegment, at: 0 }, (record) => {
        const known = sessions.get(record.session)
        if (record.kind === 'opening') {
          const opening = readOpening(record.payload)
          if (opening !== undefined && known === undefined) sessions.set(record.session, { number: record.session, opening, lastMs: 0, offset: 0 })
          return
        }
        const event = readEvent(record)
        if (event === undefined || known === undefined) return
        known.lastMs = Math.max(known.lastMs, event.atMs)
        known.offset = event.offset + (event.kind === 'output' ? event.bytes.length : 0)
        if (event.kind === 'end') known.end = event.end
      })
      if (isDone) break
      await new Promise((resolve) => setImmediate(resolve))
    }
  } finally {
    reader.close()
  }
  return { firstSegment, endSegment, sessions: [...sessions.values()] }
}
