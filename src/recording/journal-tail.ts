import type { JournalLimits } from './journal.ts'

/**
 * Which of the segments that the shelf no longer needs are kept all the same: those with the last output of live sessions, newest first,
 * up to an eighth of the spool and 64 MiB. `ends` says per segment where each session's output in it ends, `offsets` where the live sessions stand.
 */
export function keepTail(
  free: number[],
  ends: ReadonlyMap<number, ReadonlyMap<number, number>>,
  offsets: ReadonlyMap<number, number>,
  limits: Pick<JournalLimits, 'spoolBytes' | 'segmentBytes' | 'tailBytes'>,
): Set<number> {
  const kept = new Set<number>()
  let room = Math.floor(Math.min(limits.spoolBytes / 8, 64 * 1024 * 1024) / limits.segmentBytes)
  for (const number of free.toSorted((a, b) => b - a)) {
    if (room === 0) break
    const isTail = [...(ends.get(number) ?? [])].some(([session, end]) => end > (offsets.get(session) ?? Infinity) - limits.tailBytes)
    if (!isTail) continue
    kept.add(number)
    room -= 1
  }
  return kept
}
