// The way of output into xterm: bytes, screens and changes of size in their order, and no answers to what somebody has answered already.
import { isAscii } from './ascii.ts'
import { OutputGather, type PassOutput } from './output-gather.ts'

export interface WritableTerminal {
  write(data: string | Uint8Array, parsed?: () => void): void
  resize(cols: number, rows: number): void
}
export type WriterScreen = { offset: number; cols: number; rows: number; text: Uint8Array }

// CAN ends whatever sequence was begun, RIS resets the terminal: in the stream, so that nothing is drawn between the reset and the screen.
const resetBytes = Uint8Array.of(0x18, 0x1b, 0x63)

/** A leading U+FEFF is the host's own. */
const newDecoder = () => new TextDecoder('utf-8', { ignoreBOM: true })

export class TerminalWriter {
  readonly #terminal: WritableTerminal
  readonly #silence: (silent: boolean) => void
  readonly #isAlwaysSilent: boolean
  /** What came while an act waits for its turn. */
  #behindAct: (() => void)[] | undefined
  /** xterm drops bytes that are no UTF-8 without a sign; decoded here each shows as U+FFFD, as in the recording. */
  #decoder = newDecoder()
  /** A character may be cut at the end of what was decoded last. */
  #isCut = false
  readonly #gather = new OutputGather((bytes, end, parsed) => this.#pass(bytes, end, parsed))
  #parsedTo = 0
  #silentUntil = 0

  /** `silence` is told whether questions of the host may be answered while what comes next is parsed. */
  constructor(terminal: WritableTerminal, silence: (silent: boolean) => void, isAlwaysSilent = false) {
    this.#terminal = terminal
    this.#silence = silence
    this.#isAlwaysSilent = isAlwaysSilent
    silence(isAlwaysSilent)
  }

  /** The terminal is new and the stream begins at `offset`; what lies before `silentUntil` has been parsed by another terminal, which gave the answers. */
  begin(offset: number, silentUntil: number): void {
    this.#parsedTo = offset
    this.#silentUntil = silentUntil
    this.#quietOrNot()
  }

  /** `end` is the offset behind the bytes; `parsed` hears how far they have been shown, not of each piece. */
  output: PassOutput = (bytes, end, parsed) => this.#gather.add(bytes, end, parsed)

  /** Redraws. `drawn` comes before `parsed`: the terminal has the screen's size then. */
  screen(screen: WriterScreen, parsed: (offset: number) => void, drawn: () => void): void {
    const { offset, cols, rows, text } = screen
    const bytes = new Uint8Array(resetBytes.length + text.length)
    bytes.set(resetBytes)
    bytes.set(text, resetBytes.length)
    this.act(() => {
      this.#terminal.resize(cols, rows)
      // A screen sets modes, of which one is answered with a report.
      this.#silence(true)
      this.#decoder = newDecoder()
      this.#isCut = false
      this.#terminal.write(this.#decoder.decode(bytes, { stream: true }), () => {
        drawn()
        this.#passed(offset, parsed)
      })
    })
  }

  /** Calls when everything before has been parsed; what comes later waits. */
  act(call: () => void): void {
    this.#gather.flush()
    if (this.#behindAct) return void this.#behindAct.push(() => this.act(call))
    const behind: (() => void)[] = []
    this.#behindAct = behind
    this.#terminal.write('', () => {
      this.#behindAct = undefined
      call()
      for (const one of behind) one()
    })
  }

  /** What is held is not written any more. */
  dispose(): void {
    this.#gather.stop()
  }

  #pass(bytes: Uint8Array, end: number, parsed: (offset: number) => void): void {
    const start = end - bytes.length
    const answered = this.#silentUntil - start
    if (answered <= 0 || answered >= bytes.length) return this.#write(bytes, end, parsed)
    this.#write(bytes.subarray(0, answered), this.#silentUntil, parsed)
    this.#write(bytes.subarray(answered), end, parsed)
  }

  #write(bytes: Uint8Array, end: number, parsed: (offset: number) => void): void {
    if (this.#behindAct) this.#behindAct.push(() => this.#write(bytes, end, parsed))
    else this.#terminal.write(this.#decoded(bytes), () => this.#passed(end, parsed))
  }

  /** xterm takes bytes sooner than text: what needs no decoding is left as it is. */
  #decoded(bytes: Uint8Array): string | Uint8Array {
    if (!this.#isCut && isAscii(bytes)) return bytes
    this.#isCut = (bytes.at(-1) ?? 0) >= 0x80
    return this.#decoder.decode(bytes, { stream: true })
  }

  #passed(offset: number, parsed: (offset: number) => void): void {
    this.#parsedTo = offset
    this.#quietOrNot()
    parsed(offset)
  }

  #quietOrNot(): void {
    this.#silence(this.#isAlwaysSilent || this.#parsedTo < this.#silentUntil)
  }
}
