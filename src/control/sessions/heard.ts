// What a beat says of sessions, written in one transaction however many there are.
import type { Trx } from '../store/open-store.ts'
import { whole } from './end-session.ts'

export type Heard = { id: string; bytesIn?: number; bytesOut?: number; idleMs?: number }

/**
 * Notes that the gateway carries these sessions: those that were unreachable are live again, counters move on and never back. Sessions of other gateways and ended ones
 * are left alone, so a gateway that lists what is not its own changes nothing. Gives its open sessions, and the listed ones that are none of them.
 */
export async function hear(trx: Trx, gateway: string, sessions: readonly Heard[], now: number): Promise<{ open: string[]; strays: string[] }> {
  if (sessions.length === 0) return { open: [], strays: [] }
  const rows = await trx
    .selectFrom('sessions')
    .select(['id', 'state', 'bytesIn', 'bytesOut'])
    .where('gatewayId', '=', gateway)
    .where('state', '<>', 'ended')
    .execute()
  const listed = new Map(sessions.map((session) => [session.id, session]))
  for (const row of rows) {
    const said = listed.get(row.id)
    if (!said) continue
    await trx
      .updateTable('sessions')
      .set({
        lastBeatAt: now,
        ...(row.state === 'unreachable' ? { state: 'live' } : {}),
        ...(said.bytesIn === undefined ? {} : { bytesIn: Math.max(row.bytesIn, whole(said.bytesIn)) }),
        ...(said.bytesOut === undefined ? {} : { bytesOut: Math.max(row.bytesOut, whole(said.bytesOut)) }),
        ...(said.idleMs === undefined ? {} : { idleMs: whole(said.idleMs) }),
      })
      .where('id', '=', row.id)
      .execute()
    listed.delete(row.id)
  }
  return { open: rows.map(({ id }) => id), strays: [...listed.keys()] }
}
