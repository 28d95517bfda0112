// The terminal protocol, `docs/protocol/terminal.md`: frames between a browser (or any client) and the gateway. Runs in Node and in browsers.
import { z } from 'zod'
import { TransferAct, TransferState } from '#domain/terminal-transfer.ts'

export const terminalSubprotocol = 'sallyport.terminal.v1'
export const helloWithinMs = 5000
export const initialWindow = 256 * 1024
/** No frame but SCREEN is larger: OUTPUT and INPUT are cut to this, and it bounds what a stranger makes us hold. */
export const maxFrameBytes = 64 * 1024 + 1
/** Only servers send SCREEN. */
export const maxScreenFrameBytes = 2 * 1024 * 1024 + 13
export const closeTakenOver = 4001
/** A client that closes with this has left for good; any other end of its connection begins the grace. */
export const closeLeft = 1000

export const Kind = {
  hello: 0x01,
  welcome: 0x02,
  ended: 0x03,
  output: 0x10,
  input: 0x11,
  resize: 0x12,
  size: 0x13,
  ack: 0x14,
  taken: 0x15,
  screen: 0x16,
  hidden: 0x17,
  prompt: 0x20,
  answer: 0x21,
  notice: 0x22,
  transfer: 0x30,
  stats: 0x40,
  watchers: 0x41,
  ping: 0x7e,
  pong: 0x7f,
} as const

const Dimension = z.number().int().min(1).max(1000)
const Offset = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)

export const Hello = z.union([
  z.strictObject({
    ticket: z.string().min(20).max(100),
    cols: Dimension,
    rows: Dimension,
    term: z
      .string()
      .regex(/^[a-zA-Z0-9.+_-]{1,40}$/)
      .optional(),
  }),
  z.strictObject({ resume: z.strictObject({ session: z.string().max(60), key: z.string().max(100), outputOffset: Offset }), cols: Dimension, rows: Dimension }),
])
export type Hello = z.infer<typeof Hello>

export const Welcome = z.object({
  session: z.string(),
  key: z.string(),
  cols: Dimension,
  rows: Dimension,
  outputOffset: Offset,
  inputOffset: Offset,
  /** How far a terminal of the session's owner has parsed before: a client gives no answers to queries in output before this. */
  parsedOffset: Offset,
  window: z.number().int().positive(),
  graceSeconds: z.number().min(0),
  readOnly: z.boolean().optional(),
})
export type Welcome = z.infer<typeof Welcome>

export const Ended = z.object({
  reason: z.string(),
  message: z.string(),
  exitStatus: z.number().int().optional(),
  signal: z.string().optional(),
  /** A code of the error catalogue, when the session failed before the terminal opened or the client broke the protocol. */
  failure: z.string().optional(),
  detail: z.record(z.string(), z.unknown()).optional(),
})
export type Ended = z.infer<typeof Ended>

/** `kind` tells the page which words to use; `prompts` of `input` kinds are the host's own text, shown as plain text. `hop`: the host on the way that asks, by its name. */
export const Prompt = z.discriminatedUnion('kind', [
  z.object({ id: z.number().int(), kind: z.literal('password'), account: z.string(), address: z.string(), hop: z.string().optional() }),
  z.object({
    id: z.number().int(),
    kind: z.literal('keyboard-interactive'),
    hop: z.string().optional(),
    name: z.string(),
    instructions: z.string(),
    prompts: z.array(z.object({ text: z.string(), echo: z.boolean() })).max(10),
  }),
  z.object({ id: z.number().int(), kind: z.literal('host-key'), address: z.string(), type: z.string(), fingerprint: z.string() }),
])
export type Prompt = z.infer<typeof Prompt>
/** `answers` null: the person declined. For a host key: `["yes"]`. */
export const Answer = z.strictObject({ id: z.number().int(), answers: z.array(z.string().max(4096)).max(10).nullable() })
export type Answer = z.infer<typeof Answer>

/** `about` lets a page say it in its own language: `bytes_passed` and `not_redrawn` have `bytes`, `idle_soon`, `duration_soon` and `grant_ends_soon` have `seconds`, the last also `at` in ms since the epoch; also `grant_prolonged`, `catching_up`, `not_drawn`, `recorded`, `recording_notice` (whose words are the administrator's), `host_key_accepted` with `host` and `fingerprint`, and `command_denied` with `rule`. */
export const Notice = z.object({
  level: z.enum(['info', 'warning', 'error']),
  text: z.string(),
  about: z
    .object({
      code: z.string().max(40),
      bytes: z.number().optional(),
      seconds: z.number().optional(),
      at: z.number().optional(),
      host: z.string().optional(),
      fingerprint: z.string().optional(),
      rule: z.string().optional(),
    })
    .optional(),
})
export type Notice = z.infer<typeof Notice>
export const Stats = z.object({ rttClientMs: z.number().optional(), rttHostMs: z.number().optional(), queuedBytes: z.number() })
export type Stats = z.infer<typeof Stats>
export const Watchers = z.object({ names: z.array(z.string().max(256)).max(100) })
export type Watchers = z.infer<typeof Watchers>

