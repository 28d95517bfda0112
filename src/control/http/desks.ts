// What the API needs of the rooms behind it: narrow interfaces that control.ts fills with the live sessions, the link and the shelf. The API asks and shows; each desk keeps its own rules and its own transactions.
import type { z } from 'zod'
import type { Asker } from '#domain/access.ts'
import type { EndReason } from '#domain/end-reason.ts'
import type { SessionKind } from '#domain/session-kind.ts'
import type { sessionColumns } from '#wire/api/session-columns.ts'
import type { GatewayView, SessionView, VerifyView, WatchView } from '#wire/api/sessions.ts'
import type { Probe, ProbeAnswer } from '#wire/link.ts'

/** A session as stored, before it is known who asks: whose it is stands in `operatorId`. */
export type SessionFacts = Omit<SessionView, 'mine'> & { operatorId: string }
export type SessionColumn = (typeof sessionColumns)[number]
export type SessionsQuery = {
  q?: string | undefined
  sort?: SessionColumn | `-${SessionColumn}` | undefined
  /** From 1. */
  page: number
  /** 1 to 200. */
  size: number
  /** `live` includes sessions that are still opening. */
  state?: 'live' | 'unreachable' | 'ended' | undefined
  kind?: SessionKind | undefined
  door?: 'web' | 'ssh' | 'api' | undefined
  recorded?: boolean | undefined
  /** Id or name of a host, or of a person. */
  asset?: string | undefined
  operator?: string | undefined
  endReason?: EndReason | undefined
  /** Began at or after, and before; ms since the epoch. */
  since?: number | undefined
  until?: number | undefined
  /** Only the sessions of this operator: both `total` and `of` count no others. */
  ownedBy?: string | undefined
}
/** Who did it and from where, for the ledger row that the desk writes in its own transaction. */
export type Actor = { operator: Asker; source: string; requestId?: string }

export interface SessionsDesk {
  list(query: SessionsQuery): Promise<{ items: SessionFacts[]; total: number; of: number }>
  /** At most `most` of the list in its order, in pieces that are read as they are taken. */
  all(query: Omit<SessionsQuery, 'page' | 'size'>, most: number): Promise<{ count: number; rows: AsyncIterable<SessionFacts[]> }>
  get(session: string): Promise<SessionFacts | undefined>
  /** Who watches or watched it, the newest 200 first. */
  watches(session: string): Promise<WatchView[]>
  /** Marks `mustEnd` and writes `session.terminate_asked` in one transaction, then pushes. Throws `session_not_found`, `conflict` when it has ended. Access has been decided by the caller. */
  terminate(session: string, reason: string, by: Actor): Promise<SessionFacts>
}

export interface GatewaysDesk {
  list(): Promise<z.infer<typeof GatewayView>[]>
  /** Whether a header carries the API token of a gateway whose link is up; compares in constant time. */
  isGatewayToken(token: string): boolean
  /** Sends a probe to a live gateway and waits, bounded by the desk (30 s at most) and by the signal. Throws `gateway_unavailable` when none is live, and the gateway's own failure as it came. */
  probe(probe: Probe, signal?: AbortSignal): Promise<ProbeAnswer>
}

export type RecordingFormat = 'v3' | 'v2' | 'txt'
export type OpenedRecording = {
  fileName: string
  /** Known when the session has ended and the format is the stored one (v3): only then are ranges served. */
  lengthBytes?: number | undefined
  /** A strong validator without quotes, once nothing changes any more. */
  etag?: string | undefined
  /** The bytes from `from` up to and without `until`, in chunks of at most 1 MiB; whole when both are left out. Closed by the caller (return) at any moment. */
  bytes(from?: number, until?: number): AsyncIterable<Uint8Array>
}

export interface RecordingsDesk {
  /** Throws `recording_not_found` when there is none (any more). Of a live session: what the shelf holds so far. */
  open(session: string, format: RecordingFormat): Promise<OpenedRecording>
  /** JSON lines of screens for seeking, `{offset, atMs, cols, rows, text}`, as far as there are any. Throws `recording_not_found`. */
  screens(session: string): Promise<AsyncIterable<string>>
  verify(session: string): Promise<z.infer<typeof VerifyView>>
  /** Removes the recording and keeps the session; writes `recording.deleted`. Throws `recording_not_found`, `conflict` while it is being written. */
  remove(session: string, by: Actor): Promise<void>
  disk(): Promise<{ usedShare: number; recordingsBytes: number; state: 'ok' | 'warning' | 'refusing' }>
}
