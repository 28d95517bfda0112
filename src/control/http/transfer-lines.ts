// Files that went in and out, as lines of a CSV file.
import type { TransferView } from '#wire/api/transfers.ts'
import { type Cell, csvLine } from './csv-text.ts'

/** In the order of `transferHeadings`. */
export async function* transferLines(pieces: AsyncIterable<TransferView[]>): AsyncGenerator<string> {
  for await (const rows of pieces) yield rows.map((row) => csvLine(cellsOf(row))).join('')
}

const cellsOf = (row: TransferView): Cell[] => [
  ...[row.at, row.operator, row.asset, row.address, row.account, row.way, row.deed, row.path, row.to, row.bytes, row.sha256, row.verified, row.ms],
  ...[row.outcome, row.failure, row.rule, row.door, row.source, row.atMs === undefined || !row.hasRecording ? undefined : row.atMs / 1000, row.session],
]