const Transfer = z.union([TransferAct, TransferState])

const encoder = new TextEncoder()
// `ignoreBOM` keeps a leading U+FEFF as it came; `fatal` refuses bytes that are not UTF-8.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export type JsonKind = 'hello' | 'welcome' | 'ended' | 'prompt' | 'answer' | 'notice' | 'transfer' | 'stats' | 'watchers'
export function encodeJson(kind: JsonKind, value: unknown): Uint8Array<ArrayBuffer> {
  const text = encoder.encode(JSON.stringify(value))
  const frame = new Uint8Array(text.length + 1)
  frame[0] = Kind[kind]
  frame.set(text, 1)
  return frame
}

const framedOutput = new WeakMap<Uint8Array, Uint8Array<ArrayBuffer>>()

/** Room for output (at most what a frame takes) inside of its frame: `encodeBytes('output', …)` of it copies nothing, for as many readers as there are. */
export function outputRoom(length: number): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(length + 1)
  frame[0] = Kind.output
  const bytes = frame.subarray(1)
  framedOutput.set(bytes, frame)
  return bytes
}

export function encodeBytes(kind: 'output' | 'input', bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const framed = kind === 'output' ? framedOutput.get(bytes) : undefined
  if (framed) return framed
  const frame = new Uint8Array(bytes.length + 1)
  frame[0] = Kind[kind]
  frame.set(bytes, 1)
  return frame
}

export function encodeOffset(kind: 'ack' | 'taken', offset: number): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(9)
  frame[0] = Kind[kind]
  new DataView(frame.buffer).setBigUint64(1, BigInt(offset))
  return frame
}

export function encodeScreen(screen: { offset: number; cols: number; rows: number; text: Uint8Array }): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(13 + screen.text.length)
  frame[0] = Kind.screen
  const view = new DataView(frame.buffer)
  view.setBigUint64(1, BigInt(screen.offset))
  view.setUint16(9, screen.cols)
  view.setUint16(11, screen.rows)
  frame.set(screen.text, 13)
  return frame
}

export function encodeSize(kind: 'resize' | 'size', cols: number, rows: number): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(5)
  frame[0] = Kind[kind]
  const view = new DataView(frame.buffer)
  view.setUint16(1, cols)
  view.setUint16(3, rows)
  return frame
}

export function encodeHidden(hidden: boolean): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(Kind.hidden, hidden ? 1 : 0)
}

export function encodePing(kind: 'ping' | 'pong', token: number): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(5)
  frame[0] = Kind[kind]
  new DataView(frame.buffer).setUint32(1, token)
  return frame
}

export type TerminalFrame =
  | { kind: 'hello'; hello: Hello }
  | { kind: 'welcome'; welcome: Welcome }
  | { kind: 'ended'; ended: Ended }
  | { kind: 'output' | 'input'; bytes: Uint8Array }
  | { kind: 'resize' | 'size'; cols: number; rows: number }
  | { kind: 'ack' | 'taken'; offset: number }
  | { kind: 'screen'; offset: number; cols: number; rows: number; text: Uint8Array }
  | { kind: 'hidden'; hidden: boolean }
  | { kind: 'prompt'; prompt: Prompt }
  | { kind: 'answer'; answer: Answer }
  | { kind: 'notice'; notice: Notice }
  | { kind: 'stats'; stats: Stats }
  | { kind: 'watchers'; watchers: Watchers }
  /** `state` from a gateway, `act` from a client. */
  | { kind: 'transfer'; state: TransferState }
  | { kind: 'transfer-act'; act: TransferAct }
  | { kind: 'ping' | 'pong'; token: number }
export type FrameFault = 'frame_malformed' | 'frame_unknown' | 'frame_too_large'
export type Decoded = { ok: true; frame: TerminalFrame } | { ok: false; fault: FrameFault; why: string }

const fault = (code: FrameFault, why: string): Decoded => ({ ok: false, fault: code, why })
function json<Value>(schema: z.ZodType<Value>, body: Uint8Array): Value | undefined {
  try {
    const parsed = schema.safeParse(JSON.parse(decoder.decode(body)))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined // not UTF-8 or not JSON: the caller answers frame_malformed
  }
}

