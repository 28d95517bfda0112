// The end of a recording: the gateway says that all blocks are there, control looks whether they are, and signs.
import type { AuditEvent } from '#domain/audit-event.ts'
import { SessionId, type GatewayId } from '#domain/id.ts'
import { Failure } from '#domain/failure.ts'
import { sealRecording } from '#recording/seal.ts'
import type { Shelf } from '#recording/shelf.ts'
import type { Report } from '#wire/link.ts'
import { record } from '../audit/ledger.ts'
import type { Refusals } from '../link/refusals.ts'
import { ownSession, refuseForeign } from '../sessions/own-session.ts'
import type { Store } from '../store/open-store.ts'
import type { LedgerKey } from '../vault/ledger-key.ts'

export type SealParts = {
  store: Store
  shelf: Shelf
  refusals: Refusals
  ledgerKey: LedgerKey
  now(): number
  /** Called after a recording was sealed: retention by bytes may want to look. */
  onSealed(): void
}
type Sealed = Extract<Report, { report: 'sealed' }>

/** Seals once; told again it changes nothing. What is signed is counted from the shelf, not taken from the gateway. Throws `forbidden` for another gateway's session, `conflict` when the shelf holds something else. */
export async function takeSealed(parts: SealParts, gateway: GatewayId, report: Sealed): Promise<void> {
  const { store, shelf } = parts
  const row = await ownSession(store.db, gateway, report.session)
  if (!row) throw await refuseForeign(parts.refusals, gateway, 'report sealed', report.session)
  if (row.recordingHead !== null || row.recordingState === 'expired') return
  const state = await shelf.state(report.session)
  if (!state && report.blocks === 0) return setRecording(parts, report.session, { recordingState: null })
  if (!state || state.blocks !== report.blocks || state.last.sha256 !== report.head) {
    // Fewer blocks: some never came. Others: the gateway says of its recording what the shelf does not hold.
    const recordingState = (state?.blocks ?? 0) < report.blocks ? 'incomplete' : 'altered'
    const detail = { blocks: report.blocks, head: report.head, shelfBlocks: state?.blocks ?? 0, shelfHead: state?.last.sha256, gateway }
    await setRecording(parts, report.session, { recordingState }, { code: 'recording.altered', outcome: 'failed', object: report.session, detail })
    throw new Failure('conflict', 'The shelf does not hold the blocks that were reported.')
  }
  await sealOnShelf(parts, report, row.operatorId)
}

/** A gateway that has not come back by then never will; until then its spool may hold blocks that are missing here. */
export const forgottenAfterMs = 7 * 24 * 3_600_000

/** Seals, as incomplete, recordings of sessions that ended a week ago and whose gateway never sealed them, so that they can be verified, removed and expire. At most 200. */
export async function sealForgotten(parts: Omit<SealParts, 'refusals'>): Promise<void> {
  const { store, shelf } = parts
  const rows = await store.db
    .selectFrom('sessions')
    .select(['id', 'operatorId'])
    .where('state', '=', 'ended')
    .where('recordingState', '=', 'writing')
    .where('endedAt', '<', parts.now() - forgottenAfterMs)
    .limit(200)
    .execute()
  for (const { id, operatorId } of rows) {
    const state = await shelf.state(id)
    if (!state) {
      await setRecording(parts, id, { recordingState: null })
      continue
    }
    const report: Sealed = {
      report: 'sealed',
      session: SessionId.parse(id),
      blocks: state.blocks,
      head: state.last.sha256,
      seconds: state.last.toMs / 1000,
      castBytes: 0,
      incomplete: true,
    }
    await sealOnShelf(parts, report, operatorId)
  }
}

async function sealOnShelf(parts: Omit<SealParts, 'refusals'>, report: Sealed, operator: string): Promise<void> {
  const { shelf } = parts
  // Signed before, and then control died before the row was written: the first signature stands.
  const head = await sealRecording(shelf, report, parts.ledgerKey, new Date(parts.now()))
  const { bytes } = (await shelf.state(report.session)) ?? { bytes: 0 }
  const columns = { recordingState: head.incomplete ? 'incomplete' : 'intact', recordingSeconds: head.seconds, recordingBytes: bytes, recordingHead: head.head }
  const detail = { blocks: head.blocks, head: head.head, seconds: head.seconds, incomplete: head.incomplete, key: head.key }
  await setRecording(parts, report.session, columns, { code: 'recording.sealed', outcome: 'done', operator, object: report.session, detail })
  parts.onSealed()
}

type RecordingColumns = { recordingState: string | null; recordingSeconds?: number; recordingBytes?: number; recordingHead?: string }

async function setRecording({ store, now }: Pick<SealParts, 'store' | 'now'>, session: string, columns: RecordingColumns, event?: AuditEvent): Promise<void> {
  await store.transaction(async (trx) => {
    // Sealed or removed between our look and now: that stands.
    const changed = await trx
      .updateTable('sessions')
      .set(columns)
      .where('id', '=', session)
      .where('recordingHead', 'is', null)
      .where((eb) => eb.or([eb('recordingState', 'is', null), eb('recordingState', '<>', 'expired')]))
      .executeTakeFirst()
    if (event && changed.numUpdatedRows > 0n) await record(trx, event, now())
  })
}
