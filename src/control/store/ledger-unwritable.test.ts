import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { record, withLedger } from '../audit/ledger.ts'
import { engines, useEngine } from './test-engines.ts'

describe.each(engines)('a ledger on %s that takes no row', (name) => {
  const engine = useEngine(name)

  it('AUD-08: lets nothing be changed and nothing be done', async () => {
    const store = await engine.open()
    const isSqlite = name === 'sqlite'
    await store.transaction(async (trx) => {
      if (isSqlite) await sql`create trigger full before insert on audit begin select raise(abort, 'no ledger'); end`.execute(trx)
      else await sql`alter table audit add constraint full_now check (seq < 0) not valid`.execute(trx)
    })
    let acted = false
    const change = store.transaction(async (trx) => {
      await trx.insertInto('settings').values({ name: 'x', value: '1' }).execute()
      await record(trx, { code: 'settings.changed', outcome: 'done' }, 1)
    })
    await expect(change).rejects.toThrow(/no ledger|full_now/)
    await expect(
      withLedger(
        store,
        { code: 'credential.checked' },
        () => 1,
        () => Promise.resolve((acted = true)),
      ),
    ).rejects.toThrow(/no ledger|full_now/)
    expect([acted, await store.db.selectFrom('settings').select('name').where('name', '=', 'x').execute()]).toEqual([false, []])
    await store.transaction(async (trx) => {
      if (isSqlite) await sql`drop trigger full`.execute(trx)
      else await sql`alter table audit drop constraint full_now`.execute(trx)
    })
  })
})
