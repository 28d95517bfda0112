// Work that one control at a time may do on a database, however many share it.
import { sql } from 'kysely'
import type { Engine } from './engine.ts'
import type { Trx } from './open-store.ts'

/** One for each kind of work; any numbers that no other program uses on the same database. */
export const turns = { sequencer: 7_255_972_017 } as const

/**
 * To be asked first in a transaction: whether it has the turn until its end; never waits. From then on each statement sees all that is committed when it begins: a
 * serializable transaction would see the state before it had the turn, and reading what others write would make PostgreSQL throw their work away.
 */
export async function hasTurn(trx: Trx, engine: Engine, turn: keyof typeof turns): Promise<boolean> {
  // SQLite: the transaction is the only writer already.
  if (engine === 'sqlite') return true
  await sql`set transaction isolation level read committed`.execute(trx)
  const { rows } = await sql<{ mine: boolean }>`select pg_try_advisory_xact_lock(${turns[turn]}) as mine`.execute(trx)
  return rows[0]?.mine === true
}
