// Signs the end of the chain by the clock, and keeps no more heads than one could want.
import type { Store } from '../store/open-store.ts'
import type { LedgerKey } from '../vault/ledger-key.ts'
import { chainEnd } from './chain-rows.ts'
import { headBytes } from './head.ts'

export const signEveryMs = 60_000
const hourMs = 3_600_000
const dayMs = 24 * hourMs
const keepAllMs = 2 * dayMs
const keepHourlyMs = 90 * dayMs
const removedAtOnce = 500

/** Signs the end of the chain unless it was signed already. Returns the number that was signed. */
export async function signHead(store: Store, ledgerKey: LedgerKey, nowMs: number): Promise<number | undefined> {
  const end = await chainEnd(store.db)
  const last = await store.db.selectFrom('auditHeads').select('number').orderBy('number', 'desc').limit(1).executeTakeFirst()
  if (end === undefined || end.number <= (last?.number ?? 0)) return undefined
  const head = { number: end.number, hash: end.hash, time: nowMs, key: ledgerKey.fingerprint }
  const signature = Buffer.from(ledgerKey.sign(headBytes(head))).toString('base64')
  const row = { number: head.number, hash: head.hash, signature, signedAt: head.time, key: head.key }
  await store.transaction((trx) =>
    trx
      .insertInto('auditHeads')
      .values(row)
      .onConflict((conflict) => conflict.column('number').doNothing())
      .execute(),
  )
  return head.number
}

/** Removes what `superfluousHeads` names, as far as one turn goes. */
export async function thinHeads(store: Store, nowMs: number): Promise<void> {
  const old = await store.db
    .selectFrom('auditHeads')
    .select(['number', 'signedAt'])
    .where('signedAt', '<', nowMs - keepAllMs)
    .orderBy('number')
    .execute()
  const numbers = superfluousHeads(old, nowMs).slice(0, removedAtOnce)
  if (numbers.length > 0) await store.transaction((trx) => trx.deleteFrom('auditHeads').where('number', 'in', numbers).execute())
}

/** Of heads older than two days only the last of each hour is worth keeping, of those older than 90 days the last of each day. `heads` in their order. */
export function superfluousHeads(heads: readonly { number: number; signedAt: number }[], nowMs: number): number[] {
  const placeOf = ({ signedAt }: { signedAt: number }) => {
    const age = nowMs - signedAt
    if (age < keepAllMs) return undefined
    return age < keepHourlyMs ? `hour ${Math.floor(signedAt / hourMs)}` : `day ${Math.floor(signedAt / dayMs)}`
  }
  return heads.flatMap((head, index) => {
    const [place, next] = [placeOf(head), heads[index + 1]]
    return place !== undefined && next !== undefined && placeOf(next) === place ? [head.number] : []
  })
}
