// Session events as payloads of journal records, and back. What is read was written by this product, but a disk may lie: it is parsed.
import { z } from 'zod'
import { SessionId } from '#domain/id.ts'
import { SessionEnd } from '#domain/session.ts'
import { maxCols, maxRows, type SessionEvent, type SessionOpening } from '#session/event.ts'
import { maxLineEnds, type TypingMark } from '#session/typing-marks.ts'
import type { JournalRecord } from './journal-record.ts'

/** Longer texts are cut when they are written, so that a header line or marker stays far below a block. */
export const maxTitleChars = 500
export const maxLabelChars = 4000

const Opening = z.strictObject({
  session: SessionId,
  startedAt: z.number().finite(),
  size: z.strictObject({ cols: z.number().int().min(1).max(maxCols), rows: z.number().int().min(1).max(maxRows) }),
  term: z.string().max(64),
  shell: z.string().max(256).optional(),
  title: z.string().max(maxTitleChars),
})

const clip = (value: number, most: number) => Math.min(Math.max(Math.trunc(value) || 1, 1), most)
const json = (value: unknown) => Buffer.from(JSON.stringify(value), 'utf8')

/** Cuts and clips what is too long. Throws a ZodError when the session id is none. */
export function openingPayload(opening: SessionOpening): Buffer {
  const { shell } = opening
  return json(
    Opening.parse({
      session: opening.session,
      startedAt: opening.startedAt,
      size: { cols: clip(opening.size.cols, maxCols), rows: clip(opening.size.rows, maxRows) },
      term: opening.term.slice(0, 64),
      ...(shell === undefined ? {} : { shell: shell.slice(0, 256) }),
      title: opening.title.slice(0, maxTitleChars).toWellFormed(),
    }),
  )
}

export function eventPayload(event: SessionEvent): Uint8Array {
  switch (event.kind) {
    case 'output':
      return event.bytes
    case 'resize': {
      const bytes = Buffer.alloc(4)
      bytes.writeUInt16LE(clip(event.size.cols, maxCols), 0)
      bytes.writeUInt16LE(clip(event.size.rows, maxRows), 2)
      return bytes
    }
    case 'marker':
      return Buffer.from(event.label.slice(0, maxLabelChars), 'utf8')
    case 'typing':
      return typingPayload(event.mark)
    case 'end':
      return endPayload(event.end)
    default:
      return event satisfies never
  }
}

/** Bits: 1 typed, 2 open, 4 interrupted; then u16 line ends. */
function typingPayload({ typed, isOpen, interrupted, lineEnds }: TypingMark): Buffer {
  const bytes = Buffer.alloc(3)
  bytes.writeUInt8((typed ? 1 : 0) | (isOpen ? 2 : 0) | (interrupted ? 4 : 0), 0)
  bytes.writeUInt16LE(Math.min(lineEnds, maxLineEnds), 1)
  return bytes
}

/** What the reader's schema would refuse is cut or left out: a session whose end cannot be read would never be sealed. */
function endPayload(end: SessionEnd): Buffer {
  const { exitStatus, signal, failure, message, reason, at } = end
  return json({
    reason,
    message: message.slice(0, 2000),
    at: Number.isFinite(at) ? at : 0,
    ...(failure === undefined ? {} : { failure }),
    ...(Number.isSafeInteger(exitStatus) ? { exitStatus } : {}),
    ...(signal === undefined ? {} : { signal: signal.slice(0, 32) }),
  })
}

/** Undefined when the payload is not an opening. */
export function readOpening(payload: Uint8Array): SessionOpening | undefined {
  const parsed = Opening.safeParse(readJson(payload))
  if (!parsed.success) return undefined
  const { shell, ...rest } = parsed.data
  return shell === undefined ? rest : { ...rest, shell }
}

/** Undefined for an opening, and for a payload that is not what its kind says. Output is a view of the record. */
export function readEvent(record: JournalRecord): SessionEvent | undefined {
  const { atMs, offset, payload } = record
  switch (record.kind) {
    case 'opening':
      return undefined
    case 'output':
      return { kind: 'output', atMs, offset, bytes: payload }
    case 'resize': {
      if (payload.length !== 4) return undefined
      const view = new DataView(payload.buffer, payload.byteOffset, 4)
      return { kind: 'resize', atMs, offset, size: { cols: clip(view.getUint16(0, true), maxCols), rows: clip(view.getUint16(2, true), maxRows) } }
    }
    case 'marker':
      return { kind: 'marker', atMs, offset, label: Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString('utf8') }
    case 'typing': {
      if (payload.length !== 3) return undefined
      const view = new DataView(payload.buffer, payload.byteOffset, 3)
      const flags = view.getUint8(0)
      const mark = { typed: (flags & 1) !== 0, isOpen: (flags & 2) !== 0, interrupted: (flags & 4) !== 0, lineEnds: view.getUint16(1, true) }
      return { kind: 'typing', atMs, offset, mark }
    }
    case 'end': {
      const end = SessionEnd.safeParse(readJson(payload))
      return end.success ? { kind: 'end', atMs, offset, end: end.data } : undefined
    }
    default:
      return record.kind satisfies never
  }
}

function readJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString('utf8'))
  } catch {
    return undefined // not JSON: the schema refuses it
  }
}
