// The link, `docs/protocol/link.md`: what a gateway and control say to each other over one WebSocket that the gateway dials. JSON in text messages; a block of a recording is a binary message.
import { z } from 'zod'
import { Admission, Hop, maxHops } from '#domain/admission.ts'
import { DenyRule, maxDenyRules } from '#domain/command-rule.ts'
import { EndReason } from '#domain/end-reason.ts'
import { FileRule, maxFileRules } from '#domain/file-rule.ts'
import { failureCodes } from '#domain/failure.ts'
import { HostKey } from '#domain/host-key.ts'
import { GatewayId, LeaseId, SessionId, WatchId } from '#domain/id.ts'
import { SessionEnd } from '#domain/session.ts'
import { doorAnswers, doorAsks, doorReports } from './door.ts'
import { maxToldBytes, maxToldCommands, ToldCommand } from './told-command.ts'

export const linkSubprotocol = 'sallyport.link.v1'
export const beatEveryMs = 5000
/** A text message is at most 256 KiB, a binary one (header and block) at most 2 MiB; larger ones close the link. */
export const maxLinkTextBytes = 256 * 1024
/** Of a block that goes back to a gateway: 256 KiB of text that does not compress, with room. The answer that carries it as base64 is the one text message that may be larger. */
export const maxRecordingBlockBytes = 320 * 1024
export const maxLinkAnswerBytes = 512 * 1024
export const maxLinkBlockBytes = 2 * 1024 * 1024
/** Of a block's header: the commands told with it, and 4 KiB for the rest. */
const maxLinkHeaderBytes = maxToldBytes + 4096
/** What a gateway signs in HELLO: this text, a zero byte, then the challenge's bytes. */
export const linkSignaturePrefix = 'sallyport.link.v1 hello'

/** Which host on the way of the lease is meant, from 0; left out: the host at its end. */
const AtHop = z
  .number()
  .int()
  .min(0)
  .max(maxHops - 1)
  .optional()
const Base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/)
const FailureAnswer = z.strictObject({ code: z.enum(failureCodes), message: z.string(), detail: z.record(z.string(), z.unknown()).optional() })
export type FailureAnswer = z.infer<typeof FailureAnswer>

/** A wish of control about a session: a state, repeated in every beat's answer until the gateway reports the end. */
export const MustEnd = z.strictObject({ session: SessionId, reason: EndReason, by: z.string().max(64), text: z.string().max(500) })
export type MustEnd = z.infer<typeof MustEnd>

/** A wish of control about a watcher whose right has ended: like `MustEnd` a state, repeated until the gateway reports that the watch ended. */
export const MustLeave = z.strictObject({ watch: WatchId, text: z.string().max(500) })
export type MustLeave = z.infer<typeof MustLeave>

/** When a session's permission ends, ms since the epoch; null when no end is known. A state: said wherever a beat says another one, and at once when it moves. */
export const EndsAt = z.strictObject({ session: SessionId, endsAt: z.number().nullable() })
export type EndsAt = z.infer<typeof EndsAt>

/** What a gateway may ask; each has one answer below. */
export const Ask = z.discriminatedUnion('ask', [
  z.strictObject({
    ask: z.literal('redeem'),
    ticket: z.string().max(100),
    source: z.string().max(64),
    cols: z.number().int(),
    rows: z.number().int(),
    term: z.string().max(40),
    /** SHA-256 (hex) of the cookie that came with the WebSocket, or of a program's API token: a browser that is signed in as somebody else cannot use the ticket. */
    signIn: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
  }),
  /** `data` is the whole blob that RFC 4252 section 7 says is signed; control checks that it authenticates the leased account and nothing else. */
  z.strictObject({ ask: z.literal('sign'), lease: LeaseId, hop: AtHop, algorithm: z.string().max(64), data: Base64.max(65_536) }),
  z.strictObject({ ask: z.literal('release'), lease: LeaseId, hop: AtHop }),
  /** The key is none of the admission's: control judges it again on present rows, by the policy of the host, and writes the ledger. */
  z.strictObject({ ask: z.literal('judge-host-key'), lease: LeaseId, hop: AtHop, offered: HostKey }),
  /** The administrator in front of a quick connect said yes to an unknown key. */
  z.strictObject({ ask: z.literal('trust-host-key'), lease: LeaseId, offered: HostKey }),
  /** Where the shelf stands with a recording: asked when a recovered journal is read again. */
  z.strictObject({ ask: z.literal('shelf-state'), session: SessionId }),
  /** The block that holds the output byte at this offset, of a live session of this gateway: its journal has it no more. */
  z.strictObject({ ask: z.literal('recording-block'), session: SessionId, atOffset: z.number().int().min(0) }),
  /** What may go in and out by a terminal of this gateway now, asked when somebody starts `sz` or `rz` in it. */
  z.strictObject({ ask: z.literal('file-rules'), session: SessionId }),
  ...doorAsks,
])
export type Ask = z.infer<typeof Ask>

