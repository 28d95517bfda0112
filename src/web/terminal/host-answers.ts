// What the terminal may answer to questions of the host. An answer goes to the host as if typed, so one that carried text of the host's choosing would let a file that is only
// shown type at the prompt. Questions are let through to xterm one kind at a time, each of whose answers xterm makes of numbers it holds itself (sizes, positions, modes);
// colours, whose values the host can set, are answered here with the person's own theme. Everything else is taken from xterm before it sees it.
import type { IDisposable, IParser } from '@xterm/xterm'

/** Full-screen programs ask tens of things at their start, some all 256 colours at once; a hundred a second is more than any goes on to ask. */
const most = 300
const perSecond = 100

export interface AnsweringTerminal {
  readonly parser: IParser
  input(data: string, wasUserInput?: boolean): void
}

// What xterm holds, and what programs ask about by habit and hear "not recognized" (0) of. Any other number is the host's own, and is not said back.
const ansiModes = new Set([2, 4, 12, 20])
const privateModes = new Set([
  ...[1, 3, 6, 7, 8, 9, 12, 25, 45, 47, 66, 67, 69, 1000, 1002, 1003, 1004, 1005, 1006, 1007, 1015, 1016],
  ...[1047, 1048, 1049, 2004, 2026, 2027, 2031, 2048],
])
/** DECRQSS: the settings that xterm reports by number. */
const statusAsked = new Set(['"q', '"p', 'r', 'm', ' q'])

/** `rgb:rrrr/gggg/bbbb`, as xterm says colours. */
function spoken(color: string): string {
  const part = (at: number) => color.slice(at, at + 2).repeat(2)
  return `rgb:${part(1)}/${part(3)}/${part(5)}`
}

export type AnswerColors = { palette(at: number): string | undefined; foreground(): string; background(): string; cursor(): string }

export class HostAnswers {
  /** While true nothing is answered: output that somebody has answered already, and sessions that are only watched. Counts when the question is parsed, not when it arrives. */
  silent = false
  #dropsFocusReport = false
  #left = most
  #atMs: number
  #now: () => number
  #undo: IDisposable[]

  constructor(terminal: AnsweringTerminal, colors: AnswerColors, now: () => number = () => performance.now()) {
    this.#now = now
    this.#atMs = now()
    const { parser } = terminal
    // A handler that answers true has dealt with the question: xterm does not see it.
    const take = (allowed: boolean) => !(allowed && this.#mayAnswer())
    const first = (params: readonly (number | number[])[]) => (typeof params[0] === 'number' ? params[0] : -1)
    const none = () => true
    const say = (text: string) => {
      if (this.#mayAnswer()) terminal.input(text, false)
    }
    const special = [
      { code: 10, color: () => colors.foreground() },
      { code: 11, color: () => colors.background() },
      { code: 12, color: () => colors.cursor() },
    ]
    this.#undo = [
      // DA1 and DA2 with no number but 0.
      parser.registerCsiHandler({ final: 'c' }, (params) => take(first(params) <= 0)),
      parser.registerCsiHandler({ prefix: '>', final: 'c' }, (params) => take(first(params) <= 0)),
      parser.registerCsiHandler({ prefix: '=', final: 'c' }, none),
      parser.registerCsiHandler({ prefix: '>', final: 'q' }, none),
      // DSR: well, and where the cursor is.
      parser.registerCsiHandler({ final: 'n' }, (params) => take(first(params) === 5 || first(params) === 6)),
      parser.registerCsiHandler({ prefix: '?', final: 'n' }, (params) => take(first(params) === 6)),
      // DECRQM.
      parser.registerCsiHandler({ intermediates: '$', final: 'p' }, (params) => take(ansiModes.has(first(params)))),
      parser.registerCsiHandler({ prefix: '?', intermediates: '$', final: 'p' }, (params) => take(privateModes.has(first(params)))),
      // The window: neither obeyed nor told, its title least of all.
      parser.registerCsiHandler({ final: 't' }, none),
      parser.registerDcsHandler({ intermediates: '$', final: 'q' }, (data) => take(statusAsked.has(data))),
      // XTGETTCAP.
      parser.registerDcsHandler({ intermediates: '+', final: 'q' }, none),
      // Focus is reported at once when a program begins to ask for it. The mode is set in any case: it may be part of a screen that is drawn again.
      parser.registerCsiHandler({ prefix: '?', final: 'h' }, (params) => {
        if (params.includes(1004) && !this.#mayAnswer()) this.#dropFocusReport()
        return false
      }),
      parser.registerOscHandler(4, (data) => {
        const parts = data.split(';', 513)
        if (!parts.includes('?')) return false
        for (let at = 0; at + 1 < parts.length; at += 2) {
          const index = /^\d{1,3}$/.test(parts[at] ?? '') ? Number(parts[at]) : -1
          const color = parts[at + 1] === '?' ? colors.palette(index) : undefined
          if (color !== undefined) say(`\u001b]4;${index};${spoken(color)}\u001b\\`)
        }
        return true
      }),
      ...special.map(({ code }, from) =>
        parser.registerOscHandler(code, (data) => {
          const parts = data.split(';', 4)
          if (!parts.includes('?')) return false
          // One sequence may go on to the next colours: `10;?;?` asks for 10 and 11.
          parts.forEach((part, at) => {
            const asked = special[from + at]
            if (part === '?' && asked) say(`\u001b]${asked.code};${spoken(asked.color())}\u001b\\`)
          })
          return true
        }),
      ),
    ]
  }

  /** Of what xterm gives to be sent: a report that was not to be given. */
  isUnwanted(data: string): boolean {
    return this.#dropsFocusReport && (data === '\u001b[I' || data === '\u001b[O')
  }

  dispose(): void {
    for (const undo of this.#undo) undo.dispose()
  }

  #dropFocusReport(): void {
    if (this.#dropsFocusReport) return
    this.#dropsFocusReport = true
    // xterm gives the report while it sets the mode; real changes of focus come in turns of their own.
    queueMicrotask(() => (this.#dropsFocusReport = false))
  }

  #mayAnswer(): boolean {
    if (this.silent) return false
    const now = this.#now()
    this.#left = Math.min(most, this.#left + ((now - this.#atMs) / 1000) * perSecond)
    this.#atMs = now
    if (this.#left < 1) return false
    this.#left--
    return true
  }
}
