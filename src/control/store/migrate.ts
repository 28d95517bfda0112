// Brings the tables up to this program: all missing steps in one transaction under a lock, so that an interrupted start changes nothing and two controls do not do it twice.
import { type Kysely, sql } from 'kysely'
import type { Engine } from './engine.ts'
import { firstTables } from './migrations/0001-first-tables.ts'
import { endedLast } from './migrations/0002-ended-last.ts'
import { sessionSignIn } from './migrations/0003-session-sign-in.ts'
import { watches } from './migrations/0004-watches.ts'
import { hosts } from './migrations/0005-hosts.ts'
import { sessionLists } from './migrations/0006-session-lists.ts'
import { access } from './migrations/0007-access.ts'
import { ledger } from './migrations/0008-ledger.ts'
import { commands } from './migrations/0009-commands.ts'
import { vault } from './migrations/0010-vault.ts'
import { ledgerLists } from './migrations/0011-ledger-lists.ts'
import { sshDoor } from './migrations/0012-ssh-door.ts'
import { countedActs } from './migrations/0013-counted-acts.ts'
import { oldAlgorithms } from './migrations/0014-old-algorithms.ts'
import { transfers } from './migrations/0015-transfers.ts'
import type { Tables } from './schema.ts'

/** One step: the statements to run, in order. A step may say different things to the two engines. Steps are only ever added, never edited. */
export type Migration = { readonly name: string; statements(engine: Engine): readonly string[] }

/** In order; a name is remembered in the database for good. */
export const migrations: readonly Migration[] = [
  firstTables,
  endedLast,
  sessionSignIn,
  watches,
  hosts,
  sessionLists,
  access,
  ledger,
  commands,
  vault,
  ledgerLists,
  sshDoor,
  countedActs,
  oldAlgorithms,
  transfers,
]

/** Any number that no other program uses on the same database. */
const advisoryLock = 7_255_972_016

/** Returns the names of the steps that it took. Throws in words when the database knows a step that this program does not. */
export function migrate(db: Kysely<Tables>, engine: Engine, steps: readonly Migration[] = migrations): Promise<string[]> {
  return db.transaction().execute(async (trx) => {
    // SQLite: `begin immediate` is the lock already.
    if (engine === 'postgres') await sql`select pg_advisory_xact_lock(${advisoryLock})`.execute(trx)
    await sql`create table if not exists migrations (name text primary key, "appliedAt" ${sql.raw(engine === 'postgres' ? 'bigint' : 'integer')} not null)`.execute(
      trx,
    )
    const known = await sql<{ name: string }>`select name from migrations order by name`.execute(trx)
    const applied = new Set(known.rows.map((row) => row.name))
    const stranger = [...applied].find((name) => !steps.some((step) => step.name === name))
    if (stranger !== undefined)
      throw new Error(
        `the database was last used by a newer Sallyport: it has the step ${stranger}, this program ends at ${steps.at(-1)?.name ?? 'none'}. Start the newer version, or restore a backup that was made before it.`,
      )
    const missing = steps.filter((step) => !applied.has(step.name))
    for (const step of missing) {
      for (const statement of step.statements(engine)) await sql.raw(statement).execute(trx)
      await sql`insert into migrations (name, "appliedAt") values (${step.name}, ${Date.now()})`.execute(trx)
    }
    return missing.map((step) => step.name)
  })
}