export const ShelfState = z.strictObject({
  /** `unknown`: control has no such session; `open`: more blocks are awaited; `sealed`: nothing is. */
  state: z.enum(['unknown', 'open', 'sealed']),
  nextIndex: z.number().int().min(0),
  /** SHA-256 (hex) of the last block on the shelf; 64 zeros before the first. */
  head: z.string(),
  /** Session time and output offset at the end of the last block. */
  atMs: z.number(),
  offset: z.number(),
})
export type ShelfState = z.infer<typeof ShelfState>

/** A block as it lies on the shelf; `fromMs` to `toOffset` as in its header. */
export const RecordingBlock = z.strictObject({
  index: z.number().int().min(0),
  fromOffset: z.number().min(0),
  toOffset: z.number().min(0),
  fromMs: z.number(),
  toMs: z.number(),
  frame: Base64.max(maxLinkAnswerBytes),
})
export type RecordingBlock = z.infer<typeof RecordingBlock>

/** What a ticket turned out to be for. `attach`: one's own live session; `watch`: somebody's, read-only, until the session ends or control wishes that the watcher leaves. */
export const Redeemed = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('shell'), admission: Admission }),
  /** `beside`: the asker's own live terminal of the same host and account, whose connection may be used. */
  z.strictObject({
    kind: z.literal('files'),
    admission: Admission,
    rules: z.array(FileRule).max(maxFileRules),
    beside: SessionId.optional(),
    way: z.enum(['web', 'api']),
  }),
  z.strictObject({ kind: z.literal('attach'), session: SessionId }),
  z.strictObject({ kind: z.literal('watch'), session: SessionId, watch: WatchId, name: z.string() }),
])
export type Redeemed = z.infer<typeof Redeemed>

/**
 * What a gateway may do about a key: go on when it is `trusted`, now `pinned` as the first of its host, or `accepted` for this once, of which the person is told.
 * `unknown` and `changed` end the dial; of an unknown one the administrator in front of a quick connect is asked.
 */
export const KeyAnswer = z.enum(['trusted', 'pinned', 'accepted', 'unknown', 'changed'])

export const answers = {
  redeem: Redeemed,
  sign: z.strictObject({ signature: Base64 }),
  release: z.strictObject({ password: z.string() }),
  'judge-host-key': z.strictObject({ verdict: KeyAnswer, trusted: z.array(HostKey) }),
  'trust-host-key': z.strictObject({}),
  'shelf-state': ShelfState,
  'recording-block': RecordingBlock,
  'file-rules': z.strictObject({ rules: z.array(FileRule).max(maxFileRules) }),
  ...doorAnswers,
} as const
export type AnswerOf<Name extends Ask['ask']> = z.infer<(typeof answers)[Name]>

/** What a gateway tells; told again after a reconnect until acknowledged, so control takes each once (by session and kind). */
export const Report = z.discriminatedUnion('report', [
  z.strictObject({ report: z.literal('began'), session: SessionId, at: z.number(), hostKey: z.string().max(64).optional(), rttHostMs: z.number().optional() }),
  z.strictObject({ report: z.literal('ended'), session: SessionId, end: SessionEnd, bytesIn: z.number(), bytesOut: z.number() }),
  /** The watcher went, was sent away, or the session ended. */
  z.strictObject({ report: z.literal('watch-ended'), session: SessionId, watch: WatchId, at: z.number() }),
  /** After the last block: the chain is whole. `seconds` of the session, `castBytes` of plain asciicast, `head` of the last block. */
  z.strictObject({
    report: z.literal('sealed'),
    session: SessionId,
    blocks: z.number().int(),
    head: z.string(),
    seconds: z.number(),
    castBytes: z.number(),
    incomplete: z.boolean(),
  }),
  ...doorReports,
])
export type Report = z.infer<typeof Report>

