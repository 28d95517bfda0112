import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import Sqlite from 'better-sqlite3'
import { CompiledQuery, type DatabaseConnection, Kysely, SqliteDialect, SqliteDriver } from 'kysely'
import type { Opened, StoreLog } from './open-store.ts'
import { openReserve } from './reserve.ts'
import type { Tables } from './schema.ts'

/** A wait for another process (a backup, say) blocks this thread, so it is short; `transaction` tries again. */
const busyTimeoutMs = 250

/** Opens the file with WAL and a sync at every commit: a row that was acknowledged survives a power cut. File 0600 in a folder 0700. */
export function openSqlite(file: string, log: StoreLog): Promise<Opened> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  chmodSync(dirname(file), 0o700)
  // SQLite gives its side files (-wal, -shm) the mode of the database, so the file must have it before they are made.
  closeSync(openSync(file, 'a', 0o600))
  chmodSync(file, 0o600)
  const sqlite = new Sqlite(file, { timeout: busyTimeoutMs })
  for (const setting of ['journal_mode = wal', 'synchronous = full', 'foreign_keys = on', 'trusted_schema = off', 'cell_size_check = on'])
    sqlite.pragma(setting)
  if (sqlite.pragma('journal_mode', { simple: true }) !== 'wal') {
    sqlite.close()
    return Promise.reject(
      new Error(`the database ${file} cannot use a write-ahead log: its file system does not allow shared memory. Put the data folder on a local disk.`),
    )
  }
  const db = new Kysely<Tables>({ dialect: new OneWriterDialect(sqlite) })
  const reserve = openReserve(`${file}.reserve`, log)
  return Promise.resolve({ engine: 'sqlite', db, width: 1, reserve, close: () => db.destroy() })
}

class OneWriterDialect extends SqliteDialect {
  readonly #sqlite: Sqlite.Database
  constructor(sqlite: Sqlite.Database) {
    super({ database: sqlite })
    this.#sqlite = sqlite
  }
  override createDriver() {
    return new OneWriterDriver(this.#sqlite)
  }
}

class OneWriterDriver extends SqliteDriver {
  readonly #sqlite: Sqlite.Database
  constructor(sqlite: Sqlite.Database) {
    super({ database: sqlite })
    this.#sqlite = sqlite
  }
  /** The write lock is taken at the start: a transaction that read first and writes later could not wait for it and would fail. */
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }
  /** SQLite undoes a transaction by itself when the disk is full; undoing it again would hide that error behind another. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#sqlite.inTransaction) await connection.executeQuery(CompiledQuery.raw('rollback'))
  }
}
