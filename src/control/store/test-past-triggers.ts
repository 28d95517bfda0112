// What somebody does to a database past the product, for tests: with a client of it, and as its owner, whom no trigger stops.
import Sqlite from 'better-sqlite3'
import { ask as askPostgres } from '../../../test/harness/postgres.ts'
import type { StorePlace } from './open-store.ts'

/** Statements of a client that may write. Rejects with what the database says. */
export async function askPlace(place: StorePlace, statement: string): Promise<void> {
  if ('databaseUrl' in place) await askPostgres(place.databaseUrl, statement)
  else useSqlite(place.sqliteFile, (sqlite) => sqlite.exec(statement))
}

/** The same of a superuser: without triggers, which are there again afterwards. */
export async function pastTriggers(place: StorePlace, ...statements: string[]): Promise<void> {
  if ('databaseUrl' in place) {
    await askPostgres(place.databaseUrl, ['set session_replication_role = replica', ...statements].join('; '))
    return
  }
  useSqlite(place.sqliteFile, (sqlite) => {
    const triggers = sqlite.prepare(`select name, sql from sqlite_master where type = 'trigger'`).all() as { name: string; sql: string }[]
    for (const { name } of triggers) sqlite.exec(`drop trigger "${name}"`)
    for (const statement of statements) sqlite.exec(statement)
    for (const { sql } of triggers) sqlite.exec(sql)
  })
}

function useSqlite(file: string, use: (sqlite: Sqlite.Database) => void): void {
  const sqlite = new Sqlite(file)
  try {
    use(sqlite)
  } finally {
    sqlite.close()
  }
}
