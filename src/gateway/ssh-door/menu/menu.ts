// The menu as a state: what was typed, what was found, what is chosen. It draws lines of text and knows no terminal.
import type { DoorHost } from '#wire/door.ts'
import { cellsOf, clip, withoutLast } from './cells.ts'
import type { MenuKey } from './menu-keys.ts'
import type { DoorLanguage } from '../door-words.ts'
import { menuWords } from './menu-words.ts'

export type Chosen = { asset: string; account: string | undefined }
/** What a key led to: `find` wants hosts for the query, `chosen` and `left` are the end. */
export type MenuStep = { kind: 'drawn' } | { kind: 'find'; query: string } | { kind: 'chosen'; chosen: Chosen } | { kind: 'left' }

/** As many hosts as one answer holds; more are found by typing. */
export const mostHosts = 100
const mostQueryChars = 100
const dated = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'short', timeZone: 'UTC' })

export class Menu {
  readonly #operator: string
  readonly #language: DoorLanguage
  #query = ''
  #hosts: readonly DoorHost[] = []
  #total = 0
  #state: 'looking' | 'found' | 'failed' = 'looking'
  #selected = 0
  #isEntered = false
  /** The first row that is drawn. */
  #top = 0
  /** Its accounts are being chosen from. */
  #host: DoorHost | undefined

  constructor(operator: string, language: DoorLanguage) {
    this.#operator = operator
    this.#language = language
  }

  get query(): string {
    return this.#query
  }

