// A database that is only looked at, beside whoever uses it or with nobody there: nothing in it can be changed through this.
import { existsSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import { Kysely, PostgresDialect, sql, SqliteDialect } from 'kysely'
import pg from 'pg'
import type { Engine } from './engine.ts'
import type { StorePlace } from './open-store.ts'
import { readNumber, wideNumbers } from './open-postgres.ts'
import type { Tables } from './schema.ts'

export type Reading = { readonly engine: Engine; readonly db: Kysely<Tables>; close(): Promise<void> }

/** Throws in words when it is not there, or has not taken the step `since` yet. */
export async function openForReading(place: StorePlace, since: string): Promise<Reading> {
  const [engine, db]: [Engine, Kysely<Tables>] =
    'sqliteFile' in place ? ['sqlite', readSqlite(place.sqliteFile)] : ['postgres', readPostgres(place.databaseUrl)]
  const reading: Reading = { engine, db, close: () => db.destroy() }
  try {
    const steps = await sql<{ name: string }>`select name from migrations`.execute(db)
    if (!steps.rows.some(({ name }) => name === since)) throw new Error('the database is of an older Sallyport: start this one with it once')
    return reading
  } catch (error) {
    await reading.close()
    throw error
  }
}

function readSqlite(file: string): Kysely<Tables> {
  if (!existsSync(file)) throw new Error(`there is no database ${file}`)
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database: new Sqlite(file, { readonly: true, fileMustExist: true, timeout: 5000 }) }) })
}

function readPostgres(databaseUrl: string): Kysely<Tables> {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: 1,
    connectionTimeoutMillis: 5000,
    application_name: 'sallyport',
    options: '-c default_transaction_read_only=on',
    types: { getTypeParser: (oid, format) => (wideNumbers.has(oid) && format !== 'binary' ? readNumber : pg.types.getTypeParser(oid, format)) },
  })
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
}
