// What both roles share: the line read as frames, patience with a silent or useless other side, and an end that is told once.
import { Failure } from '#domain/failure.ts'
import { mostErrors, mostResends, resendMs, type ZmodemEnd } from './end.ts'
import { hasData, type Header } from './frame.ts'
import { LineReader } from './line-reader.ts'
import { Residue } from './residue.ts'
import type { Subpacket } from './subpacket-reader.ts'

/** The two letters need a way to the host and back. */
const mostFarewellMs = 1_000
const mostTrailerMs = 100

export type Role = {
  header: (header: Header) => void
  data: (subpacket: Subpacket) => void
  bad: (what: 'header' | 'data') => void
  /** Nothing useful was heard for a while: say again what is waited for. */
  silent: () => void
}

export class Conversation {
  readonly #role: Role
  readonly #send: (bytes: Uint8Array) => void
  readonly #now: () => number
  readonly #ended: (end: ZmodemEnd) => void
  readonly #reader: LineReader
  #phase: 'talking' | 'farewell' | 'residue' | 'over' = 'talking'
  #residue: Residue | undefined
  #why: Failure | undefined
  /** Letters of `OO` that may still come. */
  #letters = 0
  #farewellSince = 0
  #hasCrc32 = true
  #waitingSince: number
  #resends = 0
  #errors = 0
  #isPatient = false

  constructor(events: { send: (bytes: Uint8Array) => void; ended: (end: ZmodemEnd) => void; now: () => number }, role: Role) {
    this.#role = role
    this.#send = events.send
    this.#ended = events.ended
    this.#now = events.now
    this.#waitingSince = events.now()
    this.#reader = new LineReader({
      header: (header) => {
        if (hasData(header.type)) this.#hasCrc32 = header.kind === 'bin32'
        role.header(header)
      },
      data: (subpacket) => role.data(subpacket),
      bad: (what) => role.bad(what),
      cancelled: () => this.breakOff(new Failure('host_file_error', 'The program on the host cancelled the transfer.'), true),
    })
  }

  /** False from the moment on that its end is decided. */
  get isTalking(): boolean {
    return this.#phase === 'talking'
  }
  begin(header: Header): void {
    this.#reader.begin(header)
  }
  hunt(): void {
    this.#reader.hunt()
  }

  input(bytes: Uint8Array): void {
    const rest = this.#phase === 'talking' ? bytes.subarray(this.#reader.input(bytes)) : bytes
    if (this.#phase === 'residue') this.#end(this.#residue?.input(rest, this.#now()))
    else if (this.#phase === 'farewell') this.#farewell(rest)
  }

  /** To be called several times a second. */
  tick(): void {
    const now = this.#now()
    if (this.#phase === 'residue') this.#end(this.#residue?.tick(now))
    else if (this.#phase === 'farewell') {
      if (now - this.#farewellSince >= (this.#letters > 0 ? mostFarewellMs : mostTrailerMs)) this.#end(new Uint8Array(0))
    } else if (this.#phase === 'talking' && !this.#isPatient && now - this.#waitingSince >= resendMs) {
      this.#waitingSince = now
      this.#resends += 1
      if (this.#resends > mostResends) this.breakOff(new Failure('host_timeout', 'The program on the host fell silent in the middle of the transfer.'))
      else this.#role.silent()
    }
  }

  /** The other side did what was waited for. */
  progress(): void {
    this.#waitingSince = this.#now()
    this.#resends = 0
    this.#errors = 0
  }
  /** The other side said what is of no use; false when that was once too often. */
  slip(): boolean {
    this.#errors += 1
    if (this.#errors <= mostErrors) return true
    this.breakOff(
      new Failure('host_protocol_error', 'Too much of the transfer arrived broken. Is the line to the host clean, without tmux or screen in between?'),
    )
    return false
  }
  /** While it is our own side that is waited for, silence is right. */
  patience(isPatient: boolean): void {
    this.#isPatient = isPatient
    this.#waitingSince = this.#now()
  }

  /** Ends it; `why` undefined when our own side wanted that. */
  breakOff(why: Failure | undefined, isTold = false): void {
    if (this.#phase !== 'talking') return
    this.#phase = 'residue'
    this.#why = why
    this.#reader.stop()
    this.#residue = new Residue(this.#send, this.#now(), { isTold, hasCrc32: this.#hasCrc32 })
  }

  /** Ends it well, or with `why` though politely; what is left of the last header and `letters` O are not the terminal's. */
  close(letters: number, why?: Failure): void {
    if (this.#phase !== 'talking') return
    this.#phase = 'farewell'
    this.#why = why
    this.#letters = letters
    this.#farewellSince = this.#now()
    this.#reader.stop()
  }

  #farewell(bytes: Uint8Array): void {
    let at = this.#reader.skipTrailer(bytes)
    while (at < bytes.length && this.#letters > 0 && bytes[at] === 0x4f) {
      at += 1
      this.#letters -= 1
    }
    if (at < bytes.length || (this.#letters === 0 && !this.#reader.isInTrailer)) this.#end(bytes.subarray(at))
  }

  #end(rest: Uint8Array | undefined): void {
    if (rest === undefined) return
    const isFarewell = this.#phase === 'farewell'
    this.#phase = 'over'
    this.#ended(this.#why ? { how: 'failed', failure: this.#why, rest } : { how: isFarewell ? 'finished' : 'cancelled', rest })
  }
}
