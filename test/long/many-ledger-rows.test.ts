// The page of the ledger with 100,000 rows on both databases. On a quiet machine the slowest takes about half of what is promised.
import path from 'node:path'
import { expect, it } from 'vitest'
import { auditTimes, fillLedger } from '../../src/control/audit/test-ledger-rows.ts'
import { openStore, type StorePlace } from '../../src/control/store/open-store.ts'
import { ask, startPostgres } from '../harness/postgres.ts'
import { makeTempFolder } from '../harness/temp-folder.ts'

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }

it.each(['sqlite', 'postgres'] as const)('answers within 150 ms, 95 times of 100, for every order and every filter: %s', async (engine) => {
  const folder = await makeTempFolder('many-ledger-rows')
  const server = engine === 'postgres' ? await startPostgres() : undefined
  const place: StorePlace = server ? { databaseUrl: await server.makeDatabase() } : { sqliteFile: path.join(folder.path, 'db', 'sallyport.db') }
  const store = await openStore(place, silent)
  try {
    await fillLedger(store, 100_000)
    // As its own autovacuum leaves the table within a minute or two.
    if ('databaseUrl' in place) await ask(place.databaseUrl, 'vacuum analyze audit')
    const times = await auditTimes(store, 20, 0.95)
    process.stdout.write(`${engine}: ${JSON.stringify(times.slice(0, 8))}\n`)
    expect(times[0]?.[1], JSON.stringify(times)).toBeLessThan(150)
  } finally {
    await store.close()
    await server?.stop()
    await folder.remove()
  }
})
