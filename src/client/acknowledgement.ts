// How far the output has come, been parsed and been acknowledged: every 32 KiB or 50 ms, at once after a WELCOME and a SCREEN.
import type { TerminalTimers } from './terminal-timers.ts'

/** An eighth of the least window, so that the host is never paused for want of an ACK that is due. */
export const ackEveryBytes = 32 * 1024
export const ackWithinMs = 50

export class Acknowledgement {
  readonly #send: (offset: number) => void
  readonly #timers: TerminalTimers
  #received = 0
  #parsed = 0
  #acknowledged = 0
  /** A SCREEN that the terminal has not drawn yet: nothing before its offset is acknowledged any more. */
  #undrawn: number | undefined
  #timer: { cancel(): void } | undefined
  #open = false

  constructor(send: (offset: number) => void, timers: TerminalTimers) {
    this.#send = send
    this.#timers = timers
  }

  /** Absolute offset behind the output received. */
  get received(): number {
    return this.#received
  }

  /** A connection was welcomed; the stream goes on at `offset`. */
  begin(offset: number): void {
    this.#open = true
    this.#received = this.#parsed = this.#acknowledged = offset
    this.#undrawn = undefined
    this.#send(offset)
  }

  /** Returns the offset behind these bytes. */
  output(length: number): number {
    this.#received += length
    return this.#received
  }

  screen(offset: number): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#received = this.#parsed = this.#undrawn = offset
  }

  parsed(offset: number): void {
    if (!this.#open) return
    if (this.#undrawn !== undefined) {
      if (offset < this.#undrawn) return
      this.#undrawn = undefined
      this.#parsed = Math.min(offset, this.#received)
      return this.#say()
    }
    if (offset <= this.#parsed) return
    this.#parsed = Math.min(offset, this.#received)
    if (this.#parsed - this.#acknowledged >= ackEveryBytes) this.#say()
    else
      this.#timer ??= this.#timers.after(ackWithinMs, () => {
        this.#timer = undefined
        if (this.#parsed > this.#acknowledged) this.#say()
      })
  }

  /** The connection is gone. */
  stop(): void {
    this.#open = false
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #say(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#acknowledged = this.#parsed
    this.#send(this.#acknowledged)
  }
}
