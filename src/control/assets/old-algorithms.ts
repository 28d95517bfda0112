// The mark of a host that knows nothing newer than SHA-1 and CBC: an administrator sets it, and it always has an end.
import { Failure } from '#domain/failure.ts'

const longestMs = 366 * 24 * 3_600_000

/** `text`: a time, null for no mark. Ms since the epoch. Throws `bad_request` for a time more than a year ahead. */
export function readLegacyUntil(text: string | null | undefined, now: number): number | null {
  if (text === null || text === undefined) return null
  const until = Date.parse(text)
  if (!(until <= now + longestMs))
    throw new Failure('bad_request', 'Old algorithms are allowed for a year at most: set them again then, if the host still needs them.', {
      field: 'legacyUntil',
    })
  return until
}

/** For whoever dials: nothing once the time has passed. */
export const legacyOf = (row: { legacyUntil: number | null }, now: number): { legacyUntil?: number } =>
  row.legacyUntil !== null && now < row.legacyUntil ? { legacyUntil: row.legacyUntil } : {}
