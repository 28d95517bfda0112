// Whether a recording is what was recorded, by its frames, its signed head, and what the database remembers of it.
import type { z } from 'zod'
import { Failure } from '#domain/failure.ts'
import type { Shelf } from '#recording/shelf.ts'
import { verifyRecording, type Verdict } from '#recording/verify.ts'
import type { VerifyView } from '#wire/api/sessions.ts'
import { record } from '../audit/ledger.ts'
import type { Store } from '../store/open-store.ts'
import type { Row } from '../store/row-types.ts'
import type { LedgerKey } from '../vault/ledger-key.ts'

export type VerifyParts = { store: Store; shelf: Shelf; ledgerKey: LedgerKey; now(): number }

/** Reads all of it. What is found altered is marked so, with one ledger row. Throws `recording_not_found`. */
export async function verifyStored(parts: VerifyParts, row: Row<'sessions'>): Promise<z.infer<typeof VerifyView>> {
  const { shelf, ledgerKey } = parts
  const found = await verifyRecording(shelf, row.id, (fingerprint) => (fingerprint === ledgerKey.fingerprint ? ledgerKey.publicKey : undefined))
  const verdict = againstRow(row, found, await headOf(shelf, row.id))
  if (!verdict) throw new Failure('recording_not_found', 'Nothing of this session is recorded yet.')
  if (verdict.state === 'altered' && row.recordingState !== 'altered') await markAltered(parts, row, verdict)
  const { state, blocks, key, problem } = verdict
  return { state, blocks, ...(key === undefined ? {} : { keyFingerprint: key }), ...(problem === undefined ? {} : { problem }) }
}

/** Who can write to the shelf can take the head away, or the whole recording: the row remembers that there was one, and which. */
function againstRow(row: Row<'sessions'>, found: Verdict | undefined, head: string | undefined): Verdict | undefined {
  if (row.recordingHead === null) return found
  if (!found) return { state: 'altered', blocks: 0, problem: 'the recording is gone from the shelf' }
  if (found.state === 'altered') return found
  if (head === undefined) return { ...found, state: 'altered', problem: 'the signed head is gone from the shelf' }
  if (head !== row.recordingHead) return { ...found, state: 'altered', problem: 'the head is not the one that was signed for this session' }
  return found
}

async function headOf(shelf: Shelf, session: string): Promise<string | undefined> {
  try {
    return (await shelf.head(session))?.head
  } catch {
    return undefined // it cannot be read: the verdict says so already
  }
}

async function markAltered({ store, now }: VerifyParts, row: Row<'sessions'>, verdict: Verdict): Promise<void> {
  await store.transaction(async (trx) => {
    const changed = await trx
      .updateTable('sessions')
      .set({ recordingState: 'altered' })
      .where('id', '=', row.id)
      .where('recordingState', 'in', ['intact', 'incomplete', 'writing'])
      .executeTakeFirst()
    if (changed.numUpdatedRows > 0n)
      await record(
        trx,
        {
          code: 'recording.altered',
          outcome: 'failed',
          object: row.id,
          detail: { problem: verdict.problem, blocks: verdict.blocks, operator: row.operatorId },
        },
        now(),
      )
  })
}
