// Reads what was run in one session from its journal: output, sizes, and marks of typing. It sees no input, only what the host showed of it (`docs/adr/0025`).
import type { TypingMark } from '#session/typing-marks.ts'
import type { SessionEvent, Size } from '#session/event.ts'
import type { ToldCommand } from '#wire/told-command.ts'
import { asksHistory, expandHistory } from './history-expansion.ts'
import { LineScreen, type Region } from './line-screen.ts'
import { OutputScan } from './output-scan.ts'
import { OutputTail } from './output-tail.ts'
import { plainCommand } from './plain-command.ts'
import { ShellMarks } from './shell-marks.ts'
import { isContinuation, isSamePrompt, isShellPrompt, type Prompt } from './shell-prompt.ts'
import { isOpen } from './shell-text.ts'

/** Output since the last key after which no line is waited for any more: programs that say so much are not line editors. */
const followedBytes = 64 * 1024
/** Given to screens of one session in a second of its time; whoever presses Enter into a flood must not cost others their recordings. */
const shownPerSecond = 512 * 1024
/** What making a screen costs, in bytes shown. */
const screenCost = 8 * 1024
/** Of output before the prompt, for the screen to be right. */
const contextBytes = 4096
const maxKnownPrompts = 6
const maxHistory = 100

/** A line that is being typed. `prompt`: undefined when none was there yet as the typing began. */
type Line = { from: number; prompt: Prompt | undefined; isContinued: boolean; right: string }
/** A line that was taken, and of which more may come. */
type Held = { texts: string[]; at: number; atMs: number; asksHistory: boolean }

export class CommandReader {
  readonly #tail: OutputTail
  readonly #scan = new OutputScan()
  readonly #shell: ShellMarks
  readonly #made: ToldCommand[] = []
  readonly #judge: ((text: string, atMs: number) => string | undefined) | undefined
  readonly #known: Prompt[] = []
  readonly #history: string[] = []
  #screen: LineScreen | undefined
  #isEditing = false
  #isFullScreen = false
  #line: Line | undefined
  /** Line ends that were sent and that no line was taken for. */
  #owed = 0
  #owedAt: { at: number; atMs: number } | undefined
  #held: Held | undefined
  #lastMarkAt = 0
  /** The region as it stood before the last line feed, while nothing was shown since. */
  #candidate: Region | undefined
  #hasHidden = false
  #spent = { second: 0, bytes: 0 }
  /** The line feed that comes next belongs to the line that was taken before it. */
  #awaitsFeed = false
  #atMs = 0

  /** `judge`: called once when a shell says that it runs this now; gives the name of the rule that denies it. */
  constructor(size: Size, judge?: (text: string, atMs: number) => string | undefined) {
    this.#tail = new OutputTail(size)
    this.#judge = judge
    this.#shell = new ShellMarks((told) => this.#tell(told))
  }

  /** The journal's events, as they stand there. */
  push(event: SessionEvent): void {
    if (event.kind === 'output') this.output(event.bytes, event.offset, event.atMs)
    else if (event.kind === 'resize') this.resized(event.size)
    else if (event.kind === 'typing') this.typed(event.mark, event.offset, event.atMs)
    else if (event.kind === 'end') this.#ended()
  }

  /** What has been found since the last call. `isLast`: nothing is waited for, but for a line that the shell asks more of: it has not been run. */
  take(isLast: boolean): ToldCommand[] {
    if (isLast && !isContinuation(`${this.#screen?.rowText ?? ''} `)) this.#release()
    return this.#made.splice(0)
  }

  resized(size: Size): void {
    this.#tail.resized(size)
    this.#screen?.resize(size)
  }

