import { describe, expect, it } from 'vitest'
import { engines, useEngine } from '../store/test-engines.ts'
import { closeLostIntents, listLedger, record, recordIntent, recordOutcome, withLedger } from './ledger.ts'
import { inRequest } from './request-scope.ts'

const session = { operatorId: 'op_1', operatorName: 'ada', assetName: 'web1', address: 'h', port: 22, account: 'root', door: 'web', kind: 'shell' }
const where = { source: '192.0.2.1', gatewayId: 'gw_1', startedAt: 1, bytesIn: 0, bytesOut: 0, recordingSeconds: 0, recordingBytes: 0 }

describe.each(engines)('intents on %s', (name) => {
  const engine = useEngine(name)

  it('whose outcome a kill has swallowed become unknown at the start, once, in a row of their own', async () => {
    const place = await engine.makePlace()
    const store = await engine.open(place)
    const done = await recordIntent(store, { code: 'host_key.scanned', object: 'as_1' }, 1)
    await recordOutcome(store, done, { code: 'host_key.scanned', outcome: 'done', object: 'as_1' }, 2)
    const lost = await inRequest('R1', () => recordIntent(store, { code: 'credential.checked', operator: 'op_1', object: 'as_2', source: '192.0.2.1' }, 3))
    // The process dies in the middle of the act: nothing more comes from it.
    void withLedger(
      store,
      { code: 'host_key.scanned', object: 'as_3' },
      () => 4,
      () => new Promise<never>(() => undefined),
    )
    await expect.poll(async () => (await listLedger(store.db, { object: 'as_3' })).length).toBe(1)
    const before = await listLedger(store.db)
    const again = await engine.open(place)
    expect(await closeLostIntents(again, 9)).toBe(2)
    expect(await closeLostIntents(again, 10)).toBe(0)
    const rows = await listLedger(again.db)
    expect(rows.slice(0, before.length)).toEqual(before)
    expect(rows.slice(before.length)).toMatchObject([
      { code: 'credential.checked', outcome: 'unknown', operator: 'op_1', object: 'as_2', source: '192.0.2.1', requestId: 'R1', at: 9 },
      { code: 'host_key.scanned', outcome: 'unknown', object: 'as_3' },
    ])
    expect(JSON.parse(rows[before.length]?.detail ?? '')).toMatchObject({ intent: lost })
  })

  it('of sessions stay open while the session lives, and are closed by what its gateway tells', async () => {
    const store = await engine.open()
    await store.transaction(async (trx) => {
      for (const [id, state] of [
        ['se_live', 'live'],
        ['se_opening', 'opening'],
        ['se_ended', 'ended'],
      ] as const) {
        await trx
          .insertInto('sessions')
          .values({ ...session, ...where, id, state })
          .execute()
        await record(trx, { code: 'session.admitted', outcome: 'intent', object: id }, 1)
        await record(trx, { code: 'session.terminate_asked', outcome: 'intent', object: id }, 1)
      }
      await record(trx, { code: 'session.admitted', outcome: 'intent', object: 'se_gone' }, 1)
      await record(trx, { code: 'session.began', outcome: 'done', object: 'se_live' }, 2)
    })
    expect(await closeLostIntents(store, 3)).toBe(3)
    const unknown = async () => (await listLedger(store.db)).filter(({ outcome }) => outcome === 'unknown').map(({ code, object }) => [code, object])
    expect(await unknown()).toEqual([
      ['session.admitted', 'se_ended'],
      ['session.terminate_asked', 'se_ended'],
      ['session.admitted', 'se_gone'],
    ])
    await store.transaction(async (trx) => {
      await record(trx, { code: 'session.ended', outcome: 'failed', object: 'se_opening' }, 4)
      await record(trx, { code: 'session.ended', outcome: 'done', object: 'se_live' }, 4)
      await record(trx, { code: 'session.terminated', outcome: 'done', object: 'se_live' }, 4)
      await record(trx, { code: 'session.terminated', outcome: 'done', object: 'se_opening' }, 4)
      await trx.updateTable('sessions').set({ state: 'ended' }).execute()
    })
    expect(await closeLostIntents(store, 5)).toBe(0)
    const rows = await listLedger(store.db)
    const intentOf = (code: string, object: string) =>
      JSON.parse(rows.find((row) => row.code === code && row.object === object)?.detail ?? '{}') as { intent?: number }
    const seqOf = (code: string, object: string) => rows.find((row) => row.code === code && row.object === object && row.outcome === 'intent')?.seq
    expect(intentOf('session.began', 'se_live').intent).toBe(seqOf('session.admitted', 'se_live'))
    expect(intentOf('session.ended', 'se_opening').intent).toBe(seqOf('session.admitted', 'se_opening'))
    expect(intentOf('session.terminated', 'se_live').intent).toBe(seqOf('session.terminate_asked', 'se_live'))
  })

  it('name the request that they are part of, and what no request led to names none', async () => {
    const store = await engine.open()
    const write = () => store.transaction((trx) => record(trx, { code: 'settings.changed', outcome: 'done' }, 1))
    await Promise.all([inRequest('R1', write), inRequest('R2', write), write()])
    expect((await listLedger(store.db)).map(({ requestId }) => requestId).toSorted()).toEqual(['R1', 'R2', null])
  })
})
