// The end of a recording: the gateway says that all blocks are there, control looks whether they are, and signs.
import type { AuditEvent } from '#domain/audit-event.ts'
import type { GatewayId } from '#domain/id.ts'
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
  // Signed before, and then control died before the row was written: the first signature stands.
  const head = await sealRecording(shelf, report, parts.ledgerKey, new Date(parts.now()))
  await setRecording(
    parts,
    report.session,
    { recordingState: head.incomplete ? 'incomplete' : 'intact', recordingSeconds: head.seconds, recordingBytes: state.bytes, recordingHead: head.head },
    {
      code: 'recording.sealed',
      outcome: 'done',
      operator: row.operatorId,
      object: row.id,
      detail: { blocks: head.blocks, head: head.head, seconds: head.seconds, incomplete: head.incomplete, key: head.key },
    },
  )
  parts.onSealed()
}

type RecordingColumns = { recordingState: string | null; recordingSeconds?: number; recordingBytes?: number; recordingHead?: string }

async function setRecording({ store, now }: SealParts, session: string, columns: RecordingColumns, event?: AuditEvent): Promise<void> {
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
