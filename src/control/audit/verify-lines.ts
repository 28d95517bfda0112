// Whether a file of exported rows is what was chained: docs/protocol/ledger.md, "Lines".
import { chainHash, chainStart } from './chain.ts'
import { fileLines } from './file-lines.ts'
import { checkHeads, type FoundHead, type HeadKey } from './head-check.ts'
import { maxLineLength, parseLine } from './ledger-line.ts'
import type { LedgerVerdict } from './verify-ledger.ts'

/** Of an export that does not begin at number 1: `from`. */
export type LinesVerdict = LedgerVerdict & { from: number }
/** Heads are held against what the file has; those before and behind it say nothing. More than this many numbers are not held in memory. */
const mostHeads = 1_000_000

export async function verifyLines(file: string, { key, outside }: { key?: HeadKey | undefined; outside?: AsyncIterable<FoundHead> }): Promise<LinesVerdict> {
  const signed = await collect(outside)
  const hashes = new Map<number, string>()
  const verdict: LinesVerdict = { state: 'whole', from: 1, rows: 0, unchained: 0, heads: 0 }
  const broken = (number: number | undefined, what: string): LinesVerdict => ({
    ...verdict,
    state: 'broken',
    problem: { ...(number === undefined ? {} : { number }), what },
  })
  let expected: { number: number; previous: string } | undefined
  let at = 0
  for await (const text of fileLines(file, maxLineLength)) {
    at += 1
    if (text === '') continue
    const line = parseLine(text)
    if (line === undefined) return broken(expected?.number, `line ${at} is no ledger row`)
    expected ??= { number: line.number, previous: line.number === 1 ? chainStart : line.previous }
    if (verdict.rows === 0) verdict.from = line.number
    if (line.number !== expected.number) return broken(expected.number, `line ${at} has number ${line.number}, number ${expected.number} is missing`)
    if (line.previous !== expected.previous || chainHash(line.previous, line) !== line.hash)
      return broken(line.number, `line ${at} (ledger row ${line.seq}) is not what was chained`)
    if (signed.numbers.has(line.number)) hashes.set(line.number, line.hash)
    expected = { number: line.number + 1, previous: line.hash }
    verdict.rows += 1
    verdict.head = line.hash
  }
  if (expected === undefined) return broken(undefined, 'the file has no ledger row')
  const last = expected.number - 1
  const inside = signed.heads.filter(({ head }) => head.number >= verdict.from && head.number <= last)
  const found = await checkHeads(each(inside), { rows: last, hashesOf: () => Promise.resolve(hashes), key })
  const withHeads = { ...verdict, heads: found.heads, ...(found.last ? { signed: found.last } : {}) }
  return found.problem ? { ...withHeads, state: 'broken', problem: found.problem } : withHeads
}

async function collect(outside: AsyncIterable<FoundHead> | undefined): Promise<{ heads: FoundHead[]; numbers: Set<number> }> {
  const heads: FoundHead[] = []
  for await (const each of outside ?? []) {
    if (heads.length >= mostHeads) throw new Error(`there are more than ${mostHeads} heads: verify against fewer days`)
    heads.push(each)
  }
  return { heads, numbers: new Set(heads.map(({ head }) => head.number)) }
}

async function* each<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items
}
