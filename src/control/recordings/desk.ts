// What the API asks about recordings.
import { Failure } from '#domain/failure.ts'
import { castRange, exportRecording } from '#recording/reader.ts'
import type { RecordingsDesk } from '../http/desks.ts'
import type { Row } from '../store/row-types.ts'
import type { DiskWatch } from './disk-watch.ts'
import { removeRecording } from './remove-recording.ts'
import { verifyStored, type VerifyParts } from './verify-recording.ts'

export type RecordingsParts = VerifyParts & { disk: Pick<DiskWatch, 'state' | 'usedShare' | 'look'> }

export function openRecordingsDesk(parts: RecordingsParts): RecordingsDesk {
  const { store, shelf, disk, now } = parts
  return {
    async open(session, format) {
      const row = await recorded(parts, session)
      if ((await shelf.state(session)) === undefined) throw row.recordingState === 'writing' ? pending() : notFound()
      const fileName = row.recordingFile ?? `${session}.cast`
      const head = row.recordingHead === null ? undefined : await shelf.head(session)
      if (format !== 'v3') return { fileName, ...(head ? { etag: head.head } : {}), bytes: () => exportRecording(shelf, session, format) }
      return {
        fileName,
        ...(head ? { etag: head.head, lengthBytes: head.castBytes } : {}),
        bytes: (from, until) =>
          from === undefined && until === undefined
            ? exportRecording(shelf, session, 'v3')
            : castRange(shelf, session, from ?? 0, until ?? head?.castBytes ?? Infinity),
      }
    },
    async screens(session) {
      await recorded(parts, session)
      return shelf.screens(session)
    },
    verify: async (session) => verifyStored(parts, await recorded(parts, session)),
    async remove(session, by) {
      await removeRecording({ store, shelf, now }, session, { why: 'asked', operator: by.operator.id, source: by.source })
      // Whoever deletes to make room sees at once whether it was enough.
      await disk.look()
    },
    disk: async () => ({ usedShare: disk.usedShare, recordingsBytes: await shelf.totalBytes(), state: disk.state }),
  }
}

/** The first block leaves the gateway after 5 seconds at most, or when the session ends. */
const pending = () => new Failure('recording_pending', 'Nothing of this recording has arrived yet. Try again in a few seconds.')
const notFound = () => new Failure('recording_not_found', 'There is no recording (any more).')

async function recorded({ store }: RecordingsParts, session: string): Promise<Row<'sessions'>> {
  const row = await store.db.selectFrom('sessions').selectAll().where('id', '=', session).executeTakeFirst()
  if (!row || row.recordingState === null || row.recordingState === 'expired') throw notFound()
  return row
}
