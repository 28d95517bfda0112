// The HTTP API, one contract for the server, the typed client and `/api/openapi.json`. Paths are below `/api/v1`.
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { AccountName, AssetName, HostAddress, Port } from '#domain/asset.ts'
import { AuthInput, AuthView } from '#domain/credential.ts'
import { EndReason } from '#domain/end-reason.ts'
import { HostKey } from '#domain/host-key.ts'
import { OperatorName, Password, Role } from '#domain/operator.ts'
import { RecordingState, SessionState } from '#domain/session.ts'
import { CheckStep } from './link.ts'

const Id = z.strictObject({ id: z.string().max(60) })
const Time = z.iso.datetime()

/** Query of every list. `sort` is a column, with `-` before it for descending; unknown ones get 400 naming the field. */
const listQuery = <const Column extends string>(columns: readonly [Column, ...Column[]]) =>
  z.strictObject({
    q: z.string().max(200).optional(),
    sort: z.enum([...columns, ...columns.map((column) => `-${column}` as const)] as [Column | `-${Column}`]).optional(),
    page: z.coerce.number().int().min(1).max(1_000_000).default(1),
    size: z.coerce.number().int().min(1).max(200).default(50),
  })
const listOf = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item), total: z.number(), of: z.number() })

export const OperatorView = z.object({ id: z.string(), username: z.string(), name: z.string(), role: Role, mayWatch: z.boolean() })
export type OperatorView = z.infer<typeof OperatorView>
export const AccountView = z.object({ id: z.string(), username: z.string(), auth: AuthView })
export const AssetView = z.object({
  id: z.string(),
  name: z.string(),
  address: z.string(),
  port: z.number(),
  protocol: z.literal('ssh'),
  tags: z.array(z.string()),
  accounts: z.array(AccountView),
  hostKeys: z.array(HostKey),
  createdAt: Time,
  lastUsedAt: Time.optional(),
})
export type AssetView = z.infer<typeof AssetView>
export const RecordingView = z.object({ fileName: z.string(), seconds: z.number(), bytes: z.number(), state: RecordingState })
export const SessionView = z.object({
  id: z.string(),
  operator: z.string(),
  asset: z.string(),
  address: z.string(),
  account: z.string(),
  door: z.enum(['web', 'ssh', 'api']),
  kind: z.literal('shell'),
  state: SessionState,
  startedAt: Time,
  endedAt: Time.optional(),
  endReason: EndReason.optional(),
  endMessage: z.string().optional(),
  failure: z.string().optional(),
  exitStatus: z.number().optional(),
  gateway: z.string(),
  bytesIn: z.number(),
  bytesOut: z.number(),
  idleMs: z.number().optional(),
  source: z.string(),
  mine: z.boolean(),
  /** Of a live session: how many watch now, and whether nobody is attached. */
  watchers: z.number().optional(),
  away: z.boolean().optional(),
  recording: RecordingView.optional(),
})
export type SessionView = z.infer<typeof SessionView>
/** Somebody's watching of a session. */
export const WatchView = z.object({ name: z.string(), startedAt: Time, endedAt: Time.optional() })
export type WatchView = z.infer<typeof WatchView>
export const GatewayView = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(['live', 'late', 'lost']),
  version: z.string(),
  since: Time,
  lastBeatAt: Time,
  sessions: z.number(),
  load: z.object({ cpu: z.number(), rssBytes: z.number(), eventLoopDelayMs: z.number() }).optional(),
})
export const VerifyView = z.object({
  state: z.enum(['verified', 'consistent', 'incomplete', 'altered']),
  blocks: z.number(),
  keyFingerprint: z.string().optional(),
  problem: z.string().optional(),
})

const Tags = z.array(z.string().min(1).max(64)).max(50)
const AssetInput = z.strictObject({
  name: AssetName,
  address: HostAddress,
  port: Port.default(22),
  protocol: z.literal('ssh').default('ssh'),
  tags: Tags.default([]),
  /** Needed for a loopback address while Sallyport listens beyond loopback. */
  confirmLoopback: z.boolean().optional(),
})
/** Without defaults: `partial()` would keep them, and a PATCH of the name would set the port back to 22. */
const AssetChange = AssetInput.extend({ port: Port, protocol: z.literal('ssh'), tags: Tags }).partial()
const AccountInput = z.strictObject({ username: AccountName, auth: AuthInput })
/** Quick connect as typed: `user@host:port`. */
const TargetText = z.string().min(3).max(400)

