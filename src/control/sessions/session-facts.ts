// A row of a session as the API shows it.
import { z } from 'zod'
import { formatAddress } from '#domain/asset.ts'
import { EndReason } from '#domain/end-reason.ts'
import { SessionKind } from '#domain/session-kind.ts'
import { RecordingState, SessionState } from '#domain/session.ts'
import type { SessionFacts } from '../http/desks.ts'
import type { Row } from '../store/row-types.ts'
import type { Presence } from './presence.ts'

export type SessionRow = Row<'sessions'>

export const doorOf = ({ door }: Pick<SessionRow, 'door'>): SessionFacts['door'] => (door === 'ssh' || door === 'api' ? door : 'web')

const time = (ms: number) => new Date(ms).toISOString()

/** `grantNames`: by id, of the grants that are still there. `gatewayName` null: the gateway was removed; `existingAsset` null: so was the host, or it never was saved. The row is parsed, not trusted: another program may have written it. `presence` knows who is at a live one. */
export function factsOf(
  row: SessionRow & { gatewayName: string | null; existingAsset: string | null },
  presence?: Presence,
  grantNames: ReadonlyMap<string, string> = new Map(),
): SessionFacts {
  const grants = row.grants === null ? undefined : grantIdsOf(row).flatMap((id) => grantNames.get(id) ?? [])
  const recordingState = row.recordingState === null ? undefined : RecordingState.parse(row.recordingState)
  return {
    id: row.id,
    operatorId: row.operatorId,
    operator: row.operatorName,
    asset: row.assetName,
    ...(row.existingAsset === null ? {} : { assetId: row.existingAsset }),
    address: formatAddress(row.address, row.port),
    account: row.account,
    door: doorOf(row),
    kind: SessionKind.catch('shell').parse(row.kind),
    ...(row.command === null ? {} : { command: row.command }),
    state: SessionState.parse(row.state),
    startedAt: time(row.startedAt),
    gateway: row.gatewayName ?? row.gatewayId,
    bytesIn: row.bytesIn,
    bytesOut: row.bytesOut,
    source: row.source,
    ...(row.endedAt === null ? {} : { endedAt: time(row.endedAt) }),
    ...(row.endReason === null ? {} : { endReason: EndReason.parse(row.endReason) }),
    ...(row.endMessage === null ? {} : { endMessage: row.endMessage }),
    ...(row.failure === null ? {} : { failure: row.failure }),
    ...(row.exitStatus === null ? {} : { exitStatus: row.exitStatus }),
    ...(row.idleMs === null || row.state === 'ended' ? {} : { idleMs: row.idleMs }),
    ...(row.reason === null ? {} : { reason: row.reason }),
    ...(row.endsAt === null || row.state === 'ended' ? {} : { endsAt: time(row.endsAt) }),
    ...(grants === undefined ? {} : { grants }),
    ...(presence && row.state === 'live' ? presence.of(row.gatewayId, row.id) : {}),
    ...(recordingState === undefined
      ? {}
      : { recording: { fileName: row.recordingFile ?? `${row.id}.cast`, seconds: row.recordingSeconds, bytes: row.recordingBytes, state: recordingState } }),
  }
}

const GrantIds = z.array(z.string()).catch([])
/** The grants by which it was permitted; none of a quick connect. */
export const grantIdsOf = ({ grants }: Pick<SessionRow, 'grants'>): string[] => (grants === null ? [] : GrantIds.parse(JSON.parse(grants)))