export const BlockHeader = z.strictObject({
  session: SessionId,
  /** From 0, without gaps. */
  index: z.number().int().min(0),
  /** SHA-256 of the block before (64 zeros for the first) and of this block: over the 32 bytes of `previous`, then the plain asciicast bytes; hex. */
  previous: z.string().regex(/^[0-9a-f]{64}$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  fromMs: z.number(),
  toMs: z.number(),
  fromOffset: z.number(),
  toOffset: z.number(),
  castBytes: z.number().int(),
  /** First block only: what the list shows while the session is live. */
  term: z.string().optional(),
  /** What was run until its end and was not told before. Not part of what lies on the shelf. */
  commands: z.array(ToldCommand).max(maxToldCommands).optional(),
})
export type BlockHeader = z.infer<typeof BlockHeader>

/** Binary message: u32 id of the report, u32 length of the header, header JSON, zstd frame. */
export function encodeBlock(id: number, header: BlockHeader, frame: Uint8Array): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header))
  const message = new Uint8Array(8 + json.length + frame.length)
  const view = new DataView(message.buffer)
  view.setUint32(0, id)
  view.setUint32(4, json.length)
  message.set(json, 8)
  message.set(frame, 8 + json.length)
  return message
}

/** Undefined when the message is not a block. The frame is a view. */
export function decodeBlock(message: Uint8Array): { id: number; header: BlockHeader; frame: Uint8Array } | undefined {
  if (message.length < 8) return undefined
  const view = new DataView(message.buffer, message.byteOffset, message.length)
  const length = view.getUint32(4)
  if (length > maxLinkHeaderBytes || 8 + length >= message.length) return undefined
  try {
    const header = BlockHeader.safeParse(JSON.parse(new TextDecoder().decode(message.subarray(8, 8 + length))))
    return header.success ? { id: view.getUint32(0), header: header.data, frame: message.subarray(8 + length) } : undefined
  } catch {
    return undefined // not JSON: the caller closes the link
  }
}

/** Of the zstd frame of a screen. */
export const maxKeyframeBytes = 96 * 1024
/**
 * A screen at a moment of a session, for seeking in its recording: what a terminal shows after `offset` bytes of output, `atMs` after the session began.
 * `frame` is the zstd frame of the string that redraws it, base64. Nobody answers, and it may be lost.
 */
export const Keyframe = z.strictObject({
  session: SessionId,
  offset: z.number().int().min(0),
  atMs: z.number().min(0),
  cols: z.number().int().min(1).max(1000),
  rows: z.number().int().min(1).max(1000),
  frame: Base64.max((maxKeyframeBytes / 3) * 4),
})
export type Keyframe = z.infer<typeof Keyframe>

/** `away`: nobody is attached. */
export const BeatSession = z.strictObject({
  id: SessionId,
  bytesIn: z.number(),
  bytesOut: z.number(),
  idleMs: z.number(),
  watchers: z.number().int().optional(),
  away: z.boolean().optional(),
  /** As the gateway knows it; left out when it knows of none. */
  endsAt: z.number().optional(),
})
export const Load = z.strictObject({ cpu: z.number(), rssBytes: z.number(), eventLoopDelayMs: z.number(), spoolBytes: z.number() })

/** A host to look at; `mayDialLoopback` holds where it is dialled without a way. */
const Place = { address: z.string(), port: z.number(), mayDialLoopback: z.boolean() }
/** The lease is what credentials and host keys of the hosts on the way are asked for under. */
const Way = { lease: LeaseId, via: z.array(Hop).max(maxHops).optional() }
/** As of an Admission. */
const Legacy = { legacyUntil: z.number().optional() }
export const maxLooks = 16
/** Control dials through a gateway to look at a host: it has no SSH of its own. */
export const Probe = z.discriminatedUnion('probe', [
  z.strictObject({ probe: z.literal('scan'), ...Way, ...Place, ...Legacy }),
  z.strictObject({ probe: z.literal('check'), ...Way, ...Place, ...Legacy, username: z.string(), auth: Admission.shape.auth, hostKeys: z.array(HostKey) }),
  /** Whether hosts behind one way answer as SSH: no key, no sign-in. */
  z.strictObject({ probe: z.literal('reach'), ...Way, targets: z.array(z.strictObject(Place)).min(1).max(maxLooks) }),
])
export type Probe = z.infer<typeof Probe>
export const CheckStep = z.strictObject({
  step: z.enum(['reach', 'key', 'sign-in']),
  ok: z.boolean(),
  failure: z.enum(failureCodes).optional(),
  message: z.string(),
  detail: z.record(z.string(), z.unknown()).optional(),
})
export type CheckStep = z.infer<typeof CheckStep>
/** `rttMs`: until the host had said that it speaks SSH. */
export const ReachLook = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), rttMs: z.number() }),
  z.strictObject({ ok: z.literal(false), failure: z.enum(failureCodes), message: z.string() }),
])
export type ReachLook = z.infer<typeof ReachLook>
export const ProbeAnswer = z.discriminatedUnion('probe', [
  z.strictObject({ probe: z.literal('scan'), keys: z.array(HostKey) }),
  z.strictObject({ probe: z.literal('check'), steps: z.array(CheckStep) }),
  /** In the order of the targets. */
  z.strictObject({ probe: z.literal('reach'), looks: z.array(ReachLook).max(maxLooks) }),
])
export type ProbeAnswer = z.infer<typeof ProbeAnswer>

