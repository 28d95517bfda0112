// Engines without a host: what they send is kept, and time passes when a test says so.
import type { Failure } from '#domain/failure.ts'
import type { ZmodemEnd } from './end.ts'
import { Frame, type Header, SubpacketEnd } from './frame.ts'
import { frameWithData, hexHeader } from './header-writer.ts'
import { LineReader } from './line-reader.ts'
import { type OfferedFile, ZmodemReceiver } from './receiver.ts'
import { ZmodemSender } from './sender.ts'

/** `ZRPOS 5`, as tests say what was sent; data as `"…"` with its end. */
export function said(sent: Uint8Array[]): string[] {
  const told: string[] = []
  const names = Object.keys(Frame)
  const reader = new LineReader({
    header: ({ type, value }: Header) => told.push(value === 0 ? `${names[type]}` : `${names[type]} ${value}`),
    data: ({ bytes, end }) => told.push(`${JSON.stringify(Buffer.from(bytes).toString('latin1'))} ${'EGQW'[end - SubpacketEnd.ZCRCE]}`),
    bad: (what) => told.push(`bad ${what}`),
    cancelled: () => told.push('cancel'),
  })
  for (const bytes of sent.splice(0)) {
    if (bytes.length === 2 && bytes[0] === 0x4f) told.push('OO')
    else reader.input(bytes)
  }
  return told
}

export const hex = hexHeader
export const fileFrame = (info: string) => frameWithData(Frame.ZFILE, 0, Buffer.from(info), SubpacketEnd.ZCRCW)
export const dataFrame = (offset: number, text: string | Uint8Array, end: number = SubpacketEnd.ZCRCE) =>
  frameWithData(Frame.ZDATA, offset, Buffer.from(text), end)

export function makeReceiver({ maxFiles = 1000, accepts = true }: { maxFiles?: number; accepts?: boolean } = {}) {
  const sent: Uint8Array[] = []
  const told: string[] = []
  const clock = { now: 0 }
  const state: { end?: ZmodemEnd; data: string; file?: OfferedFile; failure?: Failure } = { data: '' }
  const receiver = new ZmodemReceiver(
    {
      send: (bytes) => sent.push(Uint8Array.from(bytes)),
      offered: (file) => {
        state.file = file
        told.push(`offered ${file.name}`)
        if (accepts) receiver.accept()
      },
      refused: (file, failure) => told.push(`refused ${file.name} ${failure.code}`),
      data: (bytes) => (state.data += Buffer.from(bytes).toString('latin1')),
      fileEnded: () => told.push('ended'),
      ended: (end) => {
        if (state.end) throw new Error('ended twice')
        state.end = { ...end, rest: Uint8Array.from(end.rest) }
      },
      now: () => clock.now,
    },
    { maxFiles },
  )
  const input = (...parts: Uint8Array[]) => receiver.input(Buffer.concat(parts))
  /** Lets it be quiet, and says how it ended. */
  const outcome = () => outcomeOf(receiver, clock, state)
  return { receiver, sent, told, clock, state, input, outcome, says: () => said(sent) }
}

export function makeSender({ maxFiles = 1000, room = true }: { maxFiles?: number; room?: boolean } = {}) {
  const sent: Uint8Array[] = []
  const told: string[] = []
  const clock = { now: 0 }
  const state: { end?: ZmodemEnd; room: boolean } = { room }
  const sender = new ZmodemSender(
    {
      send: (bytes) => {
        sent.push(Uint8Array.from(bytes))
        return state.room
      },
      accepted: (offset) => told.push(`accepted ${offset}`),
      skipped: () => told.push('skipped'),
      wantsMore: () => told.push('wants more'),
      fileDone: () => told.push('done'),
      ended: (end) => {
        if (state.end) throw new Error('ended twice')
        state.end = { ...end, rest: Uint8Array.from(end.rest) }
      },
      now: () => clock.now,
    },
    { maxFiles },
  )
  const input = (...parts: Uint8Array[]) => sender.input(Buffer.concat(parts))
  return { sender, sent, told, clock, state, input, outcome: () => outcomeOf(sender, clock, state), says: () => said(sent) }
}

function outcomeOf(engine: { tick: () => void }, clock: { now: number }, state: { end?: ZmodemEnd }): string {
  for (let tick = 0; tick < 20 && !state.end; tick += 1) {
    clock.now += 60
    engine.tick()
  }
  const { end } = state
  if (!end) return 'still talking'
  return `${end.how}${end.how === 'failed' ? ` ${end.failure.code}` : ''} ${JSON.stringify(Buffer.from(end.rest).toString('latin1'))}`
}
