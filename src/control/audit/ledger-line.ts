// A chained row as one line of JSON, as exports and receivers get it: docs/protocol/ledger.md.
import { z } from 'zod'
import { type Chained, chainHash } from './chain.ts'

export type LedgerLine = Chained & { previous: string; hash: string }

const Whole = z.number().int().safe()
const Digest = z.string().regex(/^[0-9a-f]{64}$/)
const Text = z.string().max(20_000)
const Optional = Text.nullable().default(null)
const Line = z.strictObject({
  number: Whole.min(1),
  seq: Whole,
  at: Whole,
  code: Text,
  outcome: Text,
  operator: Optional,
  object: Optional,
  source: Optional,
  detail: Optional,
  requestId: Optional,
  before: Optional,
  after: Optional,
  chainedAt: Whole,
  previous: Digest,
  hash: Digest,
})

/** No longer line is read: the columns are bounded far below it. */
export const maxLineLength = 200_000
const beyondAscii = /[\u007f-\uffff]/g

/** JSON in ASCII on one line, without its end: whatever people typed, no control byte reaches a wire. */
export function lineText({
  number,
  seq,
  at,
  code,
  outcome,
  operator,
  object,
  source,
  detail,
  requestId,
  before,
  after,
  chainedAt,
  ...rest
}: LedgerLine): string {
  const columns = { number, seq, at, code, outcome, operator, object, source, detail, requestId, before, after, chainedAt }
  const given = Object.fromEntries(Object.entries({ ...columns, previous: rest.previous, hash: rest.hash }).filter(([, value]) => value !== null))
  return JSON.stringify(given).replace(beyondAscii, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Undefined for what is no such line. */
export function parseLine(text: string): LedgerLine | undefined {
  if (text.length > maxLineLength) return undefined
  try {
    return Line.parse(JSON.parse(text))
  } catch {
    return undefined // the caller names the line
  }
}

export const isWholeLine = (line: LedgerLine): boolean => chainHash(line.previous, line) === line.hash
