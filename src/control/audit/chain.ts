// One link of the chain over the ledger, byte by byte as docs/protocol/ledger.md says.
import { hash } from 'node:crypto'

/** `previous` of the first row. */
export const chainStart = '0'.repeat(64)
const prefix = Buffer.from('sallyport.chain1', 'ascii')

/** The fields that a hash covers, in their order. */
export const coveredFields = [
  'number',
  'chainedAt',
  'seq',
  'at',
  'code',
  'outcome',
  'operator',
  'object',
  'source',
  'detail',
  'requestId',
  'before',
  'after',
] as const

/** A ledger row in its place; times are ms since the epoch. */
export type Chained = {
  number: number
  chainedAt: number
  seq: number
  at: number
  code: string
  outcome: string
  operator: string | null
  object: string | null
  source: string | null
  detail: string | null
  requestId: string | null
  before: string | null
  after: string | null
}

/** SHA-256 over the hash before and every field of the row; hex. Throws when a number is not a whole one. */
export function chainHash(previous: string, row: Chained): string {
  return hash('sha256', Buffer.concat([prefix, Buffer.from(previous, 'hex'), ...coveredFields.map((name) => encode(row[name]))]), 'hex')
}

function encode(value: string | number | null): Buffer {
  if (value === null) return Buffer.of(0)
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(9, 1)
    bytes.writeBigInt64BE(BigInt(value), 1)
    return bytes
  }
  const length = Buffer.byteLength(value)
  const bytes = Buffer.alloc(5 + length, 2)
  bytes.writeUInt32BE(length, 1)
  bytes.write(value, 5, 'utf8')
  return bytes
}