  /** The answer for a query; one that has changed meanwhile is not drawn. Who pressed Enter before it came meant what is found. */
  found(query: string, answer: { items: readonly DoorHost[]; total: number } | undefined): MenuStep {
    if (query !== this.#searched) return { kind: 'drawn' }
    this.#state = answer ? 'found' : 'failed'
    this.#hosts = answer?.items.slice(0, mostHosts) ?? []
    this.#total = answer?.total ?? 0
    this.#selected = this.#top = 0
    const isEntered = this.#isEntered
    this.#isEntered = false
    return isEntered ? this.#enter() : { kind: 'drawn' }
  }

  press(key: MenuKey, pageRows: number): MenuStep {
    if (key.kind === 'leave') return { kind: 'left' }
    if (this.#state === 'failed') return this.#search()
    if (key.kind === 'enter') return this.#enter()
    if (key.kind === 'back' && this.#host) return this.#leaveAccounts()
    if (key.kind === 'text') return this.#type(key.text)
    if (key.kind === 'erase' || key.kind === 'clear' || key.kind === 'back') return this.#erase(key.kind === 'erase')
    const last = Math.max(0, this.#count - 1)
    const moves = { up: -1, down: 1, 'page-up': -pageRows, 'page-down': pageRows, first: -last, last }
    this.#selected = Math.min(last, Math.max(0, this.#selected + moves[key.kind]))
    return { kind: 'drawn' }
  }

  /** For terminals without a cursor: a line that was typed whole. Undefined when it is a number that is not there. */
  line(text: string): MenuStep | undefined {
    const typed = text.trim()
    if (typed.toLowerCase() === 'q') return { kind: 'left' }
    if (this.#host && typed.toLowerCase() === 'b') return this.#leaveAccounts()
    if (/^\d{1,4}$/.test(typed) && this.#count > 0) {
      if (Number(typed) < 1 || Number(typed) > this.#count) return undefined
      this.#selected = Number(typed) - 1
      return this.#enter()
    }
    if (this.#host) return undefined
    this.#query = typed.slice(0, mostQueryChars)
    return this.#search()
  }

  get isAskingAccount(): boolean {
    return this.#host !== undefined
  }

  /** Of so many columns and rows; the last line of the answer is the help. `cursor`: where the search stands. */
  draw(cols: number, rows: number): { lines: string[]; cursor: { row: number; col: number } | undefined; selected: number | undefined } {
    const words = menuWords[this.#language]
    const page = pageOf(rows)
    if (this.#selected < this.#top) this.#top = this.#selected
    if (this.#selected >= this.#top + page) this.#top = this.#selected - page + 1
    const isAccount = this.#host !== undefined
    const title = isAccount ? words.chooseAccount(this.#host?.name ?? '') : words.choose(this.#operator)
    const typed = isAccount ? '' : `${words.search}${this.#query}`
    const shown = this.#rows().slice(this.#top, this.#top + page)
    const [from, to] = [this.#count === 0 ? 0 : this.#top + 1, this.#top + shown.length]
    const count = this.#count > page || this.#total > this.#count ? words.shown(from, to, isAccount ? this.#count : this.#total) : ''
    const body = shown.length > 0 ? shown : [this.#empty()]
    const lines = [title, typed, ...body, count, isAccount ? words.helpAccount : words.help].map((line) => clip(line, cols))
    return {
      lines,
      cursor: isAccount ? undefined : { row: 1, col: Math.min(cols - 1, cellsOf(typed)) },
      selected: shown.length > 0 ? this.#selected - this.#top + 2 : undefined,
    }
  }

  /** All rows, numbered, for terminals without a cursor. */
  list(): string[] {
    const rows = this.#rows()
    return rows.length > 0 ? rows : [this.#empty()]
  }

  #rows(): string[] {
    const numbered = (text: string, index: number) => `${String(index + 1).padStart(3)}  ${text}`
    if (this.#host) return this.#host.accounts.map(numbered)
    const width = Math.min(40, Math.max(0, ...this.#hosts.map(({ name }) => cellsOf(name))))
    return this.#hosts.map((host, index) => {
      const used = host.lastUsedAt === undefined ? '' : `  ${dated.format(host.lastUsedAt)} UTC`
      return numbered(
        `${padded(host.name, width)}  ${host.address}  (${host.accounts.slice(0, 4).join(', ')}${host.accounts.length > 4 ? ' …' : ''})${used}`,
        index,
      )
    })
  }

  #empty(): string {
    const words = menuWords[this.#language]
    if (this.#state === 'looking') return words.looking
    if (this.#state === 'failed') return words.failed
    return this.#searched === '' ? words.none : words.noneFound(this.#searched)
  }

  get #count(): number {
    return this.#host ? this.#host.accounts.length : this.#hosts.length
  }
  /** Digits alone point at a row, as long as there is one. */
  get #searched(): string {
    return this.#isNumber(this.#query) ? '' : this.#query
  }
  #isNumber(query: string): boolean {
    return /^[1-9]\d{0,2}$/.test(query) && Number(query) <= mostHosts
  }

  #type(text: string): MenuStep {
    if (!this.#host) return this.#change((this.#query + text).slice(0, mostQueryChars))
    if (/^[1-9]$/.test(text) && Number(text) <= this.#count) this.#selected = Number(text) - 1
    return { kind: 'drawn' }
  }

  #erase(isOne: boolean): MenuStep {
    return this.#host ? { kind: 'drawn' } : this.#change(isOne ? withoutLast(this.#query) : '')
  }

  #change(query: string): MenuStep {
    const before = this.#searched
    this.#isEntered = false
    this.#query = query
    if (this.#isNumber(query) && Number(query) <= this.#hosts.length) this.#selected = Number(query) - 1
    return this.#searched === before ? { kind: 'drawn' } : this.#search()
  }

  #search(): MenuStep {
    this.#state = 'looking'
    return { kind: 'find', query: this.#searched }
  }

  #enter(): MenuStep {
    if (this.#host) return { kind: 'chosen', chosen: { asset: this.#host.name, account: this.#host.accounts[this.#selected] } }
    if (this.#state === 'looking') this.#isEntered = true
    const host = this.#hosts[this.#selected]
    if (this.#state !== 'found' || !host) return { kind: 'drawn' }
    if (host.accounts.length < 2) return { kind: 'chosen', chosen: { asset: host.name, account: host.accounts[0] } }
    this.#host = host
    this.#selected = this.#top = 0
    return { kind: 'drawn' }
  }

  #leaveAccounts(): MenuStep {
    const index = this.#hosts.findIndex((host) => host === this.#host)
    this.#host = undefined
    this.#selected = Math.max(0, index)
    return { kind: 'drawn' }
  }
}

/** Rows for hosts: the title, the search, the count and the help are left out. */
export const pageOf = (rows: number): number => Math.max(1, rows - 4)

const padded = (text: string, cells: number) => text + ' '.repeat(Math.max(0, cells - cellsOf(text)))
