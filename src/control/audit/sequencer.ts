// Puts committed ledger rows into the chain: one sequencer for each database, in small transactions.
import { setImmediate as breathe } from 'node:timers/promises'
import { hasTurn } from '../store/only-one.ts'
import type { Store } from '../store/open-store.ts'
import { chainEnd } from './chain-rows.ts'
import { chainHash, chainStart } from './chain.ts'

/** Rows of one transaction: some 5 ms in which no other writer of SQLite gets in. */
const rowsAtOnce = 200
/** Transactions of one turn; what is left waits for the next. */
const batchesAtOnce = 100
/** With a margin for a busy machine, rows are chained within a second. */
export const chainEveryMs = 250

/** Chains what has been committed. Resolves with how many rows that were; 0 also when another control has the turn. */
export async function chainRows(store: Store, now: () => number): Promise<number> {
  let chained = 0
  for (let batch = 0; batch < batchesAtOnce; batch += 1) {
    // Looked at outside of a transaction: most of the time there is nothing, and nobody should wait for that.
    const isWaiting = await store.db.selectFrom('auditWaiting').select('seq').limit(1).executeTakeFirst()
    const count = isWaiting === undefined ? 0 : await chainBatch(store, now())
    chained += count
    if (count === 0) break
    // SQLite answers without ever leaving the turn of the event loop: others get theirs.
    await breathe()
  }
  return chained
}

/** The rows of the smallest numbers that wait, whatever was chained before: a number may be committed after a higher one. */
function chainBatch(store: Store, nowMs: number): Promise<number> {
  return store.transaction(async (trx) => {
    if (!(await hasTurn(trx, store.engine, 'sequencer'))) return 0
    const rows = await trx
      .selectFrom('auditWaiting as waiting')
      .innerJoin('audit', 'audit.seq', 'waiting.seq')
      .selectAll('audit')
      .orderBy('waiting.seq')
      .limit(rowsAtOnce)
      .execute()
    if (rows.length === 0) return 0
    const end = await chainEnd(trx)
    let [number, hash] = [end?.number ?? 0, end?.hash ?? chainStart]
    // Time never goes back along the chain, whatever the clock does.
    const chainedAt = Math.max(nowMs, end?.chainedAt ?? 0)
    const links = rows.map((row) => {
      number += 1
      hash = chainHash(hash, { ...row, number, chainedAt })
      return { number, seq: row.seq, hash, chainedAt }
    })
    await trx.insertInto('auditChain').values(links).execute()
    const seqs = rows.map(({ seq }) => seq)
    await trx.deleteFrom('auditWaiting').where('seq', 'in', seqs).execute()
    return rows.length
  })
}
