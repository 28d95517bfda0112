// CSV as RFC 4180 has it, made so that a spreadsheet shows text and computes nothing.

export type Cell = string | number | undefined

/** What spreadsheets take for a formula: Excel, LibreOffice and Google Sheets, with the wide forms that they fold. Names come from people and from hosts. */
const formula = /^[=+\-@\t\r\n＝＋－＠]/
/** What does something in a terminal or to the order of letters; tabs and line breaks are text here. */
// oxlint-disable-next-line no-control-regex -- control characters are what is escaped here
const acting = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g
const needsQuotes = /[",\r\n]|^\s|\s$/

/** Text that begins like a formula gets an apostrophe before it, control characters are written as `\uXXXX`; numbers are ours and stay. */
export function csvCell(cell: Cell): string {
  if (cell === undefined) return ''
  if (typeof cell === 'number') return String(cell)
  const shown = cell.replace(acting, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
  const text = formula.test(shown) ? `'${shown}` : shown
  return needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export const csvLine = (cells: readonly Cell[]): string => `${cells.map(csvCell).join(',')}\r\n`

/** So that Excel reads UTF-8 as such. */
export const byteOrderMark = '\uFEFF'