  output(bytes: Uint8Array, offset: number, atMs: number): void {
    this.#atMs = atMs
    const found = this.#scan.find(bytes)
    this.#tail.add(bytes, offset)
    if (this.#screen !== undefined && (this.#tail.end - this.#lastMarkAt > followedBytes || !this.#affords(bytes.length))) this.#giveUp()
    let at = 0
    for (const each of found) {
      this.#show(bytes, at, each.at, offset)
      at = Math.max(at, each.at)
      if (each.kind === 'full-screen') this.#fullScreen(each.isOn)
      else if (each.kind === 'editing') this.#editing(each.isOn, offset + at)
      else this.#shell.told(each.code, each.text, offset + at, atMs)
    }
    this.#show(bytes, at, bytes.length, offset)
  }

  typed(mark: TypingMark, offset: number, atMs: number): void {
    this.#atMs = atMs
    this.#lastMarkAt = offset
    if (this.#isFullScreen || !this.#affords(0)) {
      if (mark.lineEnds > 0) this.#hide(offset)
      return
    }
    // A key that the editor keeps for itself (Enter in a menu) does not begin another line.
    const isSame = this.#isEditing && this.#line?.prompt !== undefined
    if (!isSame && (mark.typed || (mark.lineEnds > 0 && this.#line === undefined))) this.#begin(offset, mark.typed)
    if (mark.lineEnds > 0) {
      this.#owed += mark.lineEnds
      this.#owedAt ??= { at: offset, atMs }
      this.#follow(Math.min(this.#line?.from ?? offset, offset))
    }
    if (mark.interrupted) this.#interrupted()
    if (mark.lineEnds > 0 && mark.isOpen) this.#line ??= { from: offset, prompt: undefined, isContinued: false, right: '' }
    if (this.#owed === 0 && this.#held === undefined) this.#rest()
  }

  /** The screen as it is now, made from what was shown last. */
  #follow(from: number): LineScreen {
    if (this.#screen !== undefined) return this.#screen
    const pieces = [...this.#tail.pieces(Math.max(0, from - contextBytes))]
    const screen = new LineScreen(pieces[0]?.size ?? this.#tail.size)
    this.#screen = screen
    this.#affords(screenCost + pieces.reduce((sum, { bytes }) => sum + bytes.length, 0))
    for (const [index, { size, bytes }] of pieces.entries()) {
      if (index > 0) screen.resize(size)
      screen.write(bytes)
    }
    if (pieces.length === 0) screen.resize(this.#tail.size)
    return screen
  }

  /** Counts them, and says whether there was room for them in this second. */
  #affords(bytes: number): boolean {
    const second = Math.floor(this.#atMs / 1000)
    if (second !== this.#spent.second) this.#spent = { second, bytes: 0 }
    this.#spent.bytes += bytes
    return this.#spent.bytes <= shownPerSecond
  }

  #rest(): void {
    this.#screen?.close()
    this.#screen = undefined
    this.#candidate = undefined
  }

  #giveUp(): void {
    this.#release()
    this.#settleOwed()
    this.#line = undefined
    this.#rest()
  }

  /** The first key of a line: what stands left of the cursor is the prompt, if the shell was waiting for it. */
  #begin(offset: number, isFirstKey: boolean): void {
    const { prompt, right } = this.#follow(offset).atCursor()
    const isContinued = this.#held !== undefined && this.#isContinuing(prompt.text, this.#held)
    // When the first key is not known (it went to a program that has ended since), the line may stand there already.
    const isPrompt =
      isContinued || (isFirstKey ? isShellPrompt(prompt.text, this.#known, this.#isEditing) : this.#known.some(({ text }) => isSamePrompt(text, prompt.text)))
    if (isPrompt && !isContinued) {
      // The shell waits for a line: what was entered before and not taken as one went elsewhere.
      if (this.#held !== undefined) this.#release()
      this.#settleOwed()
    }
    this.#line = { from: offset, prompt: isPrompt ? prompt : undefined, isContinued, right }
  }

  #isContinuing(text: string, held: Held): boolean {
    if (text.trim() === '' || this.#known.some((each) => isSamePrompt(each.text, text))) return false
    return isContinuation(text) || (this.#isEditing && isOpen(held.texts.join('\n')) && !isShellPrompt(text, this.#known, true))
  }

  #interrupted(): void {
    const held = this.#held
    if (held !== undefined && (isOpen(held.texts.join('\n')) || this.#line?.isContinued === true || isContinuation(`${this.#screen?.rowText ?? ''} `)))
      this.#held = undefined
    this.#release()
    // What was entered and is still owed went to a program that is being stopped, or to no one.
    this.#settleOwed()
    this.#line = undefined
  }

  /** Bytes go to the screen in pieces, so that the line can be read before the cursor leaves it. */
  #show(bytes: Uint8Array, from: number, until: number, offset: number): void {
    let at = from
    while (at < until && this.#screen !== undefined) {
      const byte = bytes[at]
      if (byte === 0x0a) {
        this.#fed(offset + at + 1)
        // Taken as the whole of what was awaited, the screen is gone.
        this.#screen?.write(bytes.subarray(at, at + 1))
        at += 1
        continue
      }
      let end = at
      while (end < until && bytes[end] !== 0x0a) end += 1
      this.#screen.write(bytes.subarray(at, end))
      if (bytes[at] !== 0x1b && bytes[at] !== 0x0d) this.#candidate = undefined
      at = end
    }
  }

  /** The cursor is about to leave its row. */
  #fed(at: number): void {
    const screen = this.#screen
    if (screen === undefined) return
    const isOwn = this.#awaitsFeed
    this.#awaitsFeed = false
    if (isOwn) return
    if (this.#isEditing) {
      this.#candidate = this.#owed > 0 ? this.#read(screen) : undefined
      return
    }
    if (this.#owed > 0) {
      const region = this.#read(screen)
      if (region?.isAtEnd === true) return this.#taken(region, at)
      if (region !== undefined) return
    }
    const { rowText } = screen
    if (rowText !== '') this.#shown(rowText)
  }

  #editing(isOn: boolean, at: number): void {
    const was = this.#isEditing
    this.#awaitsFeed = false
    const screen = this.#screen
    if (!isOn && was && screen !== undefined && this.#owed > 0) {
      const isBelow = this.#candidate !== undefined && screen.isRowEmpty
      const region = isBelow ? this.#candidate : this.#read(screen)
      this.#awaitsFeed = !isBelow
      if (region === undefined) this.#line = undefined
      else this.#taken(region, at)
    }
    this.#candidate = undefined
    this.#isEditing = isOn
  }

  #read(screen: LineScreen): Region | undefined {
    const line = this.#line
    const own = line?.prompt === undefined ? undefined : screen.region([line.prompt], this.#isEditing, line.right)
    if (own !== undefined) return own
    const region = screen.region(this.#known, false, '')
    if (region !== undefined || this.#held === undefined) return region
    // Typed ahead, behind a line that the shell asks more of.
    const { rowText } = screen
    const sign = /^[a-z ]*> /.exec(rowText)?.[0]
    if (sign === undefined || !isContinuation(sign)) return undefined
    this.#line = { from: this.#tail.end, prompt: { text: sign, columns: sign.length }, isContinued: true, right: '' }
    return { text: rowText.slice(sign.length), breaks: 0, prompt: { text: sign, columns: sign.length }, isAtEnd: true }
  }

  /** The shell has taken the line. */
  #taken(region: Region, at: number): void {
    const line = this.#line
    const isContinued = line?.isContinued === true && this.#held !== undefined
    const text = plainCommand(region.text)
    const isWhole = region.breaks === 0 || region.breaks < this.#owed || this.#history.includes(text)
    this.#owed = Math.max(0, this.#owed - 1 - (isWhole ? region.breaks : 0))
    if (this.#owed === 0) this.#owedAt = undefined
    this.#line = undefined
    if (!isWhole) {
      // Something was shown in the middle of the line: what the line was cannot be read.
      this.#held = undefined
      this.#hide(at)
    } else if (isContinued && this.#held !== undefined) {
      this.#held.texts.push(text)
      this.#held.at = at
    } else if (text !== '') {
      this.#release()
      this.#learn(region.prompt)
      this.#held = { texts: [text], at, atMs: this.#atMs, asksHistory: asksHistory(text) }
    }
    if (this.#owed === 0 && this.#held === undefined) this.#rest()
  }

  /** A program says something: the line before it was the whole of it. */
  #shown(row: string): void {
    const held = this.#held
    if (held === undefined) return
    if (isContinuation(`${row} `)) return
    if (held.asksHistory) {
      const text = held.texts.join('\n')
      const expanded = expandHistory(text, this.#history)
      if (expanded !== undefined && expanded !== text && row === expanded.split('\n')[0]?.trimEnd()) held.texts = [expanded]
      else if (/event not found|no such event|no such word in event|bad word specifier/.test(row)) {
        // The shell ran nothing of it, if it is the shell that says so.
        this.#held = undefined
        return this.#hide(held.at)
      } else if (expanded === undefined && couldBe(text, row)) held.texts = [row]
    }
    // bash shows what `!` became before it says what it runs.
    if (this.#shell.isAtPrompt) return
    this.#release()
    if (this.#owed === 0) this.#rest()
  }

  #release(): void {
    const held = this.#held
    this.#held = undefined
    if (held === undefined) return
    const text = plainCommand(held.texts.join('\n'))
    if (text === '') return
    this.#shell.expects(held.at)
    this.#tell({ number: held.at * 2, atMs: held.atMs, text, how: 'screen' })
  }

  #tell(told: ToldCommand): void {
    if (told.how === 'integration') this.#held = undefined
    if (told.text !== '') {
      this.#history.push(told.text)
      if (this.#history.length > maxHistory) this.#history.shift()
    }
    this.#hasHidden = false
    const denied = told.how === 'integration' && told.text !== '' ? this.#judge?.(told.text, told.atMs) : undefined
    this.#made.push(denied === undefined ? told : { ...told, denied })
  }

  #learn(prompt: Prompt): void {
    const at = this.#known.findIndex((each) => each.text === prompt.text)
    if (at !== -1) this.#known.splice(at, 1)
    this.#known.unshift(prompt)
    if (this.#known.length > maxKnownPrompts) this.#known.pop()
  }

  #fullScreen(isOn: boolean): void {
    this.#isFullScreen = isOn
    if (!isOn) return
    this.#release()
    this.#owed = 0
    this.#owedAt = undefined
    this.#line = undefined
    this.#rest()
  }

  /** What is owed still may have been a password, or a line for a program that never read it. */
  #ended(): void {
    if (!isContinuation(`${this.#screen?.rowText ?? ''} `)) this.#release()
    this.#settleOwed()
    this.#rest()
  }

  #settleOwed(): void {
    const owed = this.#owedAt
    this.#owed = 0
    this.#owedAt = undefined
    if (owed !== undefined) this.#hide(owed.at)
  }

  /** One row for all that was entered out of sight since the last command. */
  #hide(at: number): void {
    if (this.#hasHidden) return
    this.#made.push({ number: at * 2 + 1, atMs: this.#atMs, text: '', how: 'hidden' })
    this.#hasHidden = true
  }
}

/** Whether `row` reads like `text` with something in the place of each `!…`. */
function couldBe(text: string, row: string): boolean {
  const parts = text.split(/!\S+/)
  let at = 0
  for (const [index, part] of parts.entries()) {
    const found = row.indexOf(part, at)
    if (found === -1 || (index === 0 && found !== 0)) return false
    at = found + part.length
  }
  return parts.length > 1 && (parts.at(-1) === '' || row.endsWith(parts.at(-1) ?? ''))
}
