// One terminal without a screen: bytes and sizes go in, a redraw string for exactly these bytes comes out.
import graphemes from '@xterm/addon-unicode-graphemes'
import headless, { type ITerminalAddon, type Terminal } from '@xterm/headless'
import { boundCounts } from '#domain/screen-counts.ts'
import { incompleteTail } from '#recording/utf8-pieces.ts'
import type { Size } from '#session/event.ts'
import { redraw } from './redraw.ts'
import { type Charset, charsetNames, type Core, coreOf } from './xterm-core.ts'

/** Of a sequence that has not ended. A longer one is a string that nobody waits for; its beginning stands for it. */
const maxUnfinishedBytes = 64 * 1024
const keptOfUnfinished = 256
/** xterm keeps a note for each hyperlink until its line is gone; made anew, the terminal keeps only those that are seen. */
const maxLinks = 4096
/** xterm keeps 10 MB of a title. */
const maxTitleChars = 4096
const none = new Uint8Array(0)

let charsets: ReadonlyMap<Charset, string> | undefined

/** The same width table as the page's terminal: `15-graphemes` is what the add-on sets. */
function makeTerminal({ cols, rows }: Size): Terminal {
  const terminal = new headless.Terminal({ cols, rows, scrollback: 0, allowProposedApi: true, logLevel: 'off' })
  terminal.loadAddon(new graphemes.UnicodeGraphemesAddon() as unknown as ITerminalAddon)
  boundCounts(terminal)
  return terminal
}

export class Emulator {
  #terminal!: Terminal
  #core!: Core
  readonly #colors = new Map<number, readonly [number, number, number]>()
  #links = 0
  /** Bytes of a sequence that has begun and not ended: the terminal does not show them yet. */
  #unfinished: Uint8Array = none
  /** Bytes of a character that is not whole. xterm gets it wrong when a chunk ends behind E2 80 (many dashes and quotes), so it gets whole characters only. */
  #held: Uint8Array = none

  /** `text` is what a former `redraw` gave. */
  constructor(size: Size, text: Uint8Array = none) {
    this.#make(size)
    charsets ??= charsetNames(makeTerminal({ cols: 2, rows: 1 }))
    if (text.length > 0) this.write(text)
  }

  get size(): Size {
    return { cols: this.#terminal.cols, rows: this.#terminal.rows }
  }
  /** Nothing has begun that has not ended. */
  get isAtGround(): boolean {
    return this.#unfinished.length === 0 && this.#held.length === 0
  }
  /** For tests that compare. */
  get terminal(): Terminal {
    return this.#terminal
  }

  /** Parses before it returns; the bytes may be used again. */
  write(bytes: Uint8Array): void {
    const all = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes])
    const whole = all.subarray(0, all.length - incompleteTail(all, all.length))
    this.#held = Uint8Array.from(all.subarray(whole.length))
    if (whole.length === 0) return
    this.#core.writeSync(whole)
    this.#note(whole)
    const { _inputHandler: handler } = this.#core
    if (handler._windowTitle.length > maxTitleChars) handler._windowTitle = handler._windowTitle.slice(0, maxTitleChars)
    if (this.#links > maxLinks && this.#unfinished.length === 0) this.#makeAnew()
    if (this.#unfinished.length <= maxUnfinishedBytes) return
    this.#unfinished = this.#unfinished.slice(0, keptOfUnfinished)
    this.#makeAnew()
  }

  resize({ cols, rows }: Size): void {
    this.#terminal.resize(cols, rows)
  }

  /** What a terminal of this size that was reset must be given to be as this one is, and to go on with the next byte. */
  redraw(): Uint8Array {
    const text = Buffer.from(redraw(this.#terminal, { charsets: charsets ?? new Map(), colors: this.#colors }), 'utf8')
    return Buffer.concat([text, this.#unexecuted(), this.#held])
  }

  dispose(): void {
    this.#terminal.dispose()
  }

  #make(size: Size): void {
    this.#terminal = makeTerminal(size)
    this.#core = coreOf(this.#terminal)
    this.#links = 0
    this.#terminal.parser.registerOscHandler(8, () => {
      this.#links += 1
      return false
    })
    this.#core._inputHandler.onColor((event) => {
      for (const { type, index, color } of event) {
        if (type === 1 && index !== undefined && color !== undefined) this.#colors.set(index, color)
        if (type === 2 && index === undefined) for (const known of this.#colors.keys()) if (known < 256) this.#colors.delete(known)
        if (type === 2 && index !== undefined) this.#colors.delete(index)
      }
    })
  }

  #makeAnew(): void {
    const text = this.redraw()
    const size = this.size
    this.dispose()
    this.#make(size)
    this.#held = none
    this.write(text)
  }

  /** Every sequence begins with ESC or a C1 control, and either ends what came before. */
  #note(bytes: Uint8Array): void {
    if (this.#core._inputHandler._parser.currentState === 0) {
      this.#unfinished = none
      return
    }
    const all = this.#unfinished.length === 0 ? bytes : Buffer.concat([this.#unfinished, bytes])
    this.#unfinished = Uint8Array.from(all.subarray(lastIntroducer(all)))
  }

  /** Within ESC and CSI control characters are carried out at once: the terminal shows what they did. */
  #unexecuted(): Uint8Array {
    const state = this.#core._inputHandler._parser.currentState
    if (state === 0 || state > 6) return this.#unfinished
    return this.#unfinished.filter((byte) => byte >= 0x20 || byte === 0x1b)
  }
}

/** DCS, SOS, CSI, OSC, PM and APC as C1 controls, in UTF-8 behind C2. */
const c1 = new Set([0x90, 0x98, 0x9b, 0x9d, 0x9e, 0x9f])

function lastIntroducer(bytes: Uint8Array): number {
  for (let at = bytes.length - 1; at > 0; at -= 1) {
    const byte = bytes[at] ?? 0
    if (byte === 0x1b) return at
    if (c1.has(byte) && bytes[at - 1] === 0xc2) return at - 1
  }
  return 0
}
