import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { fingerprintOf } from '../vault/ledger-key.ts'
import { chainHash, chainStart } from './chain.ts'
import type { FoundHead } from './head-check.ts'
import { headBytes } from './head.ts'
import { type LedgerLine, lineText } from './ledger-line.ts'
import { verifyLines } from './verify-lines.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-lines-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const lines: LedgerLine[] = []
for (let number = 1, previous = chainStart; number <= 6; number += 1) {
  const nothing = { operator: null, source: null, detail: null, requestId: null, before: null, after: null }
  const row = { ...nothing, number, chainedAt: number, seq: number * 2, at: number, code: 'settings.changed', outcome: 'done', object: `é${number}` }
  const hash = chainHash(previous, row)
  lines.push({ ...row, previous, hash })
  previous = hash
}
const file = (some: readonly (LedgerLine | string)[]) => {
  const path = join(folder, 'ledger.jsonl')
  writeFileSync(path, some.map((line) => `${typeof line === 'string' ? line : lineText(line)}\n`).join(''))
  return path
}
const { privateKey } = generateKeyPairSync('ed25519')
const key = { publicKey: createPublicKey(privateKey), fingerprint: fingerprintOf(createPublicKey(privateKey)) }
async function* heads(...numbers: [number, string?][]): AsyncGenerator<FoundHead> {
  for (const [number, hash = lines[number - 1]?.hash ?? ''] of numbers) {
    const facts = { number, hash, time: 5, key: key.fingerprint }
    yield { head: { ...facts, signature: sign(null, headBytes(facts), privateKey).toString('base64') }, where: 'x.heads line 1' }
  }
}

it('finds a whole file whole, also one that does not begin at the beginning', async () => {
  expect(await verifyLines(file(lines), {})).toEqual({ state: 'whole', from: 1, rows: 6, unchained: 0, heads: 0, head: lines[5]?.hash })
  expect(await verifyLines(file(lines.slice(2)), {})).toMatchObject({ state: 'whole', from: 3, rows: 4 })
})

it.each([
  ['a changed row', lines.map((line) => (line.number === 3 ? { ...line, object: 'x' } : line)), 3],
  ['a changed hash', lines.map((line) => (line.number === 3 ? { ...line, hash: 'f'.repeat(64) } : line)), 3],
  ['a row that is left out', lines.filter(({ number }) => number !== 3), 3],
  ['exchanged rows', [...lines.slice(0, 2), ...lines.slice(2, 4).toReversed(), ...lines.slice(4)], 3],
  ['a beginning that is none', lines.map((line) => (line.number === 1 ? { ...line, previous: 'f'.repeat(64) } : line)), 1],
  ['what is no row', [...lines.slice(0, 2), '{"number":3}', ...lines.slice(3)], 3],
  ['nothing', [], undefined],
])('names %s', async (_what, some, number) => {
  const { state, problem } = await verifyLines(file(some), {})
  expect({ state, number: problem?.number }).toEqual({ state: 'broken', number })
})

it('holds the heads that it has numbers of against them', async () => {
  expect(await verifyLines(file(lines.slice(2)), { key, outside: heads([1], [4], [6], [99, 'f'.repeat(64)]) })).toMatchObject({
    state: 'whole',
    heads: 2,
    signed: { number: 6 },
  })
  expect(await verifyLines(file(lines), { key, outside: heads([2], [4, 'f'.repeat(64)]) })).toMatchObject({ state: 'broken', heads: 1, problem: { number: 3 } })
})

it('does not read a line without an end into memory', async () => {
  await expect(verifyLines(file([...lines, 'x'.repeat(400_000)]), {})).rejects.toThrow('a line of more than')
})
