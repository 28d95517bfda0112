// What a shell with our snippet (docs/shell-integration.md), kitty's or VS Code's says about itself: OSC 133 (semantic prompts), OSC 633 (VS Code), OSC 7 (folder). It is the host's word.
import type { ToldCommand } from '#wire/told-command.ts'
import { plainCommand } from './plain-command.ts'

const maxFolderChars = 1000
/** What a shell says about a command that runs longer is not waited for. */
const maxDurationMs = 30 * 24 * 3_600_000

export class ShellMarks {
  readonly #tell: (told: ToldCommand) => void
  /** The text of OSC 633 ; E, until its C. */
  #announced: string | undefined
  #running: { number: number; atMs: number } | undefined
  #folder: string | undefined
  #isAtPrompt = false

  constructor(tell: (told: ToldCommand) => void) {
    this.#tell = tell
  }

  /** The shell has said that it waits for a line: it will also say what it makes of it. */
  get isAtPrompt(): boolean {
    return this.#isAtPrompt
  }

  /** A line was read off the screen although the shell had promised to tell it. */
  expects(_at: number): void {
    this.#isAtPrompt = false
  }

  /** `at`: output bytes up to the end of the mark. */
  told(code: number, text: string, at: number, atMs: number): void {
    if (code === 7) {
      this.#folder = folderOf(text) ?? this.#folder
      return
    }
    const [kind, ...fields] = text.split(';')
    if (code === 633 && kind === 'P') {
      const found = /^Cwd=(.*)$/s.exec(fields.join(';'))
      if (found !== null) this.#folder = cleanFolder(unescape633(found[1] ?? ''))
    } else if (code === 633 && kind === 'E') this.#announced = unescape633(fields[0] ?? '')
    else if (kind === 'A' || kind === 'B') this.#isAtPrompt = true
    else if (kind === 'C') this.#begins(fields, at, atMs)
    else if (kind === 'D') this.#ends(fields[0], atMs)
  }

  #begins(fields: readonly string[], at: number, atMs: number): void {
    const url = fields.find((field) => field.startsWith('cmdline_url='))?.slice('cmdline_url='.length)
    const text = plainCommand((url === undefined ? this.#announced : percentDecoded(url)) ?? '')
    this.#announced = undefined
    if (text === '') return
    this.#isAtPrompt = false
    this.#running = { number: at * 2, atMs }
    this.#tell({ number: at * 2, atMs, text, how: 'integration', ...(this.#folder === undefined ? {} : { folder: this.#folder }) })
  }

  #ends(status: string | undefined, atMs: number): void {
    const running = this.#running
    this.#running = undefined
    this.#announced = undefined
    if (running === undefined) return
    const exitStatus = status !== undefined && /^-?\d{1,10}$/.test(status) ? Number(status) : undefined
    const durationMs = Math.round(Math.min(Math.max(atMs - running.atMs, 0), maxDurationMs))
    this.#tell({ ...running, text: '', how: 'integration', durationMs, ...(exitStatus === undefined ? {} : { exitStatus }) })
  }
}

/** Undefined when it is no URL of a file. */
function folderOf(url: string): string | undefined {
  const found = /^file:\/\/[^/]*(\/.*)$/s.exec(url)
  const path = found === null ? undefined : percentDecoded(found[1] ?? '')
  return path === undefined ? undefined : cleanFolder(path)
}
const cleanFolder = (path: string): string | undefined => {
  const clean = plainCommand(path).replaceAll('\n', ' ').slice(0, maxFolderChars).toWellFormed()
  return clean === '' ? undefined : clean
}

/** `%xx` as bytes of UTF-8; anything else as it stands. */
function percentDecoded(text: string): string {
  const bytes = Buffer.from(text, 'utf8')
  const decoded = Buffer.alloc(bytes.length)
  let length = 0
  for (let at = 0; at < bytes.length; at += 1) {
    const hex = bytes[at] === 0x25 ? bytes.toString('latin1', at + 1, at + 3) : ''
    const isByte = /^[0-9a-f]{2}$/i.test(hex)
    decoded[length] = isByte ? Number.parseInt(hex, 16) : (bytes[at] ?? 0)
    length += 1
    if (isByte) at += 2
  }
  return decoded.toString('utf8', 0, length)
}

/** VS Code: `\\` for a backslash, `\xAB` for a character. */
const unescape633 = (text: string): string =>
  text.replaceAll(/\\(?:x([0-9a-fA-F]{2})|\\)/g, (_, hex: string | undefined) => (hex === undefined ? '\\' : String.fromCharCode(Number.parseInt(hex, 16))))
