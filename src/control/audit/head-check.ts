// Holds the chain against heads that were signed of it: what finds a tail that was cut off, and a chain that was calculated anew.
import type { KeyObject } from 'node:crypto'
import type { LedgerProblem } from './chain-check.ts'
import { type Head, isSignedHead } from './head.ts'

/** `where`: for people, `auditHeads` or a file and its line. */
export type FoundHead = { head: Head; where: string }
export type HeadKey = { fingerprint: string; publicKey: KeyObject }
export type HeadsVerdict = { heads: number; last?: Head; problem?: LedgerProblem }

const headsAtOnce = 500

/**
 * `rows`: how far the chain goes. `hashesOf` gives the hashes at some numbers (at most 500). Without a key signatures are not looked at.
 * Stops at the first head that does not fit.
 */
export async function checkHeads(
  found: AsyncIterable<FoundHead>,
  { rows, hashesOf, key }: { rows: number; hashesOf(numbers: number[]): Promise<ReadonlyMap<number, string>>; key?: HeadKey | undefined },
): Promise<HeadsVerdict> {
  let heads = 0
  let last: Head | undefined
  let batch: FoundHead[] = []
  const check = async (): Promise<LedgerProblem | undefined> => {
    const hashes = await hashesOf(batch.map(({ head }) => head.number))
    for (const { head, where } of batch) {
      const problem = problemOf(head, where, hashes.get(head.number), { rows, key, agreed: last?.number ?? 0 })
      if (problem) return problem
      heads += 1
      if (head.number >= (last?.number ?? 0)) last = head
    }
    batch = []
    return undefined
  }
  const verdict = (problem: LedgerProblem | undefined) => ({ heads, ...(last ? { last } : {}), ...(problem ? { problem } : {}) })
  for await (const each of found) {
    batch.push(each)
    const problem = batch.length < headsAtOnce ? undefined : await check()
    if (problem) return verdict(problem)
  }
  return verdict(await check())
}

function problemOf(
  head: Head,
  where: string,
  hash: string | undefined,
  { rows, key, agreed }: { rows: number; key: HeadKey | undefined; agreed: number },
): LedgerProblem | undefined {
  const { number } = head
  const at = new Date(head.time).toISOString()
  if (key !== undefined && head.key !== key.fingerprint) return { number, what: `a head (${where}) was signed with another key: ${head.key}` }
  if (key !== undefined && !isSignedHead(head, key.publicKey)) return { number, what: `the signature of a head (${where}) does not fit it` }
  if (number > rows) return { number: rows + 1, what: `the end was removed: at ${at} number ${number} was signed (${where}), and the chain ends at ${rows}` }
  if (hash !== head.hash)
    return { number: agreed + 1, what: `the chain was calculated anew behind number ${agreed}: number ${number} is not what was signed at ${at} (${where})` }
  return undefined
}
