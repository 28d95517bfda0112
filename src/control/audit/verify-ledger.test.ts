import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { engines, useEngine } from '../store/test-engines.ts'
import type { Store } from '../store/open-store.ts'
import { pastTriggers } from '../store/test-past-triggers.ts'
import { fingerprintOf, type LedgerKey } from '../vault/ledger-key.ts'
import { chainHash } from './chain.ts'
import { readChain } from './chain-rows.ts'
import type { FoundHead } from './head-check.ts'
import { record } from './ledger.ts'
import { chainRows } from './sequencer.ts'
import { signHead, superfluousHeads, thinHeads } from './sign-heads.ts'
import { verifyLedger } from './verify-ledger.ts'

function makeKey(): LedgerKey {
  const { privateKey } = generateKeyPairSync('ed25519')
  const publicKey = createPublicKey(privateKey)
  return { fingerprint: fingerprintOf(publicKey), publicKey, publicPem: '', sign: (bytes) => sign(null, bytes, privateKey) }
}
const key = makeKey()

const names = ['a', 'b', 'c', 'd', 'e']
const write = (store: Store, object: string) =>
  store.transaction((trx) => record(trx, { code: 'settings.changed', outcome: 'done', object }, 1_795_251_758_000))

describe.each(engines)('verifying the ledger on %s', (name) => {
  const engine = useEngine(name)

  /** Five chained rows `a` to `e`; their numbers are those of `seqs`. */
  async function chained(signed = true) {
    const place = await engine.makePlace()
    const store = await engine.open(place)
    const seqs: number[] = []
    for (const object of names) seqs.push(await write(store, object))
    await chainRows(store, () => 1_795_251_760_000)
    if (signed) await signHead(store, key, 1_795_251_800_000)
    const [a = 0, b = 0, c = 0, d = 0, e = 0] = seqs
    return { place, store, a, b, c, d, e }
  }
  const verify = (store: Store, outside?: AsyncIterable<FoundHead>) =>
    verifyLedger({ db: store.db, engine: store.engine, key, ...(outside ? { outside } : {}) })

  it('finds a ledger whole, and says how far it was signed and what waits', async () => {
    const { store } = await chained()
    const seq = await write(store, 'f')
    const links = await readChain(store.db, { after: 0, limit: 10 })
    expect(await verify(store)).toEqual({
      state: 'whole',
      rows: 5,
      unchained: 1,
      firstUnchained: seq,
      head: links[4]?.hash,
      heads: 1,
      signed: expect.objectContaining({ number: 5, time: 1_795_251_800_000, key: key.fingerprint }),
    })
  })

  it('finds an empty ledger whole', async () => {
    expect(await verify(await engine.open())).toEqual({ state: 'whole', rows: 0, unchained: 0, heads: 0 })
  })

  it('names the first row that was changed, removed or exchanged (AUD-01)', async () => {
    const { place, store, b, c, d } = await chained()
    const set = (seq: number, object: string) => `update audit set object = '${object}' where seq = ${seq}`
    const restored = (seq: number, object: string) =>
      `insert into audit (seq, at, code, outcome, object) ${name === 'postgres' ? 'overriding system value' : ''} values (${seq}, 1795251758000, 'settings.changed', 'done', '${object}')`
    const cases: [string[], object, string[]][] = [
      [[set(c, 'x'), set(d, 'x')], { number: 3, seq: c, what: expect.stringContaining('is not what was chained') }, [set(c, 'c'), set(d, 'd')]],
      [[set(b, 'c'), set(c, 'b')], { number: 2, seq: b }, [set(b, 'b'), set(c, 'c')]],
      [[`update audit set code = 'session.refused' where seq = ${b}`], { number: 2, seq: b }, [`update audit set code = 'settings.changed' where seq = ${b}`]],
      [[`delete from audit where seq = ${d}`], { number: 4, seq: d, what: 'the ledger row was removed' }, [restored(d, 'd')]],
      [
        [`update "auditChain" set seq = -seq where seq in (${b}, ${c})`, `update "auditChain" set seq = ${b} + ${c} + seq where seq < 0`],
        { number: 2 },
        [`update "auditChain" set seq = -seq where seq in (${b}, ${c})`, `update "auditChain" set seq = ${b} + ${c} + seq where seq < 0`],
      ],
    ]
    for (const [damage, problem, repair] of cases) {
      await pastTriggers(place, ...damage)
      expect(await verify(store), damage.join()).toMatchObject({ state: 'broken', problem })
      await pastTriggers(place, ...repair)
      expect(await verify(store), repair.join()).toMatchObject({ state: 'whole' })
    }
  })

  it('names a number that is missing in the chain', async () => {
    const { place, store, c } = await chained()
    await pastTriggers(place, `delete from audit where seq = ${c}`, `delete from "auditChain" where seq = ${c}`)
    expect(await verify(store)).toMatchObject({ state: 'broken', problem: { number: 3, what: expect.stringContaining('number 3 is missing') } })
  })

  it('finds a row that was put between others past the triggers (AUD-01)', async () => {
    const { place, store, a } = await chained()
    const between = a - 1
    const forged = `insert into audit (seq, at, code, outcome) ${name === 'postgres' ? 'overriding system value' : ''} values (${between}, 1, 'settings.changed', 'done')`
    await pastTriggers(place, forged)
    expect(await verify(store)).toMatchObject({ state: 'broken', problem: { seq: between, what: `ledger row ${between} was put there past the chain` } })
    // Also when it is handed to the sequencer as if it had just been written.
    await pastTriggers(place, `insert into "auditWaiting" values (${between})`)
    await chainRows(store, () => 1_795_251_760_000 + 3_600_000)
    expect(await verify(store)).toMatchObject({
      state: 'broken',
      problem: { number: 6, seq: between, what: expect.stringContaining('put between older rows') },
    })
  })

  it('finds a row that was removed before it was chained', async () => {
    const { place, store } = await chained()
    const seq = await write(store, 'f')
    await pastTriggers(place, `delete from audit where seq = ${seq}`)
    expect(await verify(store)).toMatchObject({ state: 'broken', problem: { seq, what: expect.stringContaining('before it was chained') } })
  })

  it('finds by the signed head that the end was removed', async () => {
    const { place, store, d } = await chained()
    await pastTriggers(place, `delete from audit where seq >= ${d}`, `delete from "auditChain" where seq >= ${d}`)
    expect(await verify(store)).toMatchObject({ state: 'broken', rows: 3, problem: { number: 4, what: expect.stringContaining('the end was removed') } })
    // Also when others have taken its place since.
    for (const object of ['x', 'y', 'z']) await write(store, object)
    await chainRows(store, Date.now)
    expect(await verify(store)).toMatchObject({ state: 'broken', rows: 6, problem: { what: expect.stringContaining('calculated anew') } })
  })

  it('finds by a head from outside a chain that was calculated anew, heads and all', async () => {
    const { place, store, c } = await chained()
    const outside = await store.db.selectFrom('auditHeads').selectAll().execute()
    const found = async function* (): AsyncGenerator<FoundHead> {
      for (const { signedAt, ...head } of outside) yield { head: { ...head, time: signedAt }, where: '2026-11-21.heads line 1' }
    }
    expect(await verify(store, found())).toMatchObject({ state: 'whole', heads: 2 })
    // The forger has everything but the key and the folder outside.
    const links = await readChain(store.db, { after: 0, limit: 10 })
    let hash = links[1]?.hash ?? ''
    const statements = [`update audit set object = 'forged' where seq = ${c}`, `delete from "auditHeads"`]
    for (const { number, row } of links.slice(2)) {
      if (!row) throw new Error('the row is not there')
      hash = chainHash(hash, { ...row, object: number === 3 ? 'forged' : row.object })
      statements.push(`update "auditChain" set hash = '${hash}' where number = ${number}`)
    }
    await pastTriggers(place, ...statements)
    expect(await verify(store)).toMatchObject({ state: 'whole', heads: 0 })
    expect(await verify(store, found())).toMatchObject({ state: 'broken', problem: { what: expect.stringMatching(/calculated anew behind number 0.*line 1/) } })
  })

  it('takes no head that another key has signed, nor one whose signature does not fit', async () => {
    const { place, store } = await chained(false)
    await signHead(store, makeKey(), 5)
    expect(await verify(store)).toMatchObject({ state: 'broken', problem: { number: 5, what: expect.stringContaining('another key') } })
    await pastTriggers(place, `delete from "auditHeads"`)
    await signHead(store, key, 5)
    expect(await verify(store)).toMatchObject({ state: 'whole', heads: 1 })
    await pastTriggers(place, `update "auditHeads" set "signedAt" = 6`)
    expect(await verify(store)).toMatchObject({ state: 'broken', problem: { what: expect.stringContaining('signature') } })
  })

  it('signs the end once, and keeps few of the old heads', async () => {
    const { store } = await chained()
    expect(await signHead(store, key, 1_795_251_900_000)).toBeUndefined()
    await write(store, 'f')
    await chainRows(store, Date.now)
    expect(await signHead(store, key, 1_795_251_900_000)).toBe(6)
    await thinHeads(store, 1_795_251_900_000)
    expect(await store.db.selectFrom('auditHeads').select('number').execute()).toHaveLength(2)
    await thinHeads(store, 1_795_251_900_000 + 3 * 86_400_000)
    expect(await store.db.selectFrom('auditHeads').select('number').execute()).toEqual([{ number: 6 }])
    expect(await verify(store)).toMatchObject({ state: 'whole', heads: 1 })
  })
})

it('keeps all heads of two days, then one an hour, then one a day: some two thousand and one for each day', () => {
  const minute = 60_000
  const now = 1_795_251_900_000
  const year = Array.from({ length: 365 * 24 * 60 }, (_, at) => ({ number: at + 1, signedAt: now - (365 * 24 * 60 - at) * minute }))
  const gone = new Set(superfluousHeads(year, now))
  const kept = year.filter(({ number }) => !gone.has(number))
  expect(kept.length).toBeLessThan(2 * 1440 + 88 * 24 + 275 + 5)
  expect(kept.filter(({ signedAt }) => now - signedAt < 2 * 86_400_000)).toHaveLength(2 * 1440 - 1)
  expect(kept.at(-1)).toEqual(year.at(-1))
  const gaps = kept.slice(1).map(({ signedAt }, at) => signedAt - (kept[at]?.signedAt ?? 0))
  expect(Math.max(...gaps)).toBeLessThanOrEqual(86_400_000)
})
