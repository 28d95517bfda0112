// RFC 4254: the messages of the connection protocol, taken whole from the library and read here. What is malformed throws `WireFault`.
import type { Engine } from './library.ts'
import { WireReader } from './wire-reader.ts'

export const Message = {
  globalRequest: 80,
  channelOpen: 90,
  channelOpenConfirmation: 91,
  channelOpenFailure: 92,
  windowAdjust: 93,
  data: 94,
  extendedData: 95,
  eof: 96,
  close: 97,
  request: 98,
  success: 99,
  failure: 100,
} as const

type Handler = (engine: Engine, payload: Buffer) => number | undefined

/** What registered `CONNECTION` is given these messages whole; otherwise they are the library's. */
export function passConnectionWhole(handlers: (Handler | undefined)[]): void {
  for (const type of Object.values(Message)) {
    const original = handlers[type]
    handlers[type] = (engine, payload) => {
      const take = engine._handlers.CONNECTION
      if (!take) return original?.(engine, payload)
      take(engine, payload)
      return undefined
    }
  }
}

// Names are US-ASCII and short (RFC 4250 section 4.6.1); whatever else comes is no name of ours.
const maxNameBytes = 64

/** A name of a request or of a kind of channel. */
export const readName = (reader: WireReader): string => {
  const bytes = reader.string()
  return bytes.length > maxNameBytes ? '' : bytes.toString('latin1')
}

export type OpenMessage = { type: string; sender: number; window: number; packet: number; value: Buffer }
export function readOpen(payload: Buffer): OpenMessage {
  const reader = new WireReader(payload.subarray(1))
  return { type: readName(reader), sender: reader.uint32(), window: reader.uint32(), packet: reader.uint32(), value: reader.take(reader.remaining) }
}

export type Confirmation = { recipient: number; sender: number; window: number; packetSize: number }
export function readConfirmation(payload: Buffer): Confirmation {
  const reader = new WireReader(payload.subarray(1))
  return { recipient: reader.uint32(), sender: reader.uint32(), window: reader.uint32(), packetSize: reader.uint32() }
}

export function readRefusal(payload: Buffer): { recipient: number; reason: number; text: string } {
  const reader = new WireReader(payload.subarray(1))
  const refusal = { recipient: reader.uint32(), reason: reader.uint32(), text: reader.text() }
  // The language tag, which old servers leave out.
  if (reader.remaining > 0) reader.string()
  return refusal
}

export type RequestMessage = { type: string; wantsReply: boolean; value: Buffer }
/** `at`: 1 for a global request, 5 for a channel's. */
export function readRequest(payload: Buffer, at: number): RequestMessage {
  const reader = new WireReader(payload.subarray(at))
  return { type: readName(reader), wantsReply: reader.byte() !== 0, value: reader.take(reader.remaining) }
}
