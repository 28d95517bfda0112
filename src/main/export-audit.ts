// `sallyport export --audit`: the chained ledger as lines that can be verified alone. Reads and changes nothing, whether the product runs or not.
import { once } from 'node:events'
import { readBatch } from '#control/audit/forwarder.ts'
import { openLedger, type LedgerPlace } from './ledger-place.ts'
import { CommandFailed } from './say.ts'

/** Writes to `out` as fast as it is taken. Throws `CommandFailed` in words. */
export async function exportAudit(place: LedgerPlace, out: NodeJS.WritableStream): Promise<void> {
  let isGone = false
  out.on('error', () => (isGone = true))
  try {
    const reading = await openLedger(place)
    try {
      for (let batch = await readBatch(reading.db, 0); batch !== undefined && !isGone; batch = await readBatch(reading.db, batch.last))
        if (batch.lines.length > 0 && !out.write(`${batch.lines.join('\n')}\n`)) await once(out, 'drain')
    } finally {
      await reading.close()
    }
  } catch (cause) {
    // Whoever reads has seen enough: `| head`.
    if (isGone) return
    throw new CommandFailed(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}
