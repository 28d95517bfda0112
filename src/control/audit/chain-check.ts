// Follows a chain link by link and says what is wrong with the first one that does not fit.
import type { Engine } from '../store/engine.ts'
import type { ChainLink } from './chain-rows.ts'
import { chainHash, chainStart } from './chain.ts'

/** `number`: its place in the chain; `seq`: the ledger row's number. */
export type LedgerProblem = { number?: number; seq?: number; what: string }

/** A transaction that took its number first may be committed last on PostgreSQL, but none of the product lasts nearly so long. */
const latestCommitMs = 600_000

export class ChainCheck {
  number = 0
  hash = chainStart
  #chainedAt = 0
  readonly #order: CommitOrder
  constructor(engine: Engine) {
    this.#order = new CommitOrder(engine === 'sqlite' ? 0 : latestCommitMs)
  }

  /** Undefined when the link follows on what came before. */
  next({ number, seq, hash, chainedAt, row }: ChainLink): LedgerProblem | undefined {
    if (number !== this.number + 1)
      return { number: this.number + 1, what: `number ${this.number + 1} is missing: the chain goes on with ${number}, which is ledger row ${seq}` }
    if (row === undefined) return { number, seq, what: 'the ledger row was removed' }
    if (!isWhole(row) || chainHash(this.hash, row) !== hash) return { number, seq, what: 'the ledger row is not what was chained, or its link was changed' }
    if (chainedAt < this.#chainedAt) return { number, seq, what: 'it is said to have been chained before the one before it' }
    if (!this.#order.takes(seq, chainedAt)) return { number, seq, what: 'it was put between older rows, after they had been chained' }
    this.number = number
    this.hash = hash
    this.#chainedAt = chainedAt
    return undefined
  }
}

const isWhole = (row: object) => Object.values(row).every((value) => typeof value !== 'number' || Number.isSafeInteger(value))

/** Whether ledger rows came to the chain in their order, give or take `lateMs`. */
class CommitOrder {
  readonly #lateMs: number
  /** The highest that is certainly over, and the highest at each time since. */
  #over = 0
  #recent: { seq: number; at: number }[] = []
  constructor(lateMs: number) {
    this.#lateMs = lateMs
  }

  takes(seq: number, at: number): boolean {
    const last = this.#recent.at(-1)
    if (this.#lateMs === 0) {
      if (seq <= this.#over) return false
      this.#over = seq
      return true
    }
    while (this.#recent[0] !== undefined && this.#recent[0].at < at - this.#lateMs) this.#over = Math.max(this.#over, this.#recent.shift()?.seq ?? 0)
    if (seq <= this.#over) return false
    if (last?.at === at) last.seq = Math.max(last.seq, seq)
    else this.#recent.push({ seq: Math.max(last?.seq ?? 0, seq), at })
    return true
  }
}
