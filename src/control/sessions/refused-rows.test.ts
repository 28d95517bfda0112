import { describe, expect, it } from 'vitest'
import type { AuditEvent } from '#domain/audit-event.ts'
import { listLedger } from '../audit/ledger.ts'
import { engines, useEngine } from '../store/test-engines.ts'
import { RefusedRows } from './refused-rows.ts'

describe.each(engines)('what ssh clients were refused on %s', (name) => {
  const engine = useEngine(name)
  const start = async () => {
    const store = await engine.open()
    const clock = { now: 1_795_251_758_121 }
    const rows = new RefusedRows({ store, now: () => clock.now, log: () => undefined })
    const event = (port: number): AuditEvent => ({ code: 'forward.refused', outcome: 'refused', detail: { port } })
    for (let port = 1; port <= 40; port += 1) await rows.note('one', String(port), event(port))
    const written = async () => (await listLedger(store.db, { code: 'forward.refused' })).map(({ detail }) => JSON.parse(detail ?? '{}') as object)
    return { clock, rows, written }
  }

  it('is said by the clock once its minute is over, without anything that follows', async () => {
    const { clock, rows, written } = await start()
    await rows.flush()
    expect(await written()).toHaveLength(30)
    clock.now += 60_000
    for (let count = 0; count < 2; count += 1) await rows.flush()
    expect((await written()).slice(30)).toEqual([{ port: 40, unwritten: 9 }])
  })

  it('is said before control stops, whatever the clock says', async () => {
    const { rows, written } = await start()
    for (let count = 0; count < 2; count += 1) await rows.finish()
    expect((await written()).slice(30)).toEqual([{ port: 40, unwritten: 9 }])
  })
})