/** Parses one message of either side; what a side may send is the caller's rule. Bytes are views of the input, not copies. */
export function decodeFrame(data: Uint8Array): Decoded {
  if (data.length === 0) return fault('frame_malformed', 'the frame is empty')
  if (data.length > (data[0] === Kind.screen ? maxScreenFrameBytes : maxFrameBytes))
    return fault('frame_too_large', `the frame is larger than ${maxFrameBytes} bytes`)
  const body = data.subarray(1)
  const view = new DataView(body.buffer, body.byteOffset, body.length)
  const sized = (length: number) => body.length === length
  switch (data[0]) {
    case Kind.output:
      return { ok: true, frame: { kind: 'output', bytes: body } }
    case Kind.input:
      return { ok: true, frame: { kind: 'input', bytes: body } }
    case Kind.resize:
    case Kind.size: {
      if (!sized(4)) return fault('frame_malformed', 'a size is 4 bytes')
      const [cols, rows] = [view.getUint16(0), view.getUint16(2)]
      if (cols < 1 || rows < 1 || cols > 1000 || rows > 1000) return fault('frame_malformed', 'columns and rows are 1 to 1000')
      return { ok: true, frame: { kind: data[0] === Kind.resize ? 'resize' : 'size', cols, rows } }
    }
    case Kind.ack:
    case Kind.taken: {
      if (!sized(8)) return fault('frame_malformed', 'an offset is 8 bytes')
      const offset = view.getBigUint64(0)
      if (offset > BigInt(Number.MAX_SAFE_INTEGER)) return fault('frame_malformed', 'the offset is beyond 2^53')
      return { ok: true, frame: { kind: data[0] === Kind.ack ? 'ack' : 'taken', offset: Number(offset) } }
    }
    case Kind.screen: {
      if (body.length < 12) return fault('frame_malformed', 'a screen has an offset and a size')
      const [offset, cols, rows] = [view.getBigUint64(0), view.getUint16(8), view.getUint16(10)]
      if (offset > BigInt(Number.MAX_SAFE_INTEGER)) return fault('frame_malformed', 'the offset is beyond 2^53')
      if (cols < 1 || rows < 1 || cols > 1000 || rows > 1000) return fault('frame_malformed', 'columns and rows are 1 to 1000')
      return { ok: true, frame: { kind: 'screen', offset: Number(offset), cols, rows, text: body.subarray(12) } }
    }
    case Kind.hidden:
      if (!sized(1) || view.getUint8(0) > 1) return fault('frame_malformed', 'HIDDEN is one byte, 0 or 1')
      return { ok: true, frame: { kind: 'hidden', hidden: view.getUint8(0) === 1 } }
    case Kind.ping:
    case Kind.pong:
      if (!sized(4)) return fault('frame_malformed', 'a ping token is 4 bytes')
      return { ok: true, frame: { kind: data[0] === Kind.ping ? 'ping' : 'pong', token: view.getUint32(0) } }
    case Kind.hello: {
      const hello = json(Hello, body)
      return hello ? { ok: true, frame: { kind: 'hello', hello } } : fault('frame_malformed', 'HELLO does not fit its schema')
    }
    case Kind.welcome: {
      const welcome = json(Welcome, body)
      return welcome ? { ok: true, frame: { kind: 'welcome', welcome } } : fault('frame_malformed', 'WELCOME does not fit its schema')
    }
    case Kind.ended: {
      const ended = json(Ended, body)
      return ended ? { ok: true, frame: { kind: 'ended', ended } } : fault('frame_malformed', 'ENDED does not fit its schema')
    }
    case Kind.prompt: {
      const prompt = json(Prompt, body)
      return prompt ? { ok: true, frame: { kind: 'prompt', prompt } } : fault('frame_malformed', 'PROMPT does not fit its schema')
    }
    case Kind.answer: {
      const answer = json(Answer, body)
      return answer ? { ok: true, frame: { kind: 'answer', answer } } : fault('frame_malformed', 'ANSWER does not fit its schema')
    }
    case Kind.notice: {
      const notice = json(Notice, body)
      return notice ? { ok: true, frame: { kind: 'notice', notice } } : fault('frame_malformed', 'NOTICE does not fit its schema')
    }
    case Kind.stats: {
      const stats = json(Stats, body)
      return stats ? { ok: true, frame: { kind: 'stats', stats } } : fault('frame_malformed', 'STATS does not fit its schema')
    }
    case Kind.watchers: {
      const watchers = json(Watchers, body)
      return watchers ? { ok: true, frame: { kind: 'watchers', watchers } } : fault('frame_malformed', 'WATCHERS does not fit its schema')
    }
    case Kind.transfer: {
      const transfer = json(Transfer, body)
      if (transfer === undefined) return fault('frame_malformed', 'TRANSFER does not fit its schema')
      return { ok: true, frame: 'act' in transfer ? { kind: 'transfer-act', act: transfer } : { kind: 'transfer', state: transfer } }
    }
    default:
      return fault('frame_unknown', `no frame begins with 0x${(data[0] ?? 0).toString(16).padStart(2, '0')}`)
  }
}
