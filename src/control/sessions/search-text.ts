// What a search of sessions looks through, as one text that is written with the session, so that a search reads one narrow column and neither database has to know letters.
import { formatAddress } from '#domain/asset.ts'

/** Alike for letters that people hold for the same: large and small (all of Unicode), wide and narrow, composed and not; `ß` is `ss`. */
export const folded = (text: string): string => text.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFC').replaceAll('ς', 'σ')

/** Operator, host, address with port, account: no word of a search holds the line feeds between them, so none is found across two. */
export function sessionSearchText(row: { operatorName: string; assetName: string; address: string; port: number; account: string }): string {
  return folded([row.operatorName, row.assetName, formatAddress(row.address, row.port), row.account].map((text) => text.replace(/\s+/g, ' ')).join('\n'))
}

/** Each word must be found somewhere. The API lets 200 characters in; more than 8 words narrow nothing. */
export const searchWords = (q: string | undefined): string[] =>
  folded(q ?? '')
    .split(/\s+/)
    .filter(Boolean)
    .slice(0, 8)
