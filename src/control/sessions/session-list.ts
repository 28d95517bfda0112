// Sessions as lists show them, the same on both engines: a page, all of a list for a file, or one.
import type { SessionFacts, SessionsQuery } from '../http/desks.ts'
import type { Store } from '../store/open-store.ts'
import { findSessions } from './find-sessions.ts'
import type { Presence } from './presence.ts'
import { factsOf, grantIdsOf } from './session-facts.ts'

/** Rows of a file are read so many at a time: a few milliseconds of the database. */
const chunkSize = 400

/** One page. `q` is found in operator, host, address or account, taken literally, without regard to case. `now` in ms: what lives has lasted until then. */
export async function listSessions(
  store: Store,
  query: SessionsQuery,
  presence?: Presence,
  now = Date.now(),
): Promise<{ items: SessionFacts[]; total: number; of: number }> {
  const { ids, total, of } = await findSessions(store, query, { offset: (query.page - 1) * query.size, limit: query.size }, now)
  return { items: await sessionsOf(store, ids, presence), total, of }
}

/** At most `most` of a list in its order, read as the reader takes them. What is removed meanwhile is left out. */
export async function allSessions(
  store: Store,
  query: Omit<SessionsQuery, 'page' | 'size'>,
  most: number,
  now: number,
): Promise<{ count: number; rows: AsyncIterable<SessionFacts[]> }> {
  const { ids } = await findSessions(store, query, { offset: 0, limit: most }, now)
  return {
    count: ids.length,
    rows: (async function* () {
      for (let at = 0; at < ids.length; at += chunkSize) yield await sessionsOf(store, ids.slice(at, at + chunkSize))
    })(),
  }
}

export async function getSession(store: Store, session: string, presence?: Presence): Promise<SessionFacts | undefined> {
  return (await sessionsOf(store, [session], presence))[0]
}

/** In the order of the ids; those that are not there are left out. */
async function sessionsOf(store: Store, ids: readonly string[], presence?: Presence): Promise<SessionFacts[]> {
  if (ids.length === 0) return []
  const rows = await store.db
    .selectFrom('sessions')
    .leftJoin('gateways', 'gateways.id', 'sessions.gatewayId')
    .leftJoin('assets', 'assets.id', 'sessions.assetId')
    .selectAll('sessions')
    .select(['gateways.name as gatewayName', 'assets.id as existingAsset'])
    .where('sessions.id', 'in', ids)
    .execute()
  const byId = new Map(rows.map((row) => [row.id, row]))
  const names = await grantNamesOf(store, new Set(rows.flatMap(grantIdsOf)))
  return ids.flatMap((id) => {
    const row = byId.get(id)
    return row ? [factsOf(row, presence, names)] : []
  })
}

/** As they are called now. */
async function grantNamesOf(store: Store, ids: ReadonlySet<string>): Promise<Map<string, string>> {
  if (ids.size === 0) return new Map()
  const rows = await store.db
    .selectFrom('grants')
    .select(['id', 'name'])
    .where('id', 'in', [...ids])
    .execute()
  return new Map(rows.map(({ id, name }) => [id, name]))
}
