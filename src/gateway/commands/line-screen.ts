// An emulated screen around one line that is being typed: what stands left of the cursor, and what the line reads when the shell takes it.
import type { Size } from '#session/event.ts'
import { Emulator } from '../screens/emulator.ts'
import { isSamePrompt, type Prompt } from './shell-prompt.ts'

/** Taller than any window, so that a long line does not leave it. */
const leastRows = 120
/** Rows that one line may take. */
const maxLineRows = 100

/** `breaks`: line breaks in it that no margin made. `isAtEnd`: the cursor stands in its last row. */
export type Region = { text: string; breaks: number; prompt: Prompt; isAtEnd: boolean }
type Row = NonNullable<ReturnType<Emulator['terminal']['buffer']['active']['getLine']>>

export class LineScreen {
  readonly #emulator: Emulator

  constructor(size: Size) {
    this.#emulator = new Emulator(tall(size))
  }

  write(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#emulator.write(bytes)
  }

  resize(size: Size): void {
    this.#emulator.resize(tall(size))
  }

  close(): void {
    this.#emulator.dispose()
  }

  get #buffer() {
    return this.#emulator.terminal.buffer.active
  }
  get #cols(): number {
    return this.#emulator.size.cols
  }

  /** The row left of the cursor, and what stands right of it. */
  atCursor(): { prompt: Prompt; right: string } {
    const { cursorX } = this.#buffer
    const row = this.#row(this.#cursorRow)
    return { prompt: { text: row?.translateToString(false, 0, cursorX) ?? '', columns: cursorX }, right: row?.translateToString(true, cursorX).trim() ?? '' }
  }

  /** Nothing stands in the cursor's row. */
  get isRowEmpty(): boolean {
    return this.rowText === ''
  }
  /** The whole line that the cursor's row belongs to. */
  get rowText(): string {
    const last = this.#cursorRow
    let first = last
    while (first > 0 && last - first < maxLineRows && this.#isJoined(first)) first -= 1
    return this.#textOf(first, last).text.trimEnd()
  }

  /**
   * The line in front of which one of the prompts stands: the nearest above the cursor. `reaches`: rows may be parted by line breaks.
   * `right`: what stood right of the prompt when the typing began.
   */
  region(prompts: readonly Prompt[], reaches: boolean, right: string): Region | undefined {
    const cursorRow = this.#cursorRow
    let last = cursorRow
    while (
      last - cursorRow < maxLineRows &&
      this.#isJoined(last + 1) &&
      this.#row(last + 1)
        ?.translateToString(true)
        .trim() !== ''
    )
      last += 1
    for (let first = cursorRow; first >= 0 && last - first < maxLineRows; first -= 1) {
      const row = this.#row(first)
      if (row === undefined) return undefined
      const prompt = prompts.find(({ text, columns }) => columns < this.#cols && isSamePrompt(row.translateToString(false, 0, columns), text))
      if (prompt !== undefined) {
        const { text, breaks } = this.#textOf(first, last, prompt.columns, right)
        return { text, breaks, isAtEnd: last === cursorRow, prompt: { ...prompt, text: row.translateToString(false, 0, prompt.columns) } }
      }
      if (!reaches && !this.#isJoined(first)) return undefined
    }
    return undefined
  }

  get #cursorRow(): number {
    return this.#buffer.baseY + this.#buffer.cursorY
  }
  #row(at: number): Row | undefined {
    // xterm's list is a ring: behind its end it gives the rows of its beginning.
    return at < this.#buffer.length ? this.#buffer.getLine(at) : undefined
  }

  /** Whether the row goes on with the one above: the terminal says so, or that one is full. */
  #isJoined(at: number): boolean {
    const [row, above] = [this.#row(at), this.#row(at - 1)]
    if (row === undefined || above === undefined) return false
    if (row.isWrapped) return true
    const isFull = (column: number) => (above.getCell(column)?.getChars() ?? '') !== '' || above.getCell(column)?.getWidth() === 0
    return isFull(this.#cols - 1) || (row.getCell(0)?.getWidth() === 2 && isFull(this.#cols - 2))
  }

  #lastOf(at: number): string | undefined {
    const row = this.#row(at)
    return row?.getCell(this.#cols - 1)?.getChars()
  }

  #textOf(first: number, last: number, from = 0, right = ''): { text: string; breaks: number } {
    let text = ''
    let breaks = 0
    for (let at = first; at <= last; at += 1) {
      const row = this.#row(at)
      if (row === undefined) break
      if (at > first && !this.#isJoined(at)) {
        text = `${text.trimEnd()}\n`
        breaks += 1
      } else if (at > first && row.getCell(0)?.getWidth() === 2 && this.#lastOf(at - 1) === ' ') {
        // The last column had no room for a wide character: the blank there was never typed.
        text = text.slice(0, -1)
      }
      text += at === first ? withoutRight(row, from, right) : row.translateToString(true)
    }
    return { text, breaks }
  }
}

/** The row from a column on, less what stands at its right edge since before the typing. */
function withoutRight(row: Row, from: number, right: string): string {
  const text = row.translateToString(true, from)
  if (right === '' || !isSamePrompt(text.trimEnd().slice(-right.length), right)) return text
  const rest = text.trimEnd().slice(0, -right.length)
  // Nothing but the gap, or a gap that no typing leaves.
  return rest.trim() === '' || rest.endsWith(' ') ? rest.trimEnd() : text
}

const tall = ({ cols, rows }: Size): Size => ({ cols, rows: Math.max(rows, leastRows) })
