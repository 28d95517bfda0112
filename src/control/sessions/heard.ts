// What a beat says of sessions, written in one transaction however many there are.
import { SessionId } from '#domain/id.ts'
import type { EndsAt } from '#wire/link.ts'
import type { Trx } from '../store/open-store.ts'
import { whole } from './end-session.ts'

export type Heard = { id: string; bytesIn?: number; bytesOut?: number; idleMs?: number; endsAt?: number | undefined }

/** In one answer; the rest follow with the next beat, when these have been heard. */
const maxEndsAt = 500

/**
 * Notes that the gateway carries these sessions: those that were unreachable are live again, counters move on and never back. Sessions of other gateways and ended ones
 * are left alone, so a gateway that lists what is not its own changes nothing. Gives its open sessions, the listed ones that are none of them, and the ends of permissions that the gateway knows otherwise.
 */
export async function hear(
  trx: Trx,
  gateway: string,
  sessions: readonly Heard[],
  now: number,
): Promise<{ open: string[]; strays: string[]; endsAt: EndsAt[] }> {
  if (sessions.length === 0) return { open: [], strays: [], endsAt: [] }
  const rows = await trx
    .selectFrom('sessions')
    .select(['id', 'state', 'bytesIn', 'bytesOut', 'endsAt'])
    .where('gatewayId', '=', gateway)
    .where('state', '<>', 'ended')
    .execute()
  const endsAt: EndsAt[] = []
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
    if ((said.endsAt ?? null) !== row.endsAt && endsAt.length < maxEndsAt) endsAt.push({ session: SessionId.parse(row.id), endsAt: row.endsAt })
  }
  return { open: rows.map(({ id }) => id), strays: [...listed.keys()], endsAt }
}