export const contract = {
  claim: {
    state: oc
      .route({ method: 'GET', path: '/claim', summary: 'Whether the first administrator still has to be made, and whose machine this is' })
      .output(z.object({ claimed: z.boolean(), machine: z.string() })),
    make: oc
      .route({ method: 'POST', path: '/claim', summary: 'Make the first administrator and sign in' })
      .input(z.strictObject({ token: z.string().max(100), username: OperatorName, password: Password }))
      .output(z.object({ operator: OperatorView })),
  },
  signIn: oc
    .route({ method: 'POST', path: '/sign-in' })
    .input(z.strictObject({ username: z.string().max(256), password: z.string().max(1024), code: z.string().max(20).optional() }))
    .output(z.object({ operator: OperatorView })),
  signOut: oc.route({ method: 'POST', path: '/sign-out' }).output(z.object({})),
  me: oc.route({ method: 'GET', path: '/me' }).output(OperatorView),
  assets: {
    list: oc
      .route({ method: 'GET', path: '/assets' })
      .input(listQuery(['name', 'address', 'createdAt', 'lastUsedAt']))
      .output(listOf(AssetView)),
    get: oc.route({ method: 'GET', path: '/assets/{id}' }).input(Id).output(AssetView),
    create: oc
      .route({ method: 'POST', path: '/assets', successStatus: 201 })
      .input(AssetInput.extend({ accounts: z.array(AccountInput).max(50).default([]), trusted: z.array(HostKey).max(20).default([]) }))
      .output(AssetView),
    update: oc.route({ method: 'PATCH', path: '/assets/{id}' }).input(Id.extend(AssetChange.shape)).output(AssetView),
    remove: oc.route({ method: 'DELETE', path: '/assets/{id}' }).input(Id).output(z.object({})),
    addAccount: oc.route({ method: 'POST', path: '/assets/{id}/accounts', successStatus: 201 }).input(AccountInput.extend(Id.shape)).output(AccountView),
    updateAccount: oc
      .route({ method: 'PATCH', path: '/assets/{id}/accounts/{account}' })
      .input(AccountInput.partial().extend({ ...Id.shape, account: z.string().max(60) }))
      .output(AccountView),
    removeAccount: oc
      .route({ method: 'DELETE', path: '/assets/{id}/accounts/{account}' })
      .input(Id.extend({ account: z.string().max(60) }))
      .output(z.object({})),
    scanHostKeys: oc
      .route({ method: 'POST', path: '/assets/{id}/host-keys/scan' })
      .input(Id)
      .output(z.object({ items: z.array(HostKey) })),
    trustHostKeys: oc
      .route({ method: 'PUT', path: '/assets/{id}/host-keys' })
      .input(Id.extend({ trusted: z.array(HostKey).max(20) }))
      .output(z.object({ items: z.array(HostKey) })),
    check: oc
      .route({ method: 'POST', path: '/assets/{id}/check', summary: 'Reach, host key, sign-in: three steps, each green or saying what failed' })
      .input(Id.extend({ account: z.string().max(60) }))
      .output(z.object({ steps: z.array(CheckStep) })),
  },
  checks: {
    scan: oc
      .route({ method: 'POST', path: '/checks/scan', summary: 'The host keys of an address that is not saved yet' })
      .input(z.strictObject({ address: HostAddress, port: Port, confirmLoopback: z.boolean().optional() }))
      .output(z.object({ items: z.array(HostKey) })),
    run: oc
      .route({ method: 'POST', path: '/checks', summary: 'The three steps for a host that is not saved yet' })
      .input(
        z.strictObject({
          address: HostAddress,
          port: Port,
          confirmLoopback: z.boolean().optional(),
          username: AccountName,
          auth: AuthInput,
          trusted: z.array(HostKey).max(20),
        }),
      )
      .output(z.object({ steps: z.array(CheckStep) })),
  },
  tickets: {
    create: oc
      .route({ method: 'POST', path: '/tickets', successStatus: 201 })
      .input(
        z.strictObject({
          kind: z.enum(['shell', 'files', 'watch', 'attach']),
          asset: z.string().max(60).optional(),
          account: z.string().max(64).optional(),
          session: z.string().max(60).optional(),
          address: TargetText.optional(),
        }),
      )
      .output(z.object({ ticket: z.string(), url: z.string(), expiresAt: Time })),
  },
  sessions: {
    list: oc
      .route({ method: 'GET', path: '/sessions' })
      .input(
        listQuery(['startedAt', 'endedAt', 'operator', 'asset', 'address', 'account', 'bytesOut', 'state', 'door', 'endReason']).extend({
          state: z.enum(['live', 'unreachable', 'ended']).optional(),
          recorded: z.stringbool().optional(),
          /** `true`: one's own alone, whatever else one may see. */
          mine: z.stringbool().optional(),
        }),
      )
      .output(listOf(SessionView)),
    get: oc.route({ method: 'GET', path: '/sessions/{id}' }).input(Id).output(SessionView),
    watches: oc
      .route({ method: 'GET', path: '/sessions/{id}/watches', summary: 'Who watches or watched, the newest 200' })
      .input(Id)
      .output(z.object({ items: z.array(WatchView) })),
    terminate: oc
      .route({ method: 'POST', path: '/sessions/{id}/terminate' })
      .input(Id.extend({ reason: z.string().min(1).max(500) }))
      .output(SessionView),
    verify: oc.route({ method: 'GET', path: '/sessions/{id}/recording/verify' }).input(Id).output(VerifyView),
    removeRecording: oc.route({ method: 'DELETE', path: '/sessions/{id}/recording' }).input(Id).output(z.object({})),
  },
  gateways: { list: oc.route({ method: 'GET', path: '/gateways' }).output(z.object({ items: z.array(GatewayView) })) },
  disk: {
    get: oc
      .route({ method: 'GET', path: '/disk', summary: 'Room for recordings: warned at 85 %, sessions refused at 95 %' })
      .output(z.object({ usedShare: z.number(), recordingsBytes: z.number(), state: z.enum(['ok', 'warning', 'refusing']) })),
  },
} as const

/** `GET /sessions/{id}/recording?format=v3|v2|txt` streams with ranges and stands outside the contract of JSON calls. */
export const recordingPath = (session: string, format: 'v3' | 'v2' | 'txt') => `/api/v1/sessions/${encodeURIComponent(session)}/recording?format=${format}`
/** Of a new session; of one that lives it is `/terminal/<session>`. */
export const terminalPath = '/terminal'
/** Every change a browser asks for carries this header; a foreign page cannot set it without a preflight that is never answered. */
export const csrfHeader = 'X-Sallyport'
