// Runs the same tests on both databases: `describe.each(engines)` with `useEngine(engine)`.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { type Postgres, startPostgres } from '../../../test/harness/postgres.ts'
import type { Engine } from './engine.ts'
import { openStore, type Store, type StoreLog, type StorePlace } from './open-store.ts'

export const engines: readonly Engine[] = ['sqlite', 'postgres']

export const silentLog: StoreLog = { info: () => undefined, warn: () => undefined, error: () => undefined }

export type TestEngine = {
  /** An empty database of this engine. */
  makePlace(): Promise<StorePlace>
  /** Opens a store, in a new place unless one is given; it is closed after the test. */
  open(place?: StorePlace): Promise<Store>
  /** A new folder that is removed after the test. */
  makeFolder(): string
  /** Everything that lies in the database, as an attacker who took it would see it. */
  postgres(): Postgres
}

/** To be called inside a `describe`: starts what the engine needs before its tests and clears away after them. */
export function useEngine(engine: Engine): TestEngine {
  let server: Postgres | undefined
  let stores: Store[] = []
  let folders: string[] = []
  if (engine === 'postgres')
    beforeAll(async () => {
      server = await startPostgres()
    }, 60_000)
  afterEach(async () => {
    await Promise.all(stores.map((store) => store.close()))
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
    stores = []
    folders = []
  })
  afterAll(() => server?.stop())

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
      const store = await openStore(place ?? (await makePlace()), silentLog)
      stores.push(store)
      return store
    },
  }
}