const MessageId = z.number().int().min(1).max(0xffffffff)

export const FromGateway = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('hello'),
    publicKey: Base64.max(200),
    signature: Base64.max(200),
    name: z.string().max(64),
    version: z.string().max(40),
    startedAt: z.number(),
    /** HMAC-SHA-256 over the challenge with the secret that a supervisor gave to both sides: vouches for a gateway on the same machine. */
    vouch: Base64.max(100).optional(),
    sessions: z.array(SessionId).max(10_000),
  }),
  z.strictObject({ type: z.literal('beat'), sessions: z.array(BeatSession).max(10_000), load: Load }),
  z.strictObject({ type: z.literal('ask'), id: MessageId, body: Ask }),
  z.strictObject({ type: z.literal('report'), id: MessageId, body: Report }),
  z.strictObject({ type: z.literal('keyframe'), body: Keyframe }),
  z.strictObject({ type: z.literal('receipt'), id: MessageId }),
  z.strictObject({ type: z.literal('probed'), id: MessageId, answer: ProbeAnswer.optional(), failure: FailureAnswer.optional() }),
])
export type FromGateway = z.infer<typeof FromGateway>

/** What doors need to know of the settings; sent in WELCOME, with each beat, and at once when somebody changes them. */
export const DoorSettings = z.strictObject({
  /** Said to the owner when a session begins, instead of the product's own sentence. */
  recordingNotice: z.string().optional(),
  refusingSessions: z.string().optional(),
  /** Rules about commands that deny; in force in a terminal where the shell tells what it runs. */
  deny: z.array(DenyRule).max(maxDenyRules).optional(),
  /** Origins by which people may come besides those that the gateway was started with. */
  publicUrls: z.array(z.string()).max(50).optional(),
})
export type DoorSettings = z.infer<typeof DoorSettings>

export const FromControl = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('challenge'), nonce: Base64 }),
  /** `apiToken` authorises this link's gateway to pass people's `/api` requests on; it dies with the link. */
  z.strictObject({
    type: z.literal('welcome'),
    gateway: GatewayId,
    apiToken: z.string(),
    mustEnd: z.array(MustEnd),
    mustLeave: z.array(MustLeave).optional(),
    settings: DoorSettings,
  }),
  /** They have changed since the last WELCOME or BEATEN. Nobody answers: the next beat says the same. */
  z.strictObject({ type: z.literal('settings'), settings: DoorSettings }),
  z.strictObject({ type: z.literal('refused'), state: z.enum(['waiting', 'rejected', 'revoked', 'unknown']), text: z.string() }),
  z.strictObject({
    type: z.literal('beaten'),
    mustEnd: z.array(MustEnd),
    mustLeave: z.array(MustLeave).optional(),
    endsAt: z.array(EndsAt).optional(),
    settings: DoorSettings,
  }),
  /** `body` is parsed by the schema of the ask. */
  z.strictObject({ type: z.literal('answer'), id: MessageId, body: z.unknown().optional(), failure: FailureAnswer.optional() }),
  /** A report or a block has been committed; `also` names blocks that were put on the shelf with it. */
  z.strictObject({ type: z.literal('taken'), id: MessageId, also: z.array(MessageId).max(64).optional(), failure: FailureAnswer.optional() }),
  z.strictObject({ type: z.literal('push'), id: MessageId, mustEnd: MustEnd }),
  z.strictObject({ type: z.literal('push-leave'), id: MessageId, mustLeave: MustLeave }),
  z.strictObject({ type: z.literal('push-ends-at'), id: MessageId, endsAt: EndsAt }),
  z.strictObject({ type: z.literal('probe'), id: MessageId, body: Probe }),
])
export type FromControl = z.infer<typeof FromControl>

/** Headers that a gateway adds to people's requests and strips from what people send. */
export const gatewayHeaders = { token: 'x-sallyport-gateway', source: 'x-sallyport-source', secure: 'x-sallyport-secure' } as const
