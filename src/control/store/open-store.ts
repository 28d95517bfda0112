// The one door to the database. SQLite by default, PostgreSQL beyond one machine; what is written above it does not know which.
import { setTimeout as pause } from 'node:timers/promises'
import { Kysely, type Transaction } from 'kysely'
import { Failure } from '#domain/failure.ts'
import { type Engine, isContention, isDiskFull } from './engine.ts'
import { Lanes } from './lanes.ts'
import { migrate } from './migrate.ts'
import { openPostgres } from './open-postgres.ts'
import { openSqlite } from './open-sqlite.ts'
import type { Reserve } from './reserve.ts'
import type { Tables } from './schema.ts'
import { inTransactionScope, refusesBesideTransaction } from './transaction-scope.ts'

export type { Engine } from './engine.ts'
/** Where rows are written: every change is made in one of these, with its ledger row. */
export type Trx = Transaction<Tables>
export type StoreLog = { info(facts: object, words: string): void; warn(facts: object, words: string): void; error(facts: object, words: string): void }
export type StorePlace = { sqliteFile: string } | { databaseUrl: string }

export type Store = {
  readonly engine: Engine
  /** For reading outside a transaction. Refuses to be used inside one. */
  readonly db: Kysely<Tables>
  /**
   * Runs `work` alone (SQLite) or serializable (PostgreSQL), and commits durably before it resolves. Whatever `work` throws undoes it all.
   * `work` may run several times when another transaction was in the way: it must do nothing but use its transaction.
   * Raises `rate_limited` when the database stays contended, `disk_full` when it cannot grow even after the reserve was given up.
   */
  transaction<T>(work: (trx: Trx) => Promise<T>): Promise<T>
  /** Room kept for signing in and deleting on a full disk; undefined where the database lies on another machine. */
  readonly reserve: Reserve | undefined
  close(): Promise<void>
}

export type Opened = {
  engine: Engine
  db: Kysely<Tables>
  /** How many transactions run side by side. */
  width: number
  reserve?: Reserve
  close(): Promise<void>
}

/** 8 tries pause for less than a second together: longer contention is an overload, and is said. */
const maxTries = 8
/** At start another control may be taking long steps on the same database: some 20 s. */
const maxStartTries = 45

/** Opens or makes the database and brings its tables up to this program. Throws in words when the database is newer than the program, or cannot be reached. */
export async function openStore(place: StorePlace, log: StoreLog): Promise<Store> {
  const opened = 'sqliteFile' in place ? await openSqlite(place.sqliteFile, log) : openPostgres(place.databaseUrl, log)
  try {
    const applied = await tryAgain(() => migrate(opened.db, opened.engine), maxStartTries)
    if (applied.length > 0) log.info({ engine: opened.engine, applied }, 'the database was brought up to this program')
  } catch (error) {
    await opened.close()
    throw error
  }
  const lanes = new Lanes(opened.width)
  return {
    engine: opened.engine,
    db: opened.db.withPlugin(refusesBesideTransaction),
    transaction: (work) => inTransactionScope(() => transact(opened, lanes, work, log)),
    reserve: opened.reserve,
    close: opened.close,
  }
}

async function transact<T>({ db, engine, reserve }: Opened, lanes: Lanes, work: (trx: Trx) => Promise<T>, log: StoreLog): Promise<T> {
  // SQLite has no levels: `begin immediate` makes every transaction the only writer.
  const run = () => (engine === 'postgres' ? db.transaction().setIsolationLevel('serializable') : db.transaction()).execute(work)
  // Under a crowd PostgreSQL lets one of many win and throws the work of the others away; so whoever lost once runs again alone.
  const runInTurn = () => tryAgain((tries) => lanes.run(tries > 1, run), maxTries)
  try {
    return await runInTurn()
  } catch (error) {
    if (!isDiskFull(error)) throw error
    if (!reserve?.giveUp()) throw diskFull(error)
    log.warn({}, 'the disk is full: the reserve was given up so that people can sign in and delete')
  }
  try {
    return await runInTurn()
  } catch (error) {
    throw isDiskFull(error) ? diskFull(error) : error
  }
}

const diskFull = (cause: unknown) => new Failure('disk_full', 'The disk is full: nothing more can be written. Delete recordings or make room.', { cause })

/** Runs `work` until no other transaction is in its way, with pauses that double up to half a second, at most `tries` times. */
async function tryAgain<T>(work: (tries: number) => Promise<T>, tries: number): Promise<T> {
  for (let done = 1; ; done += 1) {
    try {
      return await work(done)
    } catch (error) {
      if (!isContention(error)) throw error
      if (done >= tries) throw new Failure('rate_limited', 'The database is busy. Try again in a moment.', { cause: error })
    }
    // Jitter, so that two that met do not meet again; nothing is guessed from it.
    await pause(Math.min(5 * 2 ** (done - 1), 500) * (0.5 + Math.random() / 2))
  }
}
