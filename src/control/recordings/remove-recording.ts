// Taking a recording off the shelf: first the row says so, then the files go, then the row says that they are gone. A crash in between is finished at the next sweep.
import type { Shelf } from '#recording/shelf.ts'
import { Failure } from '#domain/failure.ts'
import { record } from '../audit/ledger.ts'
import type { Store } from '../store/open-store.ts'

export type RemoveParts = { store: Store; shelf: Shelf; now(): number }
export type Why = { why: string; operator?: string | undefined; source?: string | undefined }

/** Throws `recording_not_found`, and `conflict` while it is being written. */
export async function removeRecording(parts: RemoveParts, session: string, { why, operator, source }: Why): Promise<void> {
  const { store, now } = parts
  await store.transaction(async (trx) => {
    const row = await trx
      .selectFrom('sessions')
      .select(['state', 'recordingState', 'recordingBytes', 'recordingFile'])
      .where('id', '=', session)
      .executeTakeFirst()
    if (!row || row.recordingState === null || row.recordingState === 'expired') throw new Failure('recording_not_found', 'There is no recording (any more).')
    if (row.recordingState === 'writing') throw new Failure('conflict', 'The recording is still being written. End the session first.')
    await trx.updateTable('sessions').set({ recordingState: 'expired' }).where('id', '=', session).execute()
    await record(
      trx,
      {
        code: 'recording.deleted',
        outcome: 'intent',
        operator,
        object: session,
        source,
        detail: { why, bytes: row.recordingBytes, file: row.recordingFile },
        before: row,
        after: { ...row, recordingState: 'expired', recordingBytes: 0 },
      },
      now(),
    )
  })
  await finishRemoval(parts, session, { operator, source })
}

/** `who` stands on the intent; a removal that is finished after a kill has no more than that. */
async function finishRemoval({ store, shelf, now }: RemoveParts, session: string, who: Omit<Why, 'why'> = {}): Promise<void> {
  await shelf.remove(session)
  await store.transaction(async (trx) => {
    await trx.updateTable('sessions').set({ recordingBytes: 0 }).where('id', '=', session).execute()
    await record(trx, { code: 'recording.deleted', outcome: 'done', ...who, object: session }, now())
  })
}

/** Removes the files of recordings whose removal was interrupted: those that are gone by their row and still count bytes. At most 1,000. */
export async function finishInterrupted(parts: RemoveParts): Promise<void> {
  const rows = await parts.store.db
    .selectFrom('sessions')
    .select('id')
    .where('recordingState', '=', 'expired')
    .where('recordingBytes', '>', 0)
    .limit(1000)
    .execute()
  for (const row of rows) await finishRemoval(parts, row.id)
}
