// Lines of a stored recording as values: parsed, because a file on a disk is input like any other.
import { z } from 'zod'
import { Failure } from '#domain/failure.ts'

export const CastHeader = z.looseObject({
  version: z.literal(3),
  term: z.looseObject({ cols: z.number().int().min(1).max(1000), rows: z.number().int().min(1).max(1000), type: z.string().optional() }),
  timestamp: z.number().optional(),
  title: z.string().optional(),
  env: z.record(z.string(), z.string()).optional(),
})
export type CastHeader = z.infer<typeof CastHeader>

const EventLine = z.tuple([z.number().min(0).max(1e9), z.string().min(1).max(16), z.string()])
/** `intervalMs` since the line before, whole ms. */
export type CastEvent = { intervalMs: number; code: string; data: string }

/** Throws `Failure('recording_incomplete')` when the line is no header of asciicast v3. */
export function readCastHeader(line: string): CastHeader {
  const parsed = CastHeader.safeParse(readJson(line))
  if (!parsed.success) throw new Failure('recording_incomplete', 'The recording does not begin with a header of asciicast v3.')
  return parsed.data
}

/** Undefined for a comment or an empty line. Throws `Failure('recording_incomplete')` when the line is no event. */
export function readCastEvent(line: string): CastEvent | undefined {
  if (line === '' || line.startsWith('#')) return undefined
  const parsed = EventLine.safeParse(readJson(line))
  if (!parsed.success) throw new Failure('recording_incomplete', 'The recording has a line that is no event of asciicast v3.')
  const [seconds, code, data] = parsed.data
  return { intervalMs: Math.round(seconds * 1000), code, data }
}

function readJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined // not JSON: the schema refuses it
  }
}
