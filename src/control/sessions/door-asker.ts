// Who asks at the SSH door: a sign-in that this gateway made, and that still holds.
import type { Asker } from '#domain/access.ts'
import { Failure } from '#domain/failure.ts'
import type { GatewayId } from '#domain/id.ts'
import { askerOf, findSignIn } from '../sign-in/sign-ins.ts'
import type { Trx } from '../store/open-store.ts'

/** Written no more often than this. */
const seenEveryMs = 60_000

/**
 * The operator as they are now. Throws `unauthenticated` when the sign-in has ended, is not of the SSH door or was made by another gateway: all look the same. A sign-in that is used
 * counts as seen, as the list of one's own shows it.
 */
export async function doorAsker(trx: Trx, gateway: GatewayId, signInId: string, now: number): Promise<Asker> {
  const row = await findSignIn(trx, signInId, now)
  if (row?.door !== 'ssh' || row.gatewayId !== gateway) throw new Failure('unauthenticated', 'Your sign-in has ended. Connect again.')
  if (now - row.lastSeenAt >= seenEveryMs)
    await trx.updateTable('signIns').set({ lastSeenAt: now }).where('id', '=', signInId).where('lastSeenAt', '<', now).execute()
  return askerOf(trx, row, row.secondFactorAt !== null)
}
