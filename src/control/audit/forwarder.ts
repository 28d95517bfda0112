// Sends chained rows to one receiver in their order, at least once. The ledger is the spool: all that is held here is one batch.
import type { Store } from '../store/open-store.ts'
import { chainEnd, hashOf, readChain } from './chain-rows.ts'
import { chainStart } from './chain.ts'
import { type LedgerLine, lineText } from './ledger-line.ts'
import { Sink } from './sink.ts'

export type Batch = { rows: readonly LedgerLine[]; lines: readonly string[]; first: number; last: number }
/** Resolves when the receiver has them all; rejects when it may not have, with words that hold no secret. Ends soon after the signal. */
export type Receiver = { readonly name: string; send(batch: Batch, signal: AbortSignal): Promise<void> }
export type ForwarderParts = {
  store: Store
  receiver: Receiver
  now(): number
  log(level: 'info' | 'warn', event: string, facts: Record<string, unknown>): void
  /** For tests: how long is waited after the first failure, at most, and for an answer. */
  times?: { retryMs: number; retryMostMs: number; answerMs: number }
}

const usualTimes = { retryMs: 1000, retryMostMs: 60_000, answerMs: 15_000 }
const rowsAtOnce = 200
const charactersAtOnce = 64 * 1024
/** Then others get their turn at the database. */
const batchesOfATurn = 50

export class Forwarder {
  readonly #parts: ForwarderParts
  readonly #sink: Sink
  readonly #stopped = new AbortController()
  /** By the monotonic clock. */
  #notBefore = 0
  constructor(parts: ForwarderParts) {
    this.#parts = parts
    this.#sink = new Sink(parts.store, parts.receiver.name, () => parts.now())
  }

  /** Sends what there is. Resolves when there is no more, after a failure, or when stopped; never overlaps itself. */
  async turn(): Promise<void> {
    for (let sent = 0; sent < batchesOfATurn && performance.now() >= this.#notBefore && !this.#stopped.signal.aborted; sent += 1) {
      const batch = await this.#next()
      if (batch === undefined || !(await this.#send(batch))) return
    }
  }

  /** What is under way is broken off, and sent again after the next start. */
  stop(): void {
    this.#stopped.abort(new Error('control stops'))
  }

  async #next(): Promise<Batch | undefined> {
    const { store } = this.#parts
    const after = await this.#sink.sentNumber()
    const end = (await chainEnd(store.db))?.number ?? 0
    if (after > end) {
      this.#parts.log('warn', 'audit.cut', { receiver: this.#sink.name, sent: after, end })
      await this.#sink.delivered(end)
      return undefined
    }
    return after === end ? undefined : await readBatch(store.db, after)
  }

  async #send(batch: Batch): Promise<boolean> {
    const { receiver, log, times = usualTimes } = this.#parts
    const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(times.answerMs)])
    try {
      if (batch.rows.length > 0) await receiver.send(batch, signal)
    } catch (error) {
      if (this.#stopped.signal.aborted) return false
      const isLate = signal.aborted
      const why = isLate ? `no answer within ${times.answerMs} ms` : error instanceof Error ? error.message : 'unknown fault'
      const isSaid = await this.#sink.failed(why)
      if (isSaid) log('warn', 'audit.forwarding_failed', { receiver: receiver.name, why, number: batch.first })
      // Jitter: several receivers that one fault took away are not asked at the same moment.
      this.#notBefore = performance.now() + Math.min(times.retryMs * 2 ** (this.#sink.failures - 1), times.retryMostMs) * (0.75 + Math.random() / 4)
      return false
    }
    await this.#sink.delivered(batch.last)
    return true
  }
}

/** The rows behind `after`: at most 200 and, but for one long one, about 64 KiB. Undefined when there are none. */
export async function readBatch(db: Store['db'], after: number): Promise<Batch | undefined> {
  const links = await readChain(db, { after, limit: rowsAtOnce })
  let previous = after === 0 ? chainStart : await hashOf(db, after)
  const rows: LedgerLine[] = []
  const lines: string[] = []
  let size = 0
  let last = after
  for (const { number, hash, row } of links) {
    // A row that somebody removed past the triggers cannot be told; what `verify` says of it can.
    const told = row === undefined || previous === undefined ? undefined : { ...row, previous, hash }
    const line = told ? lineText(told) : ''
    if (rows.length > 0 && size + line.length > charactersAtOnce) break
    if (told) {
      rows.push(told)
      lines.push(line)
      size += line.length
    }
    previous = hash
    last = number
  }
  return last === after ? undefined : { rows, lines, first: after + 1, last }
}
