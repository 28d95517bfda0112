// Takes signed heads to a folder outside of the data, where whoever can change the database cannot write.
import type { Store } from '../store/open-store.ts'
import type { Head } from './head.ts'
import { appendHeads } from './heads-folder.ts'
import { Sink } from './sink.ts'

export type HeadsExportParts = {
  store: Store
  folder: string
  now(): number
  log(level: 'warn', event: string, facts: Record<string, unknown>): void
}
const headsAtOnce = 500

export class HeadsExport {
  readonly #parts: HeadsExportParts
  readonly #sink: Sink
  constructor(parts: HeadsExportParts) {
    this.#parts = parts
    this.#sink = new Sink(parts.store, 'heads', () => parts.now())
  }

  /** Appends the heads that the folder does not have yet. A failure is logged each time and said in the ledger; the next turn tries again. */
  async turn(): Promise<void> {
    const { folder, log } = this.#parts
    try {
      for (;;) {
        const heads = await this.#missing()
        const last = heads.at(-1)
        if (last === undefined) return
        await appendHeads(folder, heads)
        await this.#sink.delivered(last.number)
      }
    } catch (error) {
      const why = error instanceof Error ? error.message : 'unknown fault'
      log('warn', 'audit.heads_failed', { folder, why })
      // A file system does not come and go by the second: it is said at once.
      await this.#sink.failed(why, 1)
    }
  }

  async #missing(): Promise<Head[]> {
    const { db } = this.#parts.store
    const after = await this.#sink.sentNumber()
    const rows = await db.selectFrom('auditHeads').selectAll().where('number', '>', after).orderBy('number').limit(headsAtOnce).execute()
    return rows.map(({ signedAt, ...head }) => ({ ...head, time: signedAt }))
  }
}
