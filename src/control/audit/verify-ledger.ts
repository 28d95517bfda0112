// Whether the ledger is what was written: reads all of it in small pieces, so that whoever else uses this process hardly notices.
import { setImmediate as breathe } from 'node:timers/promises'
import type { Engine } from '../store/engine.ts'
import type { Store } from '../store/open-store.ts'
import { ChainCheck, type LedgerProblem } from './chain-check.ts'
import { chainEnd, readChain } from './chain-rows.ts'
import { checkHeads, type FoundHead, type HeadKey } from './head-check.ts'
import type { Head } from './head.ts'

type Db = Store['db']
export type LedgerVerdict = {
  state: 'whole' | 'broken'
  /** Chained rows, and committed ones that wait for it: the first of them by its `seq`. */
  rows: number
  unchained: number
  firstUnchained?: number
  /** The hash at the end. */
  head?: string
  /** Heads that were held against the chain, and the last of them. */
  heads: number
  signed?: Head
  problem?: LedgerProblem
}
/** `outside`: heads from a folder. `key`: without it signatures are not looked at. */
export type VerifyParts = { db: Db; engine: Engine; key?: HeadKey | undefined; outside?: AsyncIterable<FoundHead> }

/** 500 rows take some 5 ms, the most that a person's request waits for this. */
const piece = 500

/** Stops at the first thing that is wrong. Throws only what reading throws. */
export async function verifyLedger({ db, engine, key, outside }: VerifyParts): Promise<LedgerVerdict> {
  const end = await chainEnd(db)
  const rows = end?.number ?? 0
  const chained = await checkChain(db, engine, rows)
  const waiting = chained ? { unchained: 0 } : await checkUnchained(db)
  let problem = chained ?? waiting.problem
  const against = { rows, hashesOf: (numbers: number[]) => hashesOf(db, numbers), key }
  const inside = problem ? { heads: 0 } : await checkHeads(storedHeads(db), against)
  problem ??= inside.problem
  const beyond = problem || !outside ? { heads: 0 } : await checkHeads(outside, against)
  problem ??= beyond.problem
  const signed = later(inside.last, beyond.last)
  return {
    state: problem ? 'broken' : 'whole',
    rows,
    unchained: waiting.unchained,
    ...(waiting.firstUnchained === undefined ? {} : { firstUnchained: waiting.firstUnchained }),
    ...(end ? { head: end.hash } : {}),
    heads: inside.heads + beyond.heads,
    ...(signed ? { signed } : {}),
    ...(problem ? { problem } : {}),
  }
}

const later = (one: Head | undefined, other: Head | undefined) => ((other?.number ?? 0) > (one?.number ?? 0) ? other : one)

async function checkChain(db: Db, engine: Engine, rows: number): Promise<LedgerProblem | undefined> {
  const check = new ChainCheck(engine)
  while (check.number < rows) {
    const links = await readChain(db, { after: check.number, upTo: rows, limit: piece })
    if (links.length === 0) return { number: check.number + 1, what: `number ${check.number + 1} is missing` }
    for (const link of links) {
      const problem = check.next(link)
      if (problem) return problem
    }
    await breathe()
  }
  return undefined
}

type Waiting = { unchained: number; firstUnchained?: number; problem?: LedgerProblem }

/** Rows beside the chain: those that wait have a note of it, which is made with them and goes when they are chained. */
async function checkUnchained(db: Db): Promise<Waiting> {
  const found: Waiting = { unchained: 0 }
  for (let after = Number.MIN_SAFE_INTEGER; ; await breathe()) {
    const rows = await db
      .selectFrom('audit')
      .leftJoin('auditChain as chain', 'chain.seq', 'audit.seq')
      .leftJoin('auditWaiting as waiting', 'waiting.seq', 'audit.seq')
      .select(['audit.seq', 'chain.number', 'waiting.seq as waits'])
      .where('audit.seq', '>', after)
      .orderBy('audit.seq')
      .limit(piece * 4)
      .execute()
    for (const { seq, waits } of rows.filter((row) => row.number === null)) {
      if (waits === null) return { ...found, problem: { seq, what: `ledger row ${seq} was put there past the chain` } }
      found.firstUnchained ??= seq
      found.unchained += 1
    }
    const last = rows.at(-1)
    if (last === undefined) break
    after = last.seq
  }
  const lost = await db
    .selectFrom('auditWaiting as waiting')
    .leftJoin('audit', 'audit.seq', 'waiting.seq')
    .select('waiting.seq')
    .where('audit.seq', 'is', null)
    .limit(1)
    .executeTakeFirst()
  return lost === undefined ? found : { ...found, problem: { seq: lost.seq, what: `ledger row ${lost.seq} was removed before it was chained` } }
}

async function hashesOf(db: Db, numbers: number[]): Promise<Map<number, string>> {
  if (numbers.length === 0) return new Map()
  const rows = await db.selectFrom('auditChain').select(['number', 'hash']).where('number', 'in', numbers).execute()
  return new Map(rows.map(({ number, hash }) => [number, hash]))
}

async function* storedHeads(db: Db): AsyncGenerator<FoundHead> {
  for (let after = Number.MIN_SAFE_INTEGER; ;) {
    const rows = await db.selectFrom('auditHeads').selectAll().where('number', '>', after).orderBy('number').limit(piece).execute()
    for (const { signedAt, ...head } of rows) yield { head: { ...head, time: signedAt }, where: 'auditHeads' }
    const last = rows.at(-1)
    if (last === undefined) return
    after = last.number
  }
}
