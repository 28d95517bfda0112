// The rows of a terminal as a string that paints them on one that was reset. Every place is absolute; nothing scrolls.
import type { IBufferCell } from '@xterm/headless'
import { background, hasBackground, isErased, link, noLink, ofCell, plain, sgr } from './pen.ts'
import { type Attributes, type Core, type CoreBuffer, type CoreCell, type CoreLine, joins } from './xterm-core.ts'

/** A cell may hold marks without end; more than this of one is not drawn. */
const maxCellChars = 128

export type RowOptions = { cols: number; rows: number; fromRow: number; attributes: boolean }

export class RowPainter {
  readonly #core: Core
  readonly #cell: CoreCell
  #text: string[] = []
  #chars = 0
  #row = -1
  #col = -1
  #pen = sgr(plain)
  #link = noLink
  /** As xterm's own: what the next character might join; 0 after any sequence. */
  #joinState = 0

  /** `cell` is a scratch one of the terminal's. */
  constructor(core: Core, cell: IBufferCell) {
    this.#core = core
    this.#cell = cell as CoreCell
  }

  get scratch(): CoreCell {
    return this.#cell
  }
  get chars(): number {
    return this.#chars
  }

  /** What was painted since the last call. */
  take(): string {
    const text = this.#text.join('')
    this.#text = []
    return text
  }

  /** Paints the buffer; the terminal that is painted on shows it, empty, with default attributes. Stops when `maxChars` are passed. */
  paint(buffer: CoreBuffer, { cols, rows, fromRow, attributes }: RowOptions, maxChars: number): void {
    this.#row = -1
    for (let row = Math.max(fromRow, 0); row < rows; row += 1) {
      const line = buffer.lines.get(buffer.ybase + row)
      const before = row === fromRow ? undefined : buffer.lines.get(buffer.ybase + row - 1)
      if (line === undefined) continue
      if (line.isWrapped && before !== undefined) this.#wrap(row, cols, before, line)
      for (let col = 0; col < cols;) col += this.#paintCell(line, row, col, cols, attributes)
      if (this.#chars > maxChars) return
    }
  }

  /** Prints the cell once more, where the cursor stands, with its own look or another. */
  reprint(line: CoreLine, row: number, col: number, cols: number, look?: Attributes): void {
    const cell = line.loadCell(col, this.#cell)
    const chars = clipped(cell.getChars())
    const width = Math.max(cell.getWidth(), 1)
    this.dress(look ?? ofCell(cell))
    this.#print(chars === '' || col + width > cols ? ' ' : chars, row, col, width)
  }

  /** Puts on what the next character is to look like. */
  dress(attributes: Attributes): void {
    const pen = sgr(attributes)
    if (pen !== this.#pen) this.#escape(pen)
    this.#pen = pen
    const address = attributes.extended._urlId === 0 ? noLink : link(this.#core, attributes.extended._urlId)
    if (address !== this.#link) this.#escape(address)
    this.#link = address
  }

  /** The pen is not what it was: a cursor was restored. */
  forgetPen(): void {
    this.#pen = ''
  }

  /** A sequence that moves the cursor or changes nothing that is kept here. */
  escape(text: string): void {
    this.#escape(text)
    this.#row = -1
  }

  /** Marks the row as the continuation of the one before: only printing past the margin does that. What was printed for it is erased again where nothing stands. */
  #wrap(row: number, cols: number, before: CoreLine, line: CoreLine): void {
    const last = before.loadCell(cols - 1, this.#cell)
    const isEmpty = last.getChars() === '' && last.getWidth() !== 0 && isErased(last)
    const col = last.getWidth() === 0 ? cols - 2 : cols - 1
    const erased = background(last)
    this.#goTo(row - 1, col)
    this.reprint(before, row - 1, col, cols)
    this.dress(plain)
    this.#print(' ', row, 0, 1)
    if (line.loadCell(0, this.#cell).getChars() === '') this.escape(`\x1b[${row + 1};1H\x1b[X`)
    if (!isEmpty) return
    this.#goTo(row - 1, cols - 1)
    this.dress(erased)
    this.#escape('\x1b[X')
  }

  /** Returns how many columns are done. */
  #paintCell(line: CoreLine, row: number, col: number, cols: number, attributes: boolean): number {
    const cell = line.loadCell(col, this.#cell)
    const chars = clipped(cell.getChars())
    const width = cell.getWidth()
    if (chars === '' && width === 0) return 1
    if (chars === '') {
      if (!attributes) return 1
      if (isErased(cell)) return this.#erase(line, row, col, cols)
    }
    this.#goTo(row, col)
    this.dress(attributes ? ofCell(cell) : plain)
    // A wide character that a narrower window has cut in two would go to the next row.
    this.#print(chars === '' || col + width > cols ? ' ' : chars, row, col, Math.max(width, 1))
    return Math.max(width, 1)
  }

  /** A run of empty cells with one background. */
  #erase(line: CoreLine, row: number, col: number, cols: number): number {
    const first = background(this.#cell)
    let end = col + 1
    while (end < cols) {
      const cell = line.loadCell(end, this.#cell)
      if (cell.getChars() !== '' || cell.getWidth() === 0 || !isErased(cell) || background(cell).bg !== first.bg) break
      end += 1
    }
    if (hasBackground(first)) {
      this.#goTo(row, col)
      this.dress(first)
      this.#escape(`\x1b[${end - col}X`)
    }
    return end - col
  }

  #goTo(row: number, col: number): void {
    if (this.#row === row && this.#col === col) return
    this.#escape(`\x1b[${row + 1};${col + 1}H`)
    this.#row = row
    this.#col = col
  }

  #print(chars: string, row: number, col: number, width: number): void {
    let state = this.#joinState
    let isFirst = true
    for (const char of chars) {
      let properties = this.#core.unicodeService.charProperties(char.codePointAt(0) ?? 0, state)
      if (isFirst && joins(properties)) {
        // Two clusters side by side would become one: any sequence between them parts them.
        this.#escape(this.#pen)
        properties = this.#core.unicodeService.charProperties(char.codePointAt(0) ?? 0, 0)
      }
      isFirst = false
      state = properties
    }
    this.#joinState = state
    this.#add(chars)
    this.#row = row
    this.#col = col + width
  }

  #escape(text: string): void {
    this.#joinState = 0
    this.#add(text)
  }

  #add(text: string): void {
    this.#text.push(text)
    this.#chars += text.length
  }
}

const clipped = (chars: string) => (chars.length > maxCellChars ? chars.slice(0, maxCellChars).toWellFormed() : chars)
