// Where the ledger of a data folder lies, for commands that only read it.
import { join, resolve } from 'node:path'
import { openForReading, type Reading } from '#control/store/open-reading.ts'

export type LedgerPlace = { data: string; database?: string | undefined }

/** Throws in words when it is not there, or is older than the chain. */
export function openLedger({ data, database }: LedgerPlace): Promise<Reading> {
  const place = database === undefined ? { sqliteFile: join(resolve(data), 'control', 'sallyport.db') } : { databaseUrl: database }
  return openForReading(place, '0008-ledger')
}
