// Sessions that nobody has spoken of for a while: shown as unreachable, and ended only when no gateway can ever report them.
import type { SessionEnd } from '#domain/session.ts'
import type { Store } from '../store/open-store.ts'
import { endSession } from './end-session.ts'

/** Three beats. Also the window in which a redeemed session is not yet in its gateway's beats. */
export const unheardAfterMs = 15_000
/** A dial is given up by its gateway long before; a gateway that crashed in between knows nothing of it. */
export const openingWithinMs = 3 * 60_000
/** Past this it is given up. A gateway that comes back with it after all is told to end it (`wishesFor`). */
export const lostAfterMs = 65 * 60_000
/** In one transaction; the rest follow with the next sweep. */
const batch = 200

/**
 * One sweep; returns how many rows it changed. `since` is when this control began to listen: gateways are given time to come back before anything is said of their sessions.
 * A live session whose gateway lists it again becomes live by `heard`.
 */
export async function sweepUnheard(store: Store, now: number, since: number): Promise<{ unreachable: number; ended: number }> {
  if (now - since < unheardAfterMs) return { unreachable: 0, ended: 0 }
  return store.transaction(async (trx) => {
    const silent = await trx
      .updateTable('sessions')
      .set({ state: 'unreachable' })
      .where('state', '=', 'live')
      .where((eb) => eb(eb.fn.coalesce('lastBeatAt', 'startedAt'), '<', now - unheardAfterMs))
      .executeTakeFirst()
    const lost = await trx
      .selectFrom('sessions')
      .selectAll()
      .where((eb) =>
        eb.or([
          eb.and([eb('state', '=', 'opening'), eb(eb.fn.coalesce('lastBeatAt', 'startedAt'), '<', now - openingWithinMs)]),
          eb.and([eb('state', '=', 'unreachable'), eb(eb.fn.coalesce('lastBeatAt', 'startedAt'), '<', now - lostAfterMs)]),
        ]),
      )
      .limit(batch)
      .execute()
    for (const row of lost)
      await endSession(
        trx,
        row,
        row.state === 'opening' ? neverOpened(now) : neverReturned(row.lastBeatAt ?? row.startedAt),
        { in: row.bytesIn, out: row.bytesOut },
        now,
      )
    return { unreachable: Number(silent.numUpdatedRows), ended: lost.length }
  })
}

const neverOpened = (now: number): SessionEnd => ({
  reason: 'host_unreachable',
  failure: 'gateway_unavailable',
  message: 'The gateway never said whether the host was reached. Try again.',
  at: now,
})
const neverReturned = (lastHeardAt: number): SessionEnd => ({
  reason: 'gateway_lost',
  message: 'The gateway that carried the session has not come back.',
  at: lastHeardAt,
})
