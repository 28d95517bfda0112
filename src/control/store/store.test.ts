import { execFile } from 'node:child_process'
import { chmodSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { isUniqueViolation } from './engine.ts'
import { openStore, type Store } from './open-store.ts'
import { engines, silentLog, useEngine } from './test-engines.ts'

const setting = (store: Store, name: string) => store.db.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst()
const gateway = { publicKey: 'k', name: 'g', state: 'live', version: '1', load: null }

describe.each(engines)('store on %s', (name) => {
  const engine = useEngine(name)

  it('keeps what was committed when it is opened again', async () => {
    const place = await engine.makePlace()
    const first = await engine.open(place)
    await first.transaction((trx) => trx.insertInto('settings').values({ name: 'a', value: '行 🦀' }).execute())
    await first.close()
    const second = await engine.open(place)
    expect(await setting(second, 'a')).toEqual({ value: '行 🦀' })
    expect(second.engine).toBe(name)
  })

  it('undoes everything when the work throws', async () => {
    const store = await engine.open()
    const work = store.transaction(async (trx) => {
      await trx.insertInto('settings').values({ name: 'a', value: '1' }).execute()
      throw new Error('changed my mind')
    })
    await expect(work).rejects.toThrow('changed my mind')
    expect(await setting(store, 'a')).toBeUndefined()
  })

  it('gives times and sizes beyond 2^31 back as numbers, and sums and counts too', async () => {
    const store = await engine.open()
    const since = 1_795_251_758_121
    await store.transaction((trx) =>
      trx
        .insertInto('gateways')
        .values({ id: 'g1', ...gateway, since, lastBeatAt: 2 ** 52 + 1 })
        .execute(),
    )
    const row = await store.db.selectFrom('gateways').select(['since', 'lastBeatAt']).executeTakeFirstOrThrow()
    expect(row).toStrictEqual({ since, lastBeatAt: 2 ** 52 + 1 })
    const facts = await store.db
      .selectFrom('gateways')
      .select((of) => [of.fn.countAll<number>().as('count'), of.fn.sum<number>('since').as('sum')])
      .executeTakeFirstOrThrow()
    expect(facts).toStrictEqual({ count: 1, sum: since })
  })

  it('refuses a fraction where whole numbers stand', async () => {
    const store = await engine.open()
    const write = store.transaction((trx) =>
      trx
        .insertInto('gateways')
        .values({ id: 'g1', ...gateway, since: 1.5, lastBeatAt: 1 })
        .execute(),
    )
    await expect(write).rejects.toThrow(/bigint|cannot store REAL/)
  })

  it('sorts text by its bytes', async () => {
    const store = await engine.open()
    const names = ['é', 'a', 'B', '_', 'b', '日']
    await store.transaction((trx) =>
      trx
        .insertInto('settings')
        .values(names.map((each) => ({ name: each, value: '' })))
        .execute(),
    )
    const rows = await store.db.selectFrom('settings').select('name').orderBy('name').execute()
    expect(rows.map((row) => row.name)).toEqual(['B', '_', 'a', 'b', 'é', '日'])
  })

  it('loses no count when forty transactions read and write the same row at once', async () => {
    const store = await engine.open()
    await store.transaction((trx) => trx.insertInto('settings').values({ name: 'n', value: '0' }).execute())
    const add = () =>
      store.transaction(async (trx) => {
        const before = await trx.selectFrom('settings').select('value').where('name', '=', 'n').executeTakeFirstOrThrow()
        await trx
          .updateTable('settings')
          .set({ value: String(Number(before.value) + 1) })
          .where('name', '=', 'n')
          .execute()
      })
    await Promise.all(Array.from({ length: 40 }, add))
    expect(await setting(store, 'n')).toEqual({ value: '40' })
  })

  it('tells a taken name apart from other errors', async () => {
    const store = await engine.open()
    const insert = () => store.transaction((trx) => trx.insertInto('settings').values({ name: 'a', value: '1' }).execute())
    await insert()
    const taken = await insert().catch((error: unknown) => error)
    expect(isUniqueViolation(taken)).toBe(true)
    const other = await store.transaction((trx) => sql`select nonsense`.execute(trx)).catch((error: unknown) => error)
    expect(isUniqueViolation(other)).toBe(false)
  })

  it('refuses a query beside the running transaction instead of waiting for itself', async () => {
    const store = await engine.open()
    const beside = store.transaction(() => setting(store, 'a'))
    await expect(beside).rejects.toThrow('beside the running transaction')
    const nested = store.transaction(() => store.transaction(() => Promise.resolve()))
    await expect(nested).rejects.toThrow('begun inside another')
    expect(await setting(store, 'a')).toBeUndefined()
  })

  it('lets what a transaction left behind use the store after it', async () => {
    const store = await engine.open()
    const later = await store.transaction(() => Promise.resolve({ read: new Promise((resolve) => setTimeout(() => resolve(setting(store, 'a')), 20)) }))
    expect(await later.read).toBeUndefined()
  })

  it('deletes the accounts of a deleted asset with it', async () => {
    const store = await engine.open()
    const asset = { id: 'as1', name: 'web1', address: 'h', port: 22, protocol: 'ssh', tags: '[]', createdAt: 1, lastUsedAt: null, confirmedLoopback: 0 }
    const account = { id: 'ac1', assetId: 'as1', username: 'root', authKind: 'ask', publicKey: null, keyAlgorithm: null, sealed: null, createdAt: 1 }
    await store.transaction(async (trx) => {
      await trx.insertInto('assets').values(asset).execute()
      await trx.insertInto('accounts').values(account).execute()
      await trx.deleteFrom('assets').execute()
    })
    expect(await store.db.selectFrom('accounts').selectAll().execute()).toEqual([])
  })
})

describe('store in a file', () => {
  const engine = useEngine('sqlite')

  it('lets nobody else read the database or its log, even where the folder was open', async () => {
    const place = await engine.makePlace()
    if (!('sqliteFile' in place)) throw new Error('not a file')
    await (await openStore(place, silentLog)).close()
    chmodSync(place.sqliteFile, 0o644)
    chmodSync(dirname(place.sqliteFile), 0o755)
    const store = await engine.open(place)
    await store.transaction((trx) => trx.insertInto('settings').values({ name: 'a', value: '1' }).execute())
    const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)
    expect(mode(dirname(place.sqliteFile))).toBe('700')
    for (const file of ['', '-wal', '-shm', '.reserve']) expect(mode(`${place.sqliteFile}${file}`)).toBe('600')
  })

  it('syncs every commit', async () => {
    const store = await engine.open()
    expect((await sql<{ synchronous: number }>`pragma synchronous`.execute(store.db)).rows).toEqual([{ synchronous: 2 }])
    expect((await sql<{ journal_mode: string }>`pragma journal_mode`.execute(store.db)).rows).toEqual([{ journal_mode: 'wal' }])
  })

  it('waits for another process that writes, and then goes on', async () => {
    const place = await engine.makePlace()
    const store = await engine.open(place)
    if (!('sqliteFile' in place)) throw new Error('not a file')
    const hold = `const d = new (require('better-sqlite3'))(process.argv[1]); d.exec('begin immediate'); console.log('held'); setTimeout(() => { d.exec('commit'); d.close() }, 500)`
    const holder = promisify(execFile)(process.execPath, ['-e', hold, place.sqliteFile], { cwd: import.meta.dirname })
    await new Promise((resolve) => holder.child.stdout?.once('data', resolve))
    await store.transaction((trx) => trx.insertInto('settings').values({ name: 'a', value: '1' }).execute())
    expect(await setting(store, 'a')).toEqual({ value: '1' })
    await holder
  })
})

describe('store on a server', () => {
  it('says in words that the server cannot be reached', async () => {
    await expect(openStore({ databaseUrl: 'postgresql://sallyport@127.0.0.1:1/none' }, silentLog)).rejects.toThrow(/ECONNREFUSED/)
  })
})
