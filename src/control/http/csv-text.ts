// CSV as RFC 4180 has it, made so that a spreadsheet shows text and computes nothing.

export type Cell = string | number | undefined

/** What spreadsheets take for a formula: Excel, LibreOffice and Google Sheets, with the wide forms that they fold. Names come from people and from hosts. */
const formula = /^[=+\-@\t\r\n＝＋－＠]/
const needsQuotes = /[",\r\n]|^\s|\s$/

/** Text that begins like a formula gets an apostrophe before it; numbers are ours and stay. */
export function csvCell(cell: Cell): string {
  if (cell === undefined) return ''
  if (typeof cell === 'number') return String(cell)
  const text = formula.test(cell) ? `'${cell}` : cell
  return needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export const csvLine = (cells: readonly Cell[]): string => `${cells.map(csvCell).join(',')}\r\n`

/** So that Excel reads UTF-8 as such. */
export const byteOrderMark = '\uFEFF'
