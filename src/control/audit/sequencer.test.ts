import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { engines, silentLog, useEngine } from '../store/test-engines.ts'
import { openStore, type Store } from '../store/open-store.ts'
import { askPlace } from '../store/test-past-triggers.ts'
import { chainPlaces, readChain } from './chain-rows.ts'
import { chainHash, chainStart } from './chain.ts'
import { record, recordMany } from './ledger.ts'
import { startChores } from '../chores.ts'
import { chainEveryMs, chainRows } from './sequencer.ts'

const write = (store: Store, object: string) => store.transaction((trx) => record(trx, { code: 'settings.changed', outcome: 'done', object }, Date.now()))
const all = async (store: Store) => {
  const links = await readChain(store.db, { after: 0, limit: 10_000 })
  return links.map(({ number, row, ...link }) => ({ number, object: row?.object, ...link, row }))
}

describe.each(engines)('the sequencer on %s', (name) => {
  const engine = useEngine(name)

  it('chains each row once, in their order, over the hash before and every column', async () => {
    const store = await engine.open()
    for (const object of ['a', 'b']) await write(store, object)
    expect(await chainRows(store, () => 1000)).toBe(2)
    expect(await chainRows(store, () => 1000)).toBe(0)
    await write(store, 'c')
    // The clock goes back: time along the chain does not.
    expect(await chainRows(store, () => 500)).toBe(1)
    const links = await all(store)
    expect(links.map(({ number, object, chainedAt }) => [number, object, chainedAt])).toEqual([
      [1, 'a', 1000],
      [2, 'b', 1000],
      [3, 'c', 1000],
    ])
    let previous = chainStart
    for (const { hash, row } of links) {
      expect(row && chainHash(previous, row)).toBe(hash)
      previous = hash
    }
    expect([...(await chainPlaces(store.db, [links[1]?.seq ?? 0, 999_999])).values()]).toEqual([{ number: 2, hash: links[1]?.hash }])
  })

  it('chains more than one transaction takes, without a gap', async () => {
    const store = await engine.open()
    const events = Array.from({ length: 1201 }, (_, at) => ({ code: 'asset.deleted', outcome: 'done', object: `as_${at}` }) as const)
    await store.transaction((trx) => recordMany(trx, events, 5))
    let turns = 0
    const others = setInterval(() => (turns += 1), 0)
    expect(await chainRows(store, Date.now)).toBe(1201)
    clearInterval(others)
    // A flood of rows does not keep everything else waiting until the last of them.
    expect(turns).toBeGreaterThan(0)
    expect((await all(store)).map(({ number, object }) => [number, object])).toEqual(events.map(({ object }, at) => [at + 1, object]))
  })

  it('leaves nothing of a transaction that was undone', async () => {
    const store = await engine.open()
    await write(store, 'a')
    const undone = store.transaction(async (trx) => {
      await record(trx, { code: 'settings.changed', outcome: 'done', object: 'b' }, 1)
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    await write(store, 'c')
    await chainRows(store, Date.now)
    expect((await all(store)).map(({ number, object }) => [number, object])).toEqual([
      [1, 'a'],
      [2, 'c'],
    ])
  })

  it('chains a row within a second of its commit, while others are written', async () => {
    const store = await engine.open()
    const chores = startChores((_name, error) => expect.unreachable(String(error)))
    chores.every(chainEveryMs, 'chain', () => chainRows(store, Date.now))
    const waits: number[] = []
    try {
      for (let round = 0; round < 8; round += 1) {
        const seq = await write(store, String(round))
        const committed = performance.now()
        const until = committed + 20_000
        while ((await chainPlaces(store.db, [seq])).size === 0 && performance.now() < until) {
          await write(store, 'beside')
          await pause(20)
        }
        waits.push(performance.now() - committed)
      }
    } finally {
      await chores.stop()
    }
    // The median: one of them may have met a machine that was busy.
    expect(waits.sort((one, other) => one - other)[4]).toBeLessThan(1000)
  })

  it('lets nobody change, remove or replace what stands in it, nor put something between (AUD-04)', async () => {
    const place = await engine.makePlace()
    const store = await engine.open(place)
    for (const object of ['a', 'b', 'c']) await write(store, object)
    // Added at the end, which anybody who can write may do; between it and the others nobody may.
    if (name === 'sqlite') await askPlace(place, `insert into audit (seq, at, code, outcome) values (9, 1, 'x', 'done')`)
    await chainRows(store, Date.now)
    const before = await all(store)
    const statements = [
      `update audit set object = 'x'`,
      `delete from audit`,
      `update "auditChain" set hash = 'x'`,
      `delete from "auditChain"`,
      ...(name === 'postgres'
        ? [`truncate audit`, `truncate "auditChain"`, `truncate audit, "auditChain", "auditHeads" cascade`]
        : [
            `insert or replace into audit (seq, at, code, outcome) values (2, 1, 'x', 'done')`,
            `insert or replace into audit (seq, at, code, outcome) values (3, 1, 'x', 'done')`,
            `insert into audit (seq, at, code, outcome) values (7, 1, 'x', 'done')`,
            `insert into audit (seq, at, code, outcome) values (0, 1, 'x', 'done')`,
            `insert into audit (seq, at, code, outcome) values (-1, 1, 'x', 'done')`,
            `insert or replace into "auditChain" values (2, 99, 'x', 1)`,
            `insert or replace into "auditChain" values (5, 2, 'x', 1)`,
            `insert into "auditChain" values (8, 99, 'x', 1)`,
          ]),
    ]
    for (const statement of statements) await expect(askPlace(place, statement), statement).rejects.toThrow('the ledger is only ever added to')
    expect(await all(store)).toEqual(before)
    await write(store, 'd')
    expect(await chainRows(store, Date.now)).toBe(1)
  })
})

// What only a database with transactions side by side can show.
describe.each(engines.filter((name) => name === 'postgres'))('many transactions at once on %s', (name) => {
  const engine = useEngine(name)

  it('skips no row that is committed later than one with a higher number', async () => {
    const place = await engine.makePlace()
    const [store, other] = [await engine.open(place), await engine.open(place)]
    const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const late = other.transaction(async (trx) => {
      await record(trx, { code: 'settings.changed', outcome: 'done', object: 'late' }, 1)
      begun.resolve()
      await gate.promise
    })
    await begun.promise
    await write(store, 'soon')
    expect(await chainRows(store, Date.now)).toBe(1)
    gate.resolve()
    await late
    expect(await chainRows(store, Date.now)).toBe(1)
    const links = await all(store)
    expect(links.map(({ object }) => object)).toEqual(['soon', 'late'])
    expect(links[1]?.seq).toBeLessThan(links[0]?.seq ?? 0)
  })

  it('chains all rows of a crowd exactly once, also by two controls', { timeout: 120_000 }, async () => {
    const place = await engine.makePlace()
    const [one, other] = [await engine.open(place), await openStore(place, silentLog)]
    try {
      let isWriting = true
      const chaining = [one, other].map(async (store) => {
        while (isWriting) {
          await chainRows(store, Date.now)
          await pause(5)
        }
      })
      const seqs: number[] = []
      const writer = async (each: number) => {
        for (let round = 0; round < 10; round += 1) {
          const undone = (each + round) % 4 === 0
          await (each % 2 ? one : other)
            .transaction(async (trx) => {
              const seq = await record(trx, { code: 'settings.changed', outcome: 'done', object: `${each}.${round}` }, 1)
              await pause((each * 7 + round * 13) % 40)
              if (undone) throw new Error('undone')
              return seq
            })
            .then(
              (seq) => seqs.push(seq),
              () => undefined,
            )
        }
      }
      await Promise.all(Array.from({ length: 10 }, (_, each) => writer(each)))
      isWriting = false
      await Promise.all(chaining)
      await chainRows(one, Date.now)
      const links = await all(one)
      expect(seqs.length).toBeGreaterThan(60)
      expect(links.map(({ seq }) => seq).sort((left, right) => left - right)).toEqual(seqs.sort((left, right) => left - right))
      expect(links.map(({ number }) => number)).toEqual(links.map((_, at) => at + 1))
    } finally {
      await other.close()
    }
  })
})
