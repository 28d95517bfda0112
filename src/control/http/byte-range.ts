// The Range header of RFC 9110 section 14.2, for one range of a thing that does not change any more.

export type ByteRange = { from: number; /** Without this byte. */ until: number }
/** `whole`: send everything, as RFC 9110 allows for what is not understood, for several ranges, and for a validator that is not ours. */
export type RangeAnswer = 'whole' | 'not-satisfiable' | ByteRange

/** A header longer than this holds no single range. */
const maxHeaderCharacters = 100

/** `ifRange` must be the strong validator (with quotes) of what is sent now: otherwise the parts of two different files would be put together. */
export function readRange(header: string | undefined, length: number, ifRange: string | undefined, etag: string | undefined): RangeAnswer {
  if (header === undefined || header.length > maxHeaderCharacters) return 'whole'
  if (ifRange !== undefined && ifRange !== etag) return 'whole'
  const match = /^bytes=(?:(\d{1,15})-(\d{1,15})?|-(\d{1,15}))$/i.exec(header.trim())
  if (!match) return 'whole'
  const [, first, last, suffix] = match
  if (suffix !== undefined) {
    const from = Math.max(0, length - Number(suffix))
    return Number(suffix) === 0 || length === 0 ? 'not-satisfiable' : { from, until: length }
  }
  const from = Number(first)
  if (last !== undefined && Number(last) < from) return 'whole'
  if (from >= length) return 'not-satisfiable'
  return { from, until: last === undefined ? length : Math.min(Number(last) + 1, length) }
}
