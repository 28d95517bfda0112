// A person at a terminal chooses a host: the menu drawn with a cursor, or line by line where there is none.
import type { Size } from '#session/event.ts'
import type { DoorHost } from '#wire/door.ts'
import { cellsOf, withoutLast } from './cells.ts'
import { type Chosen, Menu, type MenuStep, mostHosts, pageOf } from './menu.ts'
import { MenuKeys } from './menu-keys.ts'
import type { DoorLanguage } from '../door-words.ts'
import { menuWords } from './menu-words.ts'

/** The terminal. `write` takes text with `\r\n`; one listener each, taken away with undefined. */
export interface MenuTerminal {
  readonly size: Size
  readonly term: string
  write(text: string): void
  onInput: ((bytes: Uint8Array) => void) | undefined
  onSize: (() => void) | undefined
}
export type MenuQuestion = {
  operator: string
  language: DoorLanguage
  /** Hosts for what was typed, the last used first. */
  find(query: string, size: number): Promise<{ items: readonly DoorHost[]; total: number }>
  /** Aborted when the person is gone. */
  signal: AbortSignal
}

/** Nobody chooses for so long: the terminal is left. */
const chooseWithinMs = 5 * 60_000
/** A menu line by line keeps no more of a line that does not end. */
const mostLineChars = 200

/** Undefined when the person left, is gone, or took more than five minutes. The screen is as it was before. */
export async function chooseTarget(terminal: MenuTerminal, question: MenuQuestion): Promise<Chosen | undefined> {
  const isDumb = terminal.term === '' || terminal.term === 'dumb' || terminal.term === 'unknown'
  const view = isDumb ? new LineView(terminal, question) : new ScreenView(terminal, question)
  const { promise, resolve } = Promise.withResolvers<Chosen | undefined>()
  const menu = new Menu(question.operator, question.language)
  const late = setTimeout(() => resolve(undefined), chooseWithinMs)
  const gone = () => resolve(undefined)
  question.signal.addEventListener('abort', gone, { once: true })
  const find = async (query: string) => {
    const answer = await question.find(query, mostHosts).catch(() => undefined)
    took(menu.found(query, answer))
  }
  const took = (step: MenuStep) => {
    if (step.kind === 'chosen') resolve(step.chosen)
    else if (step.kind === 'left') resolve(undefined)
    else if (step.kind === 'find') void find(step.query)
    else view.draw(menu)
  }
  terminal.onInput = (bytes) => view.input(bytes, menu, took)
  terminal.onSize = () => view.draw(menu)
  view.open()
  if (question.signal.aborted) gone()
  else void find('')
  try {
    return await promise
  } finally {
    clearTimeout(late)
    question.signal.removeEventListener('abort', gone)
    terminal.onInput = terminal.onSize = undefined
    view.close()
  }
}

interface View {
  open(): void
  draw(menu: Menu): void
  input(bytes: Uint8Array, menu: Menu, took: (step: MenuStep) => void): void
  close(): void
}

/** On the alternate screen (xterm's mode 1049), so that what stood there before comes back. */
class ScreenView implements View {
  readonly #terminal: MenuTerminal
  readonly #keys = new MenuKeys()
  constructor(terminal: MenuTerminal, _question: MenuQuestion) {
    this.#terminal = terminal
  }
  open(): void {
    this.#terminal.write('\x1b[?1049h\x1b[H\x1b[2J')
  }
  draw(menu: Menu): void {
    const { cols, rows } = sane(this.#terminal.size)
    const { lines, cursor, selected } = menu.draw(cols, rows)
    const drawn = lines.map((line, row) => `\x1b[${row + 1};1H\x1b[K${row === 0 ? `\x1b[1m${line}\x1b[0m` : row === selected ? `\x1b[7m${line}\x1b[0m` : line}`)
    const place = cursor ? `\x1b[${cursor.row + 1};${cursor.col + 1}H\x1b[?25h` : '\x1b[?25l'
    this.#terminal.write(`\x1b[?25l${drawn.join('')}\x1b[J${place}`)
  }
  input(bytes: Uint8Array, menu: Menu, took: (step: MenuStep) => void): void {
    const page = pageOf(sane(this.#terminal.size).rows)
    for (const key of this.#keys.read(bytes)) took(menu.press(key, page))
  }
  close(): void {
    this.#terminal.write('\x1b[?25h\x1b[?1049l')
  }
}

/** For terminals that cannot move a cursor: everything stands below what came before. */
class LineView implements View {
  readonly #terminal: MenuTerminal
  readonly #question: MenuQuestion
  readonly #decoder = new TextDecoder()
  #line = ''
  #isTooLong = false
  constructor(terminal: MenuTerminal, question: MenuQuestion) {
    this.#terminal = terminal
    this.#question = question
  }
  get #words() {
    return menuWords[this.#question.language]
  }
  open(): void {
    this.#terminal.write(`${this.#words.choose(this.#question.operator)}\r\n`)
  }
  draw(menu: Menu): void {
    const ask = menu.isAskingAccount ? this.#words.dumbAccount : this.#words.dumb
    this.#terminal.write(`${menu.list().join('\r\n')}\r\n${ask}`)
  }
  input(bytes: Uint8Array, menu: Menu, took: (step: MenuStep) => void): void {
    for (const each of this.#decoder.decode(bytes, { stream: true })) {
      if (each === '\x03' || each === '\x04') return took({ kind: 'left' })
      if (each === '\r' || each === '\n') this.#entered(menu, took)
      else if (each === '\x7f' || each === '\b') this.#erase()
      else if (each >= ' ') this.#type(each)
    }
  }
  close(): void {
    this.#terminal.write('\r\n')
  }

  #entered(menu: Menu, took: (step: MenuStep) => void): void {
    this.#terminal.write('\r\n')
    const step = this.#isTooLong ? undefined : menu.line(this.#line)
    this.#line = ''
    this.#isTooLong = false
    if (step) return took(step)
    this.#terminal.write(`${this.#words.notANumber}\r\n`)
    this.draw(menu)
  }
  #erase(): void {
    if (this.#line === '') return
    const left = withoutLast(this.#line)
    this.#terminal.write('\b \b'.repeat(cellsOf(this.#line) - cellsOf(left)))
    this.#line = left
  }
  #type(each: string): void {
    if (this.#line.length >= mostLineChars) this.#isTooLong = true
    else {
      this.#line += each
      this.#terminal.write(each)
    }
  }
}

/** A client may say that it has no columns. */
const sane = ({ cols, rows }: Size): Size => ({ cols: Math.max(20, cols || 80), rows: Math.max(6, rows || 24) })
