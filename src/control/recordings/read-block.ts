// A gateway reads back what it has shown in a session that is still its own: its journal keeps only the last of it.
import { Failure } from '#domain/failure.ts'
import type { GatewayId } from '#domain/id.ts'
import type { Shelf } from '#recording/shelf.ts'
import { type Ask, maxRecordingBlockBytes, type RecordingBlock } from '#wire/link.ts'
import type { Refusals } from '../link/refusals.ts'
import { ownSession, refuseForeign } from '../sessions/own-session.ts'
import type { Store } from '../store/open-store.ts'

type BlockAsk = Extract<Ask, { ask: 'recording-block' }>

/** Throws `forbidden` for another gateway's session, `conflict` for one that has ended, `recording_not_found` when the shelf has no such block (yet), `too_large` for one that the link cannot carry. */
export async function readBlock(parts: { store: Store; shelf: Shelf; refusals: Refusals }, gateway: GatewayId, ask: BlockAsk): Promise<RecordingBlock> {
  const row = await ownSession(parts.store.db, gateway, ask.session)
  if (!row) throw await refuseForeign(parts.refusals, gateway, 'recording-block', ask.session)
  if (row.state === 'ended') throw new Failure('conflict', 'The session has ended.')
  const found = await parts.shelf.blockAt(ask.session, ask.atOffset)
  if (!found) throw new Failure('recording_not_found', 'The shelf does not hold that part of the recording.')
  if (found.frame.length > maxRecordingBlockBytes) throw new Failure('too_large', 'That block of the recording is too large for the link.')
  const { index, fromOffset, toOffset, fromMs, toMs } = found.header
  return { index, fromOffset, toOffset, fromMs, toMs, frame: Buffer.from(found.frame).toString('base64') }
}
