import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Opened, StoreLog } from './open-store.ts'
import type { Tables } from './schema.ts'

/** Oids of int8 and numeric (pg_type.dat): counts, sums, times and sizes come in these. */
export const wideNumbers = new Set([20, 1700])

/** Connections; some are left for reading beside the transactions. */
const maxConnections = 10
const maxTransactions = 6

/** A bounded pool. Whole numbers beyond 2^31 come back as numbers; one beyond 2^53 is an error, never a rounded value. */
export function openPostgres(databaseUrl: string, log: StoreLog): Opened {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: maxConnections,
    connectionTimeoutMillis: 5000,
    idleTimeoutMillis: 30_000,
    application_name: 'sallyport',
    // A statement or a transaction that hangs would hold one of the connections for good.
    statement_timeout: 30_000,
    lock_timeout: 10_000,
    idle_in_transaction_session_timeout: 30_000,
    types: { getTypeParser: (oid, format) => (wideNumbers.has(oid) && format !== 'binary' ? readNumber : pg.types.getTypeParser(oid, format)) },
  })
  // Without a listener the loss of an idle connection would end the process; the pool replaces it by itself.
  pool.on('error', (error) => log.warn({ error: error.message }, 'an idle database connection was lost'))
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  return { engine: 'postgres', db, width: maxTransactions, close: () => db.destroy() }
}

export function readNumber(text: string): number {
  const number = Number(text)
  if (Number.isInteger(number) && !Number.isSafeInteger(number)) throw new Error('a number in the database is too large to be held exactly')
  return number
}
