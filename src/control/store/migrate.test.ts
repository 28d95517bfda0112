import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { migrate, type Migration, migrations } from './migrate.ts'
import { openPostgres } from './open-postgres.ts'
import { openSqlite } from './open-sqlite.ts'
import { openStore, type StorePlace } from './open-store.ts'
import { engines, silentLog, useEngine } from './test-engines.ts'

const step = (name: string, ...statements: string[]): Migration => ({ name, statements: () => statements })
const openBare = (place: StorePlace) =>
  'sqliteFile' in place ? openSqlite(place.sqliteFile, silentLog) : Promise.resolve(openPostgres(place.databaseUrl, silentLog))

describe.each(engines)('migrations on %s', (name) => {
  const engine = useEngine(name)

  it('takes each step once, in order', async () => {
    const { db, close } = await openBare(await engine.makePlace())
    const first = step('0001-a', 'create table a (x text)')
    const second = step('0002-b', 'alter table a add column y text')
    expect(await migrate(db, name, [first])).toEqual(['0001-a'])
    expect(await migrate(db, name, [first, second])).toEqual(['0002-b'])
    expect(await migrate(db, name, [first, second])).toEqual([])
    await close()
  })

  it('changes nothing when a step is interrupted, and succeeds when started again', async () => {
    const { db, close } = await openBare(await engine.makePlace())
    const first = step('0001-a', 'create table a (x text)')
    const broken = step('0002-b', 'create table b (x text)', 'this is not a statement')
    await expect(migrate(db, name, [first, broken])).rejects.toThrow('syntax error')
    await expect(sql`select * from a`.execute(db)).rejects.toThrow(/no such table|does not exist/)
    await expect(sql`select * from b`.execute(db)).rejects.toThrow(/no such table|does not exist/)
    expect(await migrate(db, name, [first, step('0002-b', 'create table b (x text)')])).toEqual(['0001-a', '0002-b'])
    await close()
  })

  it('refuses a database that a newer program has used, and leaves it as it is', async () => {
    const place = await engine.makePlace()
    const bare = await openBare(place)
    await migrate(bare.db, name, [...migrations, step('9999-later', 'create table later (x text)')])
    await bare.close()
    await expect(openStore(place, silentLog)).rejects.toThrow(new RegExp(`newer Sallyport.*9999-later.*${migrations.at(-1)?.name}`))
    const again = await openBare(place)
    expect((await sql`select name from migrations`.execute(again.db)).rows).toHaveLength(migrations.length + 1)
    await again.close()
  })

  it('lets two programs start on an empty database at once', async () => {
    const place = await engine.makePlace()
    const [one, other] = await Promise.all([engine.open(place), engine.open(place)])
    expect(await one.db.selectFrom('settings').selectAll().execute()).toEqual([])
    expect(await other.db.selectFrom('settings').selectAll().execute()).toEqual([])
  })

  it('numbers its steps from 0001 without a gap', () => {
    expect(migrations.map((each) => each.name.slice(0, 4))).toEqual(migrations.map((_each, index) => String(index + 1).padStart(4, '0')))
  })
})

describe.each(engines)('indices on %s', (name) => {
  const engine = useEngine(name)

  it('serves the sessions list from an index, whatever it is sorted by', async () => {
    const columns = ['startedAt', 'endedAt', 'operatorName', 'assetName', 'address', 'account', 'bytesOut', 'state', 'door', 'endReason'] as const
    const store = await engine.open()
    await store.transaction(async (trx) => {
      // On an empty table PostgreSQL would rather sort nothing than read an index.
      if (name === 'postgres') await sql`set local enable_sort = off`.execute(trx)
      for (const column of columns) {
        for (const order of [`"${column}", id`, `"${column}" desc nulls last, id desc`]) {
          // Where no value is missing the list does not say where missing ones go.
          const by = column === 'endedAt' || column === 'endReason' ? order : order.replace('nulls last', '')
          const list = sql.raw(`select * from sessions order by ${by} limit 50`)
          const plan = JSON.stringify((await (name === 'postgres' ? sql`explain ${list}` : sql`explain query plan ${list}`).execute(trx)).rows)
          expect(plan).toContain(`sessions_${column}`)
          expect(plan).not.toMatch(/TEMP B-TREE|Sort /)
        }
      }
    })
  })
})
