// Each control on the database says which vault keys it has, so that a rotation waits for all of them; and follows what a rotation has made current.
import { setTimeout as pause } from 'node:timers/promises'
import type { Store } from '../store/open-store.ts'
import { currentKeyId, type LiveVault } from './vault.ts'

export const beatEveryMs = 2000
/** Without a change of its beat for so long a control is taken for dead. */
const deadAfterMs = 8000
/** A row of this age was left by a kill. */
const staleAfterMs = 60_000
/** Who read a text just before it was sealed anew can still open it. */
const keptAfterRetiringMs = 60_000

export type ReplicaParts = {
  store: Store
  vault: LiveVault
  /** Of this process alone. */
  id: string
  /** What a person knows it by: the machine. */
  name: string
  /** ms since the epoch */
  now(): number
}

/** Reads the folder of keys again, follows the database, and says so in its row. Throws in words, after saying it there too, when the folder cannot be read or lacks the current key. */
export async function beat({ store, vault, id, name, now }: ReplicaParts): Promise<void> {
  let problem: string | null = null
  try {
    vault.ring.look()
    const current = await currentKeyId(store.db)
    if (current !== undefined && current !== vault.keyId) vault.follow(current)
    const retired = await store.db.selectFrom('vaultKeys').select(['id', 'changedAt']).where('state', '=', 'retired').execute()
    for (const key of retired) if (key.id !== vault.keyId && key.changedAt < now() - keptAfterRetiringMs) vault.ring.retire(key.id)
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error)
  }
  await store.transaction(async (trx) => {
    const facts = { keyIds: JSON.stringify(vault.ring.ids), currentKey: vault.keyId, problem, lastBeatAt: now() }
    const row = await trx.selectFrom('controlReplicas').select('beat').where('id', '=', id).executeTakeFirst()
    if (row)
      return await trx
        .updateTable('controlReplicas')
        .set({ ...facts, beat: row.beat + 1 })
        .where('id', '=', id)
        .execute()
    // On SQLite there is one control; elsewhere machines may be called alike.
    const left = trx.deleteFrom('controlReplicas')
    await (store.engine === 'sqlite' ? left : left.where('lastBeatAt', '<', now() - staleAfterMs)).execute()
    return await trx
      .insertInto('controlReplicas')
      .values({ ...facts, id, name, beat: 1 })
      .execute()
  })
  if (problem !== null) throw new Error(problem)
}

/** A control that stops in order is not waited for. */
export async function leave({ store, id }: Pick<ReplicaParts, 'store' | 'id'>): Promise<void> {
  await store.transaction((trx) => trx.deleteFrom('controlReplicas').where('id', '=', id).execute())
}

export type Replica = { name: string; keyIds: readonly string[]; currentKey: string; problem: string | null }
export type Wait = { withinMs: number; deadAfterMs?: number; everyMs?: number }

/** Resolves with the live controls that are not `ready`: none as soon as all are, those that are left when the time is over. Whoever shows no beat is dead and not waited for. */
export async function waitForReplicas(store: Store, ready: (replica: Replica) => boolean, wait: Wait): Promise<Replica[]> {
  const first = new Map<string, number>()
  const begun = performance.now()
  for (;;) {
    const rows = await store.db.selectFrom('controlReplicas').selectAll().execute()
    for (const row of rows) if (!first.has(row.id)) first.set(row.id, row.beat)
    const waited = performance.now() - begun
    // Until then nobody can tell a dead one from one that is slow.
    const isEarly = waited < Math.min(wait.deadAfterMs ?? deadAfterMs, wait.withinMs)
    const left = rows.map((row) => ({ ...read(row), isLive: isEarly || row.beat !== first.get(row.id) })).filter((replica) => !ready(replica) && replica.isLive)
    if (left.length === 0 || waited > wait.withinMs) return left
    await pause(wait.everyMs ?? 250)
  }
}

function read(row: { name: string; keyIds: string; currentKey: string; problem: string | null }): Replica {
  const keyIds: unknown = JSON.parse(row.keyIds)
  return { name: row.name, keyIds: Array.isArray(keyIds) ? keyIds.map(String) : [], currentKey: row.currentKey, problem: row.problem }
}
