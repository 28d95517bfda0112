// Runs the same tests on both databases, each in its project: `describe.each(engines)` with `useEngine(engine)`.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, inject } from 'vitest'
import { ask, type Postgres, startPostgres } from '../../../test/harness/postgres.ts'
import type { Engine } from './engine.ts'
import { openStore, type Store, type StoreLog, type StorePlace } from './open-store.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    engines: readonly Engine[]
  }
}

/** As the project says (`vitest.config.ts`): the units on SQLite, the rooms on PostgreSQL. */
export const engines: readonly Engine[] = inject('engines')

export const silentLog: StoreLog = { info: () => undefined, warn: () => undefined, error: () => undefined }

export type TestEngine = {
  /** An empty database of this engine. */
  makePlace(): Promise<StorePlace>
  /** Opens a store, in a new place unless one is given; it is closed after the test. */
  open(place?: StorePlace): Promise<Store>
  /** A new folder that is removed after the test. */
  makeFolder(): string
  /** The server, where the engine has one. */
  postgres(): Postgres
}

/** To be called inside a `describe`: starts what the engine needs before its tests and clears away after them. */
export function useEngine(engine: Engine): TestEngine {
  let server: Postgres | undefined
  let stores: Store[] = []
  let folders: string[] = []
  // Making a database takes longer than most tests, so emptied ones are used again.
  let emptied: StorePlace[] = []
  let used: StorePlace[] = []
  if (engine === 'postgres')
    beforeAll(async () => {
      server = await startPostgres()
    }, 60_000)
  afterEach(async () => {
    await Promise.all(stores.map((store) => store.close()))
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
    for (const place of used) if ('databaseUrl' in place) await empty(place.databaseUrl)
    emptied = [...emptied, ...used]
    stores = []
    folders = []
    used = []
  })
  afterAll(() => server?.stop(), 60_000)

  const postgres = () => {
    if (!server) throw new Error('PostgreSQL was not started for these tests')
    return server
  }
  const makeFolder = () => {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-store-'))
    folders.push(folder)
    return folder
  }
  const makePlace = async (): Promise<StorePlace> =>
    engine === 'sqlite' ? { sqliteFile: join(makeFolder(), 'db', 'sallyport.db') } : { databaseUrl: await postgres().makeDatabase() }
  return {
    makePlace,
    makeFolder,
    postgres,
    async open(place) {
      const own = place ?? emptied.pop() ?? (await makePlace())
      if (!place && engine === 'postgres') used.push(own)
      const store = await openStore(own, silentLog)
      stores.push(store)
      return store
    },
  }
}

/** Deletes every row, also those that triggers guard: what a superuser can do is why the ledger is chained. TRUNCATE would make and sync some fifty new files. */
async function empty(databaseUrl: string): Promise<void> {
  const rows = await ask(databaseUrl, `select format('%I', tablename) as name from pg_tables where schemaname = 'public' and tablename <> 'migrations'`)
  await ask(databaseUrl, ['set session_replication_role = replica', ...rows.map((row) => `delete from ${String(row['name'])}`)].join('; '))
}
