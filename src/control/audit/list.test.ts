import { describe, expect, it } from 'vitest'
import { auditColumns, type AuditView } from '#wire/api/audit.ts'
import { engines, useEngine } from '../store/test-engines.ts'
import { listLedger, record } from './ledger.ts'
import { allAudit, type AuditQuery, listAudit } from './list.ts'
import { auditTimes, fillLedger } from './test-ledger-rows.ts'

/** More than are gathered at once, also of those that are `done`. */
const rows = 2500

describe.each(engines)('the list of the ledger on %s', (name) => {
  const engine = useEngine(name)

  it('is in order for every column and filter, page by page, each row once', async () => {
    const store = await engine.open()
    await fillLedger(store, rows)
    const filters: Partial<AuditQuery>[] = [{}, { outcome: 'done' }, { outcome: 'refused', q: 'root' }]
    for (const filter of filters)
      for (const column of auditColumns)
        for (const sort of [column, `-${column}`] as const) {
          const label = JSON.stringify({ ...filter, sort })
          const found: AuditView[] = []
          const first = await listAudit(store, { ...filter, sort, page: 1, size: 200 })
          for (let page = 1; page <= Math.ceil(first.total / 200) + 1; page += 1)
            found.push(...(await listAudit(store, { ...filter, sort, page, size: 200 })).items)
          expect(first.of, label).toBe(rows)
          expect(found.length, label).toBe(first.total)
          expect(new Set(found.map(({ seq }) => seq)).size, label).toBe(first.total)
          const shown = found.map((row) => (column === 'at' ? row.seq : column === 'operator' ? row.operatorName : row[column]))
          const known = shown.filter((value) => value !== undefined)
          expect(shown.slice(known.length), label).toEqual(shown.slice(known.length).map(() => undefined))
          const collator = new Intl.Collator('en', { sensitivity: 'base', numeric: true })
          const sorted = known.toSorted((one, other) => {
            const by = typeof one === 'number' ? one - Number(other) : collator.compare(one, String(other))
            return sort.startsWith('-') ? -by : by
          })
          expect(known, label).toEqual(sorted)
          const file = await allAudit(store, { ...filter, sort }, 100_000)
          const lines: number[] = []
          for await (const piece of file.rows) lines.push(...piece.map(({ seq }) => seq))
          expect(lines, label).toEqual(found.map(({ seq }) => seq))
        }
  }, 120_000)

  it('finds by words, by names of people and of things, by code and by time, and tells what it found', async () => {
    const store = await engine.open()
    await fillLedger(store, 0)
    const person = `op_${'3'.padStart(24, '0')}`
    const asset = { id: 'as_1', name: 'web1', address: 'h', port: 22, protocol: 'ssh', tags: '[]', createdAt: 1, lastUsedAt: null, confirmedLoopback: 0 }
    await store.transaction(async (trx) => {
      await trx.insertInto('assets').values(asset).execute()
      const event = { code: 'asset.changed', outcome: 'done', operator: person, object: 'as_1', source: '192.0.2.7', requestId: 'AbCdEfGh1234' } as const
      await record(trx, { ...event, detail: { name: 'Größe 100%_x' }, before: { a: 1 }, after: { a: 2 } }, 1000)
      await record(trx, { code: 'operator.signed_in', outcome: 'done', operator: 'op_gone' }, 2000)
    })
    const find = async (query: Partial<AuditQuery>) => (await listAudit(store, { page: 1, size: 10, ...query })).items.map(({ code }) => code)
    for (const query of [
      { q: 'größe' },
      { q: '100%_X' },
      { q: 'person3' },
      { q: 'PERSON 3' },
      { q: 'as_1 192.0.2' },
      { q: 'asset.ch' },
      { q: 'AbCdEfGh1234' },
      { operator: 'person3' },
      { operator: person },
      { operator: 'Person 3' },
      { object: 'web1' },
      { object: 'as_1' },
      { code: 'asset.changed' },
      { until: 2000 },
    ] as Partial<AuditQuery>[])
      expect(await find(query), JSON.stringify(query)).toEqual(['asset.changed'])
    for (const query of [
      { q: '1000%' },
      { q: 'person4' },
      { operator: 'nobody' },
      { object: 'web' },
      { since: 2001 },
      { outcome: 'failed' },
    ] as Partial<AuditQuery>[])
      expect(await find(query), JSON.stringify(query)).toEqual([])
    const [row] = (await listAudit(store, { page: 1, size: 10, object: 'web1' })).items
    expect(row).toMatchObject({
      operator: person,
      operatorName: 'Person 3',
      object: 'as_1',
      objectName: 'web1',
      requestId: 'AbCdEfGh1234',
      detail: { name: 'Größe 100%_x' },
    })
    expect(row?.before).toMatch(/^[0-9a-f]{64}$/)
    expect(row?.after).not.toBe(row?.before)
    expect(row?.number).toBeUndefined()
  })

  it('AUD-07: stands in the order of writing when the clock is set back or forward by an hour', async () => {
    const store = await engine.open()
    const clock = [10_000_000, 10_000_000 - 3_600_000, 10_000_000 + 3_600_000, 10_000_001]
    for (const at of clock) await store.transaction((trx) => record(trx, { code: 'settings.changed', outcome: 'done', object: String(at) }, at))
    const shown = async (sort: 'at' | '-at') => (await listAudit(store, { page: 1, size: 10, sort })).items.map(({ object, at }) => [object, Date.parse(at)])
    const expected = clock.map((at) => [String(at), at])
    expect(await shown('at')).toEqual(expected)
    expect(await shown('-at')).toEqual(expected.toReversed())
    expect((await listLedger(store.db)).map(({ at }) => at)).toEqual(clock)
  })

  it('is quick for a few thousand rows', async () => {
    const store = await engine.open()
    await fillLedger(store, 5000)
    // The fastest of three: a machine that is busy with something else is no slow list.
    const [slowest] = await auditTimes(store, 3, 0)
    expect(slowest?.[1], JSON.stringify(slowest)).toBeLessThan(150)
  }, 60_000)
})
