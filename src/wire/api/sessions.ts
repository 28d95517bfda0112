// Sessions, live and ended, their recordings, and the gateways that hold them.
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { EndReason } from '#domain/end-reason.ts'
import { RecordingState, SessionState } from '#domain/session.ts'
import { SessionKind } from '#domain/session-kind.ts'
import { sentence } from '#domain/shown-text.ts'
import { Id, listOf, listQuery, Time } from './lists.ts'
import { sessionColumns } from './session-columns.ts'

export const RecordingView = z.object({ fileName: z.string(), seconds: z.number(), bytes: z.number(), state: RecordingState })
export const SessionView = z.object({
  id: z.string(),
  operator: z.string(),
  asset: z.string(),
  /** Of a saved host that still exists. */
  assetId: z.string().optional(),
  address: z.string(),
  account: z.string(),
  door: z.enum(['web', 'ssh', 'api']),
  kind: SessionKind,
  /** What was asked to run, of a session that is no shell. */
  command: z.string().optional(),
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
  /** Why the operator opened it, as they said. */
  reason: z.string().optional(),
  /** When its permission ends, as far as is known. */
  endsAt: Time.optional(),
  /** Names of the grants that permitted it, as they are called now; those that are gone are left out. */
  grants: z.array(z.string()).optional(),
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

/** What narrows a list of sessions besides `q`. */
export const sessionFilters = {
  state: z.enum(['live', 'unreachable', 'ended']).optional(),
  kind: SessionKind.optional(),
  door: z.enum(['web', 'ssh', 'api']).optional(),
  recorded: z.stringbool().optional(),
  /** `true`: one's own alone, whatever else one may see. */
  mine: z.stringbool().optional(),
  /** Id or name of a host, or of a person. */
  asset: z.string().max(300).optional(),
  operator: z.string().max(100).optional(),
  endReason: EndReason.optional(),
  /** Began at or after, and before. */
  since: Time.optional(),
  until: Time.optional(),
}
export const sessionsQuery = listQuery(sessionColumns).extend(sessionFilters)

export const sessions = {
  list: oc.route({ method: 'GET', path: '/sessions' }).input(sessionsQuery).output(listOf(SessionView)),
  get: oc.route({ method: 'GET', path: '/sessions/{id}' }).input(Id).output(SessionView),
  watches: oc
    .route({ method: 'GET', path: '/sessions/{id}/watches', summary: 'Who watches or watched, the newest 200' })
    .input(Id)
    .output(z.object({ items: z.array(WatchView) })),
  terminate: oc
    .route({ method: 'POST', path: '/sessions/{id}/terminate' })
    .input(Id.extend({ reason: sentence(500) }))
    .output(SessionView),
  verify: oc.route({ method: 'GET', path: '/sessions/{id}/recording/verify' }).input(Id).output(VerifyView),
  removeRecording: oc.route({ method: 'DELETE', path: '/sessions/{id}/recording' }).input(Id).output(z.object({})),
}
export const gateways = { list: oc.route({ method: 'GET', path: '/gateways' }).output(z.object({ items: z.array(GatewayView) })) }
