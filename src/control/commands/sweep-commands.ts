// Commands, and what sessions without a screen did, are kept for a year: longer than most recordings, for they are small and what an audit asks for first.
import type { Store } from '../store/open-store.ts'

export const commandsKeptMs = 365 * 24 * 3_600_000
const rowsAtOnce = 5000
/** Of one sweep; the next goes on. */
const maxRounds = 100

type Kept = 'commands' | 'transfers' | 'forwards'

export async function sweepCommands(store: Store, now: number): Promise<void> {
  for (const table of ['commands', 'transfers', 'forwards'] as const) await sweep(store, table, now)
}

async function sweep(store: Store, table: Kept, now: number): Promise<void> {
  for (let round = 0; round < maxRounds; round += 1) {
    const gone = await store.transaction(async (trx) => {
      const last = await trx
        .selectFrom(table)
        .select('at')
        .where('at', '<', now - commandsKeptMs)
        .orderBy('at')
        .limit(1)
        .offset(rowsAtOnce)
        .executeTakeFirst()
      const until = last?.at ?? now - commandsKeptMs
      await trx.deleteFrom(table).where('at', '<', until).execute()
      return last !== undefined
    })
    if (!gone) return
  }
}
