import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { appendFileSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { engines, useEngine } from '../store/test-engines.ts'
import type { Store } from '../store/open-store.ts'
import { fingerprintOf, type LedgerKey } from '../vault/ledger-key.ts'
import { HeadsExport } from './export-heads.ts'
import { headBytes, headLine, isSignedHead, parseHeadLine, type Head } from './head.ts'
import { appendHeads, readHeads } from './heads-folder.ts'
import { listLedger, record } from './ledger.ts'
import { chainRows } from './sequencer.ts'
import { signHead } from './sign-heads.ts'
import { verifyLedger } from './verify-ledger.ts'

const { privateKey } = generateKeyPairSync('ed25519')
const publicKey = createPublicKey(privateKey)
const key: LedgerKey = { fingerprint: fingerprintOf(publicKey), publicKey, publicPem: '', sign: (bytes) => sign(null, bytes, privateKey) }
const noon = Date.UTC(2026, 10, 21, 12)

const headOf = (number: number, time: number): Head => {
  const facts = { number, hash: String(number % 10).repeat(64), time, key: key.fingerprint }
  return { ...facts, signature: Buffer.from(key.sign(headBytes(facts))).toString('base64') }
}

async function collect(folder: string) {
  const unreadable: string[] = []
  const found: { head: Head; where: string }[] = []
  for await (const each of readHeads(folder, (where) => unreadable.push(where))) found.push(each)
  return { found, unreadable }
}

describe('a head', () => {
  const head = headOf(12, noon)

  it('is one line that says all that was signed', () => {
    expect(headLine(head)).toBe(`12 ${'2'.repeat(64)} 2026-11-21T12:00:00.000Z ${head.signature} ${key.fingerprint}`)
    expect(parseHeadLine(headLine(head))).toEqual(head)
    expect(isSignedHead(head, publicKey)).toBe(true)
  })

  it.each(Object.entries({ number: 13, hash: '3'.repeat(64), time: noon + 1, key: `SHA256:${'A'.repeat(43)}` }))('is signed with its %s', (field, value) => {
    expect(isSignedHead({ ...head, [field]: value }, publicKey)).toBe(false)
  })

  it.each(['', 'x', headLine(head).slice(0, -1), ` ${headLine(head)}`, headLine(head).replace('12 ', '-1 '), `${headLine(head)}${headLine(head)}`])(
    'is not read from %.30s',
    (text) => expect(parseHeadLine(text)).toBeUndefined(),
  )
})

describe.each(engines)('heads outside of %s', (name) => {
  const engine = useEngine(name)
  const write = (store: Store) => store.transaction((trx) => record(trx, { code: 'settings.changed', outcome: 'done' }, noon))

  it('stand in one file for each day that is only added to, also after a line that was torn', async () => {
    const folder = engine.makeFolder()
    await appendHeads(folder, [headOf(1, noon)])
    appendFileSync(join(folder, '2026-11-21.heads'), headLine(headOf(2, noon)).slice(0, 50))
    writeFileSync(join(folder, 'notes.txt'), 'not ours')
    await appendHeads(folder, [headOf(2, noon), headOf(3, noon + 86_400_000)])
    expect(readdirSync(folder).sort()).toEqual(['2026-11-21.heads', '2026-11-22.heads', 'notes.txt'])
    const { found, unreadable } = await collect(folder)
    expect(found.map(({ head, where }) => [head.number, where])).toEqual([
      [1, '2026-11-21.heads line 1'],
      [2, '2026-11-21.heads line 3'],
      [3, '2026-11-22.heads line 1'],
    ])
    expect(unreadable).toEqual(['2026-11-21.heads line 2'])
  })

  it('are said to be missing once when the folder is away, and come when it is back', async () => {
    const store = await engine.open()
    const [folder, logged] = [join(engine.makeFolder(), 'mounted'), [] as string[]]
    let time = noon
    const heads = new HeadsExport({ store, folder, now: () => time, log: (_level, event, facts) => logged.push(`${event} ${String(facts['why'])}`) })
    const minute = async () => {
      await write(store)
      await chainRows(store, () => time)
      await signHead(store, key, (time += 61_000))
      await heads.turn()
    }
    await minute()
    await minute()
    const said = async () => (await listLedger(store.db)).map(({ code, object }) => `${code} ${object ?? ''}`).filter((text) => text.startsWith('audit.'))
    expect(logged).toHaveLength(2)
    expect(logged[0]).toContain('is not there: make it, or mount its disk')
    expect(await said()).toEqual(['audit.forwarding_failed heads'])
    expect(await store.db.selectFrom('auditSinks').selectAll().executeTakeFirst()).toMatchObject({ name: 'heads', sentNumber: 0 })
    mkdirSync(folder)
    await minute()
    expect(await said()).toEqual(['audit.forwarding_failed heads', 'audit.forwarding_resumed heads'])
    const { found } = await collect(folder)
    expect(found.map(({ head }) => head.number)).toEqual(
      (await store.db.selectFrom('auditHeads').select('number').orderBy('number').execute()).map(({ number }) => number),
    )
    expect(found).toHaveLength(3)
    expect(readFileSync(join(folder, '2026-11-21.heads'), 'utf8')).toMatch(/^(\d+ [0-9a-f]{64} \S{24} \S{88} SHA256:\S{43}\n){3}$/)
    const outside = () => readHeads(folder, () => undefined)
    expect(await verifyLedger({ db: store.db, engine: store.engine, key, outside: outside() })).toMatchObject({ state: 'whole', heads: 6 })
    // Not the heads of this ledger.
    renameSync(join(folder, '2026-11-21.heads'), join(folder, 'kept'))
    await appendHeads(folder, [headOf(1, noon)])
    expect(await verifyLedger({ db: store.db, engine: store.engine, key, outside: outside() })).toMatchObject({ state: 'broken' })
  })
})
