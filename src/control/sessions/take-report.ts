// What gateways report of their sessions, each taken once and committed before it is acknowledged.
import type { GatewayId } from '#domain/id.ts'
import type { Report } from '#wire/link.ts'
import { noteReach, saysAway } from '../assets/reach.ts'
import { record } from '../audit/ledger.ts'
import type { Refusals } from '../link/refusals.ts'
import type { Store } from '../store/open-store.ts'
import { endSession, whole } from './end-session.ts'
import { ownSession, refuseForeign } from './own-session.ts'

export type ReportParts = { store: Store; refusals: Refusals }

/** Marks the session live; told again, or after its end, it changes nothing. Throws `forbidden` for another gateway's session. */
export async function takeBegan(
  { store, refusals }: ReportParts,
  gateway: GatewayId,
  report: Extract<Report, { report: 'began' }>,
  now: number,
): Promise<void> {
  const known = await store.transaction(async (trx) => {
    const row = await ownSession(trx, gateway, report.session)
    if (!row || row.state === 'ended' || row.beganAt !== null) return row !== undefined
    const beganAt = Math.min(now, Math.max(row.startedAt, whole(report.at)))
    await trx.updateTable('sessions').set({ state: 'live', beganAt, lastBeatAt: now }).where('id', '=', row.id).execute()
    if (row.assetId !== null) await noteReach(trx, row.assetId, { ok: true, rttMs: report.rttHostMs }, now)
    await record(
      trx,
      {
        code: 'session.began',
        outcome: 'done',
        operator: row.operatorId,
        object: row.id,
        source: row.source,
        detail: { asset: row.assetName, account: row.account, hostKey: report.hostKey, gateway },
      },
      now,
    )
    return true
  })
  if (!known) throw await refuseForeign(refusals, gateway, 'report began', report.session)
}

/** Marks the session ended with the gateway's reason; told again it changes nothing. Throws `forbidden` for another gateway's session. */
export async function takeEnded(
  { store, refusals }: ReportParts,
  gateway: GatewayId,
  report: Extract<Report, { report: 'ended' }>,
  now: number,
): Promise<void> {
  const known = await store.transaction(async (trx) => {
    const row = await ownSession(trx, gateway, report.session)
    if (!row) return false
    const hasEnded = await endSession(trx, row, report.end, { in: report.bytesIn, out: report.bytesOut }, now)
    const { failure } = report.end
    if (hasEnded && row.assetId !== null && row.beganAt === null && saysAway(failure)) await noteReach(trx, row.assetId, { ok: false, failure }, now)
    return true
  })
  if (!known) throw await refuseForeign(refusals, gateway, 'report ended', report.session)
}
