import { describe, expect, it } from 'vitest'
import { Failure } from '#domain/failure.ts'
import { engines, useEngine } from '../store/test-engines.ts'
import { listLedger, record, recordMany, withLedger } from './ledger.ts'

describe.each(engines)('ledger on %s', (name) => {
  const engine = useEngine(name)

  it('stands in the transaction of the act: both or neither', async () => {
    const store = await engine.open()
    const act = (fails: boolean) =>
      store.transaction(async (trx) => {
        await trx
          .insertInto('settings')
          .values({ name: String(fails), value: '' })
          .execute()
        await record(trx, { code: 'settings.changed', outcome: 'done', object: String(fails) }, 5)
        if (fails) throw new Error('undone')
      })
    await act(false)
    await expect(act(true)).rejects.toThrow('undone')
    expect(await store.db.selectFrom('settings').select('name').execute()).toEqual([{ name: 'false' }])
    expect((await listLedger(store.db)).map((row) => row.object)).toEqual(['false'])
  })

  it('keeps hostile text as one row without a control byte', async () => {
    const store = await engine.open()
    const evil = `x\r\n\u001b[2J\u0000","code":"forged"${'é'.repeat(1_000_000)}`
    await store.transaction((trx) =>
      record(trx, { code: 'operator.sign_in_failed', outcome: 'refused', operator: evil, object: evil, source: evil, detail: { evil } }, 1_795_251_758_121),
    )
    const rows = await listLedger(store.db)
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({ at: 1_795_251_758_121, code: 'operator.sign_in_failed', outcome: 'refused' })
    // oxlint-disable-next-line no-control-regex -- these must not be there
    expect(JSON.stringify(rows).replaceAll('\\\\', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f]|\\[rn]/)
    expect(JSON.stringify(rows).length).toBeLessThan(20_000)
  })

  it('gives rows their numbers in order, also when written at once', async () => {
    const store = await engine.open()
    const write = (at: number) => store.transaction((trx) => record(trx, { code: 'settings.changed', outcome: 'done' }, at))
    const numbers = [await write(3), await write(1), ...(await Promise.all([write(2), write(2), write(2)]))]
    expect(new Set(numbers).size).toBe(5)
    expect(numbers[1]).toBeGreaterThan(numbers[0] ?? 0)
    expect((await listLedger(store.db)).map((row) => row.seq)).toEqual(numbers.toSorted((one, other) => one - other))
    expect(await listLedger(store.db, { afterSeq: numbers[0] ?? 0, limit: 2 })).toHaveLength(2)
  })

  it('takes many rows at once, in their order and none too many for one statement', async () => {
    const store = await engine.open()
    const events = Array.from({ length: 1201 }, (_, at) => ({ code: 'asset.deleted', outcome: 'done', object: `as_${at}`, detail: { at } }) as const)
    await store.transaction((trx) => recordMany(trx, events, 5))
    await store.transaction((trx) => recordMany(trx, [], 6))
    const rows = [...(await listLedger(store.db)), ...(await listLedger(store.db, { afterSeq: (await listLedger(store.db)).at(-1)?.seq ?? 0 }))]
    expect(rows.map(({ object, detail }) => [object, detail])).toEqual(events.map(({ object, detail }) => [object, JSON.stringify(detail)]))
  })

  it('puts an act on the world between an intent and an outcome', async () => {
    const store = await engine.open()
    const seen: number[] = []
    const act = async () => {
      seen.push((await listLedger(store.db)).length)
      return 'signed'
    }
    expect(await withLedger(store, { code: 'credential.signed', object: 'se1' }, () => 7, act)).toBe('signed')
    const fails = withLedger(
      store,
      { code: 'credential.released', object: 'se2', detail: { account: 'a' } },
      () => 8,
      () => Promise.reject(new Failure('gateway_unavailable', 'gone')),
    )
    await expect(fails).rejects.toMatchObject({ code: 'gateway_unavailable' })
    const rows = await listLedger(store.db)
    expect(seen).toEqual([1])
    expect(rows.map((row) => [row.code, row.outcome])).toEqual([
      ['credential.signed', 'intent'],
      ['credential.signed', 'done'],
      ['credential.released', 'intent'],
      ['credential.released', 'failed'],
    ])
    expect(JSON.parse(rows[3]?.detail ?? '')).toEqual({ account: 'a', failure: 'gateway_unavailable', intent: rows[2]?.seq })
  })

  it('does not act when the intent cannot be written', async () => {
    const store = await engine.open()
    await store.close()
    let acted = false
    const act = withLedger(
      store,
      { code: 'credential.signed' },
      () => 1,
      () => Promise.resolve((acted = true)),
    )
    await expect(act).rejects.toThrow(/.+/)
    expect(acted).toBe(false)
  })
})
