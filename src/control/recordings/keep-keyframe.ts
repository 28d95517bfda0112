// Screens for seeking on their way to the shelf. Nobody waits for them: what cannot be kept is dropped.
import type { GatewayId } from '#domain/id.ts'
import type { Shelf } from '#recording/shelf.ts'
import type { Keyframe } from '#wire/link.ts'
import type { Refusals } from '../link/refusals.ts'
import { ownSession, refuseForeign } from '../sessions/own-session.ts'
import type { Store } from '../store/open-store.ts'

export type KeyframeParts = { store: Store; shelf: Shelf; refusals: Refusals; disk: { readonly isLow: boolean } }

/** Keeps it beside a recording that is still being written. Throws `forbidden` for another gateway's session. */
export async function keepKeyframe({ store, shelf, refusals, disk }: KeyframeParts, gateway: GatewayId, keyframe: Keyframe): Promise<void> {
  const row = await ownSession(store.db, gateway, keyframe.session)
  if (!row) throw await refuseForeign(refusals, gateway, 'keyframe', keyframe.session)
  // The first block comes within 5 s of the first output; what is sealed does not change any more.
  if (row.recordingState === 'expired' || row.recordingHead !== null || disk.isLow || (await shelf.state(keyframe.session)) === undefined) return
  await shelf.addScreen(keyframe)
}
