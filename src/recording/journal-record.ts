// One record of the journal as bytes, `docs/protocol/recording.md`. Nothing here opens a file.
import { crc32 } from 'node:zlib'

export const recordHeaderBytes = 32
/** Larger outputs are cut into several records. */
export const maxPayloadBytes = 256 * 1024
export const segmentHeaderBytes = 24
const magic = Buffer.from('sallyport.jrnl.1', 'latin1')

export const recordKinds = { opening: 1, output: 2, resize: 3, marker: 4, end: 5, typing: 6 } as const
export type RecordKind = keyof typeof recordKinds
const kindNames = new Map<number, RecordKind>(Object.entries(recordKinds).map(([name, code]) => [code, name as RecordKind]))

/** `session` is the number that this run of the gateway gave out; `payload` is a view when it comes from a reader. */
export type JournalRecord = { kind: RecordKind; session: number; atMs: number; offset: number; payload: Uint8Array }

/** A place in a journal: byte `at` of a segment. */
export type Place = { segment: number; at: number }
export const isBefore = (a: Place, b: Place): boolean => a.segment < b.segment || (a.segment === b.segment && a.at < b.at)

/** Writes the record at `at`, which must have room for it; returns the place after it. */
export function writeRecord(into: Buffer, at: number, record: JournalRecord): number {
  const end = at + recordHeaderBytes + record.payload.length
  into.writeUInt32LE(record.payload.length, at + 4)
  into.writeUInt32LE(recordKinds[record.kind], at + 8)
  into.writeUInt32LE(record.session, at + 12)
  into.writeDoubleLE(record.atMs, at + 16)
  into.writeDoubleLE(record.offset, at + 24)
  into.set(record.payload, at + recordHeaderBytes)
  into.writeUInt32LE(crc32(into.subarray(at + 4, end)), at)
  return end
}

export function encodeRecord(record: JournalRecord): Buffer {
  const bytes = Buffer.allocUnsafe(recordHeaderBytes + record.payload.length)
  writeRecord(bytes, 0, record)
  return bytes
}

export type ReadRecord = { record: JournalRecord; next: number } | 'more' | 'torn'

/** Reads the record at `at`; `more` when the bytes end before it does, `torn` when it is not what was written. `isOwn`: this process has just written it, so its checksum is not made again. */
export function readRecord(bytes: Buffer, at: number, end: number, isOwn = false): ReadRecord {
  if (end - at < recordHeaderBytes) return 'more'
  const length = bytes.readUInt32LE(at + 4)
  const kind = kindNames.get(bytes.readUInt32LE(at + 8))
  if (length > maxPayloadBytes || kind === undefined) return 'torn'
  const next = at + recordHeaderBytes + length
  if (next > end) return 'more'
  if (!isOwn && crc32(bytes.subarray(at + 4, next)) !== bytes.readUInt32LE(at)) return 'torn'
  return {
    record: {
      kind,
      session: bytes.readUInt32LE(at + 12),
      atMs: bytes.readDoubleLE(at + 16),
      offset: bytes.readDoubleLE(at + 24),
      payload: bytes.subarray(at + recordHeaderBytes, next),
    },
    next,
  }
}

export function segmentHeader(segment: number): Buffer {
  const bytes = Buffer.alloc(segmentHeaderBytes)
  magic.copy(bytes)
  bytes.writeUInt32LE(segment, 16)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 20)), 20)
  return bytes
}

export const isSegmentHeader = (bytes: Buffer, segment: number): boolean =>
  bytes.length >= segmentHeaderBytes && bytes.subarray(0, segmentHeaderBytes).equals(segmentHeader(segment))

export const segmentName = (segment: number): string => `${String(segment).padStart(8, '0')}.journal`
