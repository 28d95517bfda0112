// One range of bytes, RFC 9110 section 14: what browsers and programs ask for when they go on with a download.

/** `from` and `to` count from 0, both are part of it. */
export type ByteRange = { from: number; to: number }

/**
 * Of a representation with so many bytes. Undefined: all of it is sent (no range, several of them, another unit, or text that is none: the header is then ignored,
 * section 14.2). `unsatisfiable`: 416.
 */
export function readRange(header: string | undefined, bytes: number): ByteRange | 'unsatisfiable' | undefined {
  const found = /^bytes=[ \t]*(\d{0,16})-(\d{0,16})[ \t]*$/i.exec(header ?? '')
  const [, first = '', last = ''] = found ?? []
  if (!found || (first === '' && last === '')) return undefined
  if (first === '') {
    const tail = Math.min(Number(last), bytes)
    return tail === 0 ? 'unsatisfiable' : { from: bytes - tail, to: bytes - 1 }
  }
  const from = Number(first)
  const to = last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1)
  // A last byte before the first is no range (section 14.1.1).
  if (last !== '' && Number(last) < from) return undefined
  return from >= bytes ? 'unsatisfiable' : { from, to }
}

/** Section 13.1.5: a range holds only for the very file that the asker has the rest of. Only strong tags compare; a date never does, a file may change twice in its second. */
export const ifRangeHolds = (header: string | undefined, etag: string): boolean => header === undefined || (header === etag && !header.startsWith('W/'))
