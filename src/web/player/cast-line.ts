// One line of an asciicast v3, as it may come from a shelf that somebody has changed: what is not as the format says is nothing, and every number has a bound.

/** A terminal larger than this is not drawn. Hosts are told at most as much by the live terminal. */
export const mostCols = 1000
export const mostRows = 500
/** One pause of a recording; longer ones are taken for as long as this. */
const mostIntervalMs = 31 * 86_400_000
/** Of a marker. */
const mostLabel = 300

export type CastHeader = { cols: number; rows: number }
export type CastEvent =
  | { kind: 'output'; afterMs: number; text: string }
  | { kind: 'bytes'; afterMs: number; bytes: number }
  | { kind: 'resize'; afterMs: number; cols: number; rows: number }
  | { kind: 'marker'; afterMs: number; label: string }
  | { kind: 'other'; afterMs: number }

const size = (value: unknown, most: number): number | undefined =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 ? Math.min(value, most) : undefined

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    // Not JSON: the caller counts it.
    return undefined
  }
}

/** Undefined for what is no header of version 3. Title, environment and theme are not taken: nothing of them is shown. */
export function parseHeader(line: string): CastHeader | undefined {
  const value = parse(line)
  if (typeof value !== 'object' || value === null || !('version' in value) || value.version !== 3 || !('term' in value)) return undefined
  const { term } = value
  if (typeof term !== 'object' || term === null) return undefined
  const cols = size('cols' in term ? term.cols : undefined, mostCols)
  const rows = size('rows' in term ? term.rows : undefined, mostRows)
  return cols === undefined || rows === undefined ? undefined : { cols, rows }
}

/** Undefined for what is no event. A resize that names no size is none. */
export function parseEvent(line: string): CastEvent | undefined {
  const value = parse(line)
  if (!Array.isArray(value) || value.length < 3) return undefined
  const [interval, code, data] = value as unknown[]
  if (typeof interval !== 'number' || !(interval >= 0) || typeof code !== 'string' || typeof data !== 'string') return undefined
  const afterMs = Math.min(interval * 1000, mostIntervalMs)
  switch (code) {
    case 'o':
      return { kind: 'output', afterMs, text: data }
    case 'b':
      return { kind: 'bytes', afterMs, bytes: Math.floor((data.replace(/=+$/, '').length * 3) / 4) }
    case 'r': {
      const [, cols, rows] = /^(\d{1,9})x(\d{1,9})$/.exec(data) ?? []
      const [width, height] = [size(Number(cols), mostCols), size(Number(rows), mostRows)]
      return width === undefined || height === undefined ? undefined : { kind: 'resize', afterMs, cols: width, rows: height }
    }
    case 'm':
      return { kind: 'marker', afterMs, label: data.slice(0, mostLabel) }
    default:
      return { kind: 'other', afterMs }
  }
}
